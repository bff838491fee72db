#!/usr/bin/env bash
# ts-ics 2.4.6: a guest called "Sales: Jane" is written with an address that nobody has.
#
# A parameter's value that holds a comma, a semicolon or a colon stands between quotes (RFC 5545,
# section 3.2), and "Doe, Jane" is how many directories write names. The package writes CN as it is
# given, for organizer and attendees. Behind a colon the rest of the name becomes the beginning of the
# address, for ts-ics itself as for ical.js 2.2.1; behind a semicolon it is lost, and with it, for
# icalendar 7.3.2 (PyPI), the whole guest, without an error; a comma makes two names there. Those two
# read the same names rightly as ical-generator 11.1.2 writes them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "icalendar==7.3.2" 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" \
    "ts-ics@2.4.6" "ical.js@2.2.1" "ical-generator@11.1.2"
cat > "$folder/write.mjs" <<'JAVASCRIPT'
import ICAL from "ical.js";
import ical from "ical-generator";
import { convertIcsCalendar, generateIcsCalendar } from "ts-ics";

const date = new Date("2026-12-01T08:00:00Z");
const byTsIcs = (name) => {
  const attendees = [{ name, email: "jane@example.com" }];
  const event = { uid: "1", stamp: { date }, start: { date }, duration: { hours: 1 }, summary: "Call" };
  return generateIcsCalendar({
    version: "2.0", prodId: "-//Example//EN", events: [{ ...event, attendees }],
  });
};
const byGenerator = (name) => {
  const calendar = ical();
  const event = calendar.createEvent({ id: "1", start: date, summary: "Call" });
  event.createAttendee({ name, email: "jane@example.com" });
  return calendar.toString();
};
const bare = (address) => address.replace(/^mailto:/i, "");
const byIcalJs = (text) => {
  const event = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent");
  const guest = event.getFirstProperty("attendee");
  return [guest.getParameter("cn"), bare(guest.getFirstValue())];
};
const results = process.argv.slice(2).map((name) => {
  const texts = [byTsIcs(name), byGenerator(name)];
  const [guest] = convertIcsCalendar(undefined, texts[0]).events[0].attendees;
  return { texts, own: [guest.name, guest.email], read: texts.map(byIcalJs) };
});
console.log(JSON.stringify(results));
JAVASCRIPT
WRITE="$folder/write.mjs" "$folder/venv/bin/python" - <<'PYTHON'
import json
import os
import re
import subprocess

from icalendar import Calendar

JANE = "jane@example.com"


def guest(text: str) -> list[object] | None:
    """Name and address, by icalendar; none where it finds no guest."""
    [event] = Calendar.from_ical(text).walk("VEVENT")
    if (found := event.get("ATTENDEE")) is None:
        return None
    return [found.params["CN"], re.sub("^mailto:", "", found, flags=re.IGNORECASE)]


MOVED = f" Jane:MAILTO:{JANE}"
names = {  # and who it is for ts-ics, ical.js and icalendar
    "Jane Doe": [["Jane Doe", JANE]] * 3,
    "Sales: Jane": [["Sales", f" Jane:{JANE}"], ["Sales", MOVED], ["Sales", MOVED]],
    "Doe; Jane": [["Doe", JANE], ["Doe", JANE], None],
    "Doe, Jane": [["Doe, Jane", JANE], ["Doe, Jane", JANE], [["Doe", " Jane"], JANE]],
}
results = json.loads(subprocess.check_output(["node", os.environ["WRITE"], *names]))
for (name, expected), result in zip(names.items(), results):
    (text, other), (by_icaljs, other_by_icaljs) = result["texts"], result["read"]
    seen = [result["own"], by_icaljs, guest(text)]
    print(f"{name!r}, as ts-ics, ical.js and icalendar read it: {seen}")
    assert other_by_icaljs == guest(other) == [name, JANE], "ical-generator's is read otherwise"
    if seen != expected:
        raise SystemExit("it is written otherwise: the behaviour has changed")
PYTHON
