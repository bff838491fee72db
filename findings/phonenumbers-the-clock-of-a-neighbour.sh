#!/usr/bin/env bash
# phonenumbers 9.0.43: numbers of some countries are given a zone of another country, hours off today.
#
# `timezone.time_zones_for_number` has for a prefix the name of one zone of each offset, and for several
# countries that is a zone elsewhere whose clocks agreed with theirs when it was chosen: Morocco has the
# Canaries', Algeria Paris's, Libya Bucharest's, Nicaragua Chicago's, South Sudan Nairobi's.
# None of them changes its clocks as that one does, so that the answer is one hour off for half a year or
# the whole of it. The country itself is known (`region_code_for_number`), and the
# tz database says which zones lie in it (zone.tab).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "phonenumbers==9.0.43" "tzdata==2026.6" 2>/dev/null
PYTHONTZPATH="" "$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timezone as utc
from importlib import resources
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

DAYS = [datetime(2026, month, 15, 12, tzinfo=utc.utc) for month in (1, 7)]
lines = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8").splitlines()
inside = [line.split("\t")[:3:2] for line in lines if not line.startswith("#")]


def hours(name):
    return [day.astimezone(ZoneInfo(name)).utcoffset().total_seconds() / 3600 for day in DAYS]


off = {}
for region in ("MA", "DZ", "LY", "NI", "SS"):
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    [told] = timezone.time_zones_for_number(number)
    own = next(name for country, name in inside if country == region)
    assert phonenumbers.region_code_for_number(number) == region
    off[region] = [a - b for a, b in zip(hours(told), hours(own))]
    print(f"{region}: told {told} {hours(told)}, in truth {own} {hours(own)} (January, July)")
if off != {"MA": [-1, 0], "DZ": [0, 1], "LY": [0, 1], "NI": [0, 1], "SS": [1, 1]}:
    raise SystemExit(f"other answers: the behaviour has changed, {off}")
PYTHON
