#!/usr/bin/env bash
# ical.js 2.2.1: the 20th Monday of the year is every Monday, and the 11th from its end the first.
#
# BYDAY may say which Monday of a year is meant, from 1 to 53 and from -1 to -53 (RFC 5545, section
# 3.3.10, which has 20MO among its examples). Of two digits the package takes the second alone, and
# the sign goes with the first: 20MO is read as MO, so that the event is there each week, and both
# 11MO and -11MO as 1MO. The rule is written out again as it came, so nothing shows the difference
# but the dates. Numbers of one digit are right; python-dateutil 4.0.0 has all of them right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "python-dateutil==4.0.0" 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "ical.js@2.2.1"
cat > "$folder/dates.mjs" <<'JAVASCRIPT'
import ICAL from "ical.js";

const dates = (day, begin) => {
  const rule = ICAL.Recur.fromString(`FREQ=YEARLY;BYDAY=${day}`);
  if (rule.toString() !== `FREQ=YEARLY;BYDAY=${day}`) throw new Error(rule.toString());
  const each = rule.iterator(ICAL.Time.fromString(begin));
  return [1, 2, 3].map(() => each.next().toString().slice(0, 10));
};
const [begin, ...days] = process.argv.slice(2);
console.log(JSON.stringify(days.map((day) => dates(day, begin))));
JAVASCRIPT
DATES="$folder/dates.mjs" "$folder/venv/bin/python" - <<'PYTHON'
import json
import os
import subprocess
from datetime import datetime

from dateutil.rrule import rrulestr

BEGIN = datetime(1997, 1, 1, 9)


def dates(day: str) -> list[str]:
    rule = rrulestr(f"FREQ=YEARLY;BYDAY={day}", dtstart=BEGIN)
    return [rule[at].date().isoformat() for at in range(3)]


read_as = {f"{number}MO": f"{number % 10 or ''}MO" for number in range(1, 54)}
read_as |= {
    f"-{number}MO": f"-{number}MO" if number < 10 else f"{number % 10 or ''}MO"
    for number in range(1, 54)
}
command = ["node", os.environ["DATES"], BEGIN.isoformat(), *read_as]
theirs = dict(zip(read_as, json.loads(subprocess.check_output(command))))
assert dates("20MO") == ["1997-05-19", "1998-05-18", "1999-05-17"], "dateutil has changed"
for day in ("9MO", "-9MO", "11MO", "-11MO", "20MO"):
    print(f"{day}: ical.js {theirs[day]}, dateutil {dates(day)}")
for day, other in read_as.items():
    if theirs[day] != dates(other):
        raise SystemExit(f"{day} is not read as {other}: the behaviour has changed")
PYTHON
