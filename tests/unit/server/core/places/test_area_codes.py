"""Where area codes can be."""

import phonenumbers
import pytest

from server.core.places import time_zones
from server.core.places.area_codes import ZONES

EAST, CENTRAL, MOUNTAIN = "America/New_York", "America/Chicago", "America/Denver"


@pytest.mark.parametrize(
    ("codes", "zones"),
    [
        ("202 689 864 865", {EAST}),
        ("850 448 270 364 423 729 931", {EAST, CENTRAL}),
        ("605 308 785 915", {CENTRAL, MOUNTAIN}),
        ("906", {"America/Detroit", "America/Menominee"}),
        ("208 986 541 458", {"America/Boise", "America/Los_Angeles"}),
        ("602 520", {"America/Phoenix"}),
        ("306 474 639",
         {"America/Regina", "America/Swift_Current", "America/Edmonton", "America/Winnipeg"}),
        ("807", {"America/Atikokan", "America/Toronto", "America/Winnipeg"}),
    ],
)  # fmt: skip
def test_a_code_can_be_in_every_zone_that_it_or_its_overlay_reaches(
    codes: str, zones: set[str]
) -> None:
    for code in codes.split():
        assert set(ZONES[code]) == zones


def test_867_can_be_anywhere_in_the_north() -> None:
    assert {"America/Whitehorse", "America/Iqaluit", "America/Rankin_Inlet"} <= set(ZONES["867"])


def test_every_code_that_the_metadata_places_in_both_countries_is_there() -> None:
    known = {
        str(code)
        for code in range(200, 1000)
        for number in [phonenumbers.parse(f"+1{code}2345678")]
        if phonenumbers.region_code_for_number(number) in {"US", "CA"}
        and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    }
    assert known - set(ZONES) == set()


def test_every_zone_is_one() -> None:
    for name in {name for names in ZONES.values() for name in names}:
        assert time_zones.zone(name).key == name
