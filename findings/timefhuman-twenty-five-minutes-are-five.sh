#!/usr/bin/env bash
# timefhuman 0.1.5: "in twenty-five minutes" is in five, and "in half an hour" in a whole one.
#
# Its README has it read durations in any text, and "in twenty five minutes", "in 25 minutes" and "in
# 0.5 hours" are read as meant. Of a number with its hyphen only what stands behind the hyphen is
# read, and of "half an hour" the hour. Only the option return_matched_text, which tells the words
# that it went by, shows that; the time by itself looks like any that was understood.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "timefhuman==0.1.5" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import datetime

from timefhuman import tfhConfig, timefhuman

now = datetime.datetime(2026, 11, 30, 10, 0)
config = tfhConfig(now=now, return_matched_text=True)


def minutes(text: str) -> tuple[str, float]:
    [(words, _, at)] = timefhuman(text, config=config)
    return words, (at - now).total_seconds() / 60


same = {
    "in twenty five minutes": 25,
    "in 25 minutes": 25,
    "in ninety minutes": 90,
    "in 0.5 hours": 30,
    "in 1 hour and 30 minutes": 90,
}
for text, meant in same.items():
    assert minutes(text)[1] == meant, text

for text, meant, read in (
    ("call me in twenty-five minutes", 25, 5),
    ("call me in forty-five minutes", 45, 5),
    ("call me in half an hour", 30, 60),
    ("call me in an hour and a half", 90, 60),
):
    words, got = minutes(text)
    print(f"{text!r} is in {got:g} minutes, not {meant}, by {words!r}")
    if got != read:
        raise SystemExit("it is read otherwise: the behaviour has changed")
PYTHON
