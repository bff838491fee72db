#!/usr/bin/env bash
# twilio 9.13.0 (Python): nine o'clock in Berlin is sent to Twilio as nine o'clock UTC.
#
# Parameters such as `send_at` of a scheduled message and `start_time_after` of a list of calls take
# a datetime and go out as ISO 8601 with "Z". The package writes the clock's digits of whatever it is
# given and puts the "Z" behind them, so the offset of a datetime that has one is lost without an
# error: a message for 9:00 in Berlin leaves an hour late in winter, and one for New York hours early.
# Only a datetime in UTC says the moment that was meant. Twilio's package for Node, 6.3.1, converts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "twilio==9.13.0" "tzdata==2026.6" 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "twilio@6.3.1"
cat > "$folder/node.cjs" <<'JAVASCRIPT'
const { iso8601DateTime } = require("twilio/lib/base/serialize");
console.log(JSON.stringify(process.argv.slice(2).map((moment) => iso8601DateTime(new Date(moment)))));
JAVASCRIPT
NODE="$folder/node.cjs" "$folder/venv/bin/python" - <<'PYTHON'
import json
import logging
import os
import subprocess
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client


class Kept(HttpClient):
    """Sends nothing and keeps what would have been sent."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("kept"), False)
        self.said: list[str] = []

    def request(self, method, url, params=None, data=None, *_, **__):
        if method == "POST":
            self.said.append(data["SendAt"])
            return Response(201, "{}")
        self.said.append(params["StartTime>"])
        return Response(200, '{"calls": [], "next_page_uri": null}')


kept = Kept()
client = Client("AC" + "0" * 32, "token", http_client=kept)
moment = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
zones = {"UTC": 8, "Europe/Berlin": 9, "America/New_York": 3}
same = [moment.astimezone(ZoneInfo(zone)) for zone in zones]
theirs = json.loads(
    subprocess.check_output(["node", os.environ["NODE"], *(at.isoformat() for at in same)])
)
assert theirs == ["2026-12-01T08:00:00Z"] * 3, "the package for Node has changed"
for (zone, hour), at in zip(zones.items(), same):
    kept.said.clear()
    client.messages.create(
        to="+15005550006",
        messaging_service_sid="MG" + "0" * 32,
        body="Good morning",
        schedule_type="fixed",
        send_at=at,
    )
    client.calls.list(start_time_after=at)
    print(f"{at.isoformat()} ({zone}): sent {kept.said}, by Node {theirs[0]}")
    if kept.said != [f"2026-12-01T{hour:02}:00:00Z"] * 2:
        raise SystemExit("the offset is heeded: the behaviour has changed")
PYTHON
