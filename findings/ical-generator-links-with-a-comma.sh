#!/usr/bin/env bash
# ical-generator 11.1.2: a link with a comma or a semicolon in it leads elsewhere in the calendar.
#
# Commas and semicolons are escaped in texts. The value of URL, and of an ATTACH that is a link, is a
# URI, where a backslash has no such meaning (RFC 5545, section 3.3.13). The package escapes them all
# the same, even behind VALUE=URI. ical.js 2.2.1, which reads by the RFC, gives a link with backslashes:
# a map's "@52.5,13.4" becomes "@52.5\,13.4". icalendar 7.3.2 (PyPI) takes them away from URL, so that
# what a calendar shows depends on its reader. As ics 3.12.0 writes the link, both read what was given.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "icalendar==7.3.2" 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" \
    "ical-generator@11.1.2" "ics@3.12.0" "ical.js@2.2.1"
cat > "$folder/write.mjs" <<'JAVASCRIPT'
import ICAL from "ical.js";
import ical from "ical-generator";
import { createEvent } from "ics";

const results = process.argv.slice(2).map((url) => {
  const calendar = ical();
  const start = new Date("2026-12-01T08:00:00Z");
  calendar.createEvent({ id: "1", start, summary: "Call", url, attachments: [url] });
  const other = createEvent({ uid: "1", start: [2026, 12, 1, 8, 0], duration: { hours: 1 }, url });
  if (other.error) throw other.error;
  const texts = [calendar.toString(), other.value];
  const events = texts.map((text) =>
    new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
  return {
    texts, attached: events[0].getFirstPropertyValue("attach"),
    links: events.map((event) => event.getFirstPropertyValue("url")),
  };
});
console.log(JSON.stringify(results));
JAVASCRIPT
WRITE="$folder/write.mjs" "$folder/venv/bin/python" - <<'PYTHON'
import json
import os
import subprocess

from icalendar import Calendar


def link(text: str) -> str:
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return str(event["URL"])


urls = ["https://example.com/map/@52.5,13.4", "https://example.com/a;v=2", "https://example.com/b?c=1"]
results = json.loads(subprocess.check_output(["node", os.environ["WRITE"], *urls]))
for url, result in zip(urls, results):
    escaped = url.replace(",", "\\,").replace(";", "\\;")
    (text, other), (seen, seen_of_other) = result["texts"], result["links"]
    print(f"{url}: ical.js {seen} (attached {result['attached']}), icalendar {link(text)}")
    assert link(text) == link(other) == seen_of_other == url, "others have changed"
    if (seen, result["attached"]) != (escaped, escaped):
        raise SystemExit("it is written otherwise: the behaviour has changed")
PYTHON
