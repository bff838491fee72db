"""Quiet hours: by the number's own time zones, on both sides of a change of clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.consent.hours import Hours, opens_at, zones
from server.vendors.twilio.error_codes import explain

WASHINGTON, PHOENIX = "+12025550100", "+16025550100"
HOURS = Hours()


def at(text: str, zone: str = "America/New_York") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-25 08:59", "2026-11-25 09:00"),  # a Wednesday
        ("2026-11-25 09:00", None),
        ("2026-11-25 19:59", None),
        ("2026-11-25 20:00", "2026-11-26 09:00"),
        ("2026-11-28 21:00", "2026-11-29 12:00"),  # Saturday night: Sundays begin at noon
        ("2026-11-29 11:59", "2026-11-29 12:00"),
        ("2026-11-29 12:00", None),
        ("2026-11-01 01:30", "2026-11-01 12:00"),  # clocks went back at two
        ("2026-03-08 01:30", "2026-03-08 12:00"),  # and forward
    ],
)
def test_a_number_is_written_to_in_its_own_daytime(now: str, opens: str | None) -> None:
    assert opens_at(WASHINGTON, at(now), HOURS) == (None if opens is None else at(opens))


def test_where_clocks_do_not_change_the_hour_stays() -> None:
    winter, summer = (
        at("2026-01-15 09:00", "America/Phoenix"),
        at("2026-07-15 09:00", "America/Phoenix"),
    )
    assert winter.hour == summer.hour == 16
    assert opens_at(PHOENIX, winter, HOURS) is opens_at(PHOENIX, summer, HOURS) is None


@pytest.mark.parametrize("code", ["850", "448", "423", "208", "867", "474", "812"])
def test_a_number_that_may_be_in_several_zones_waits_until_it_is_day_in_all(code: str) -> None:
    number = f"+1{code}2345678"
    assert len(zones(number)) > 1
    for hour in range(24):
        now = at("2026-11-25 00:30") + dt.timedelta(hours=hour)
        opens = opens_at(number, now, HOURS)
        for zone in zones(number):
            assert 9 <= (opens or now).astimezone(zone).hour < 20


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+12462501234", "America/Barbados"), ("+14413701234", "Atlantic/Bermuda"),
        ("+447400123456", "Europe/London"), ("+4915112345678", "Europe/Berlin"),
    ],
)  # fmt: skip
def test_a_mobile_number_is_in_its_country_and_in_no_other(number: str, zone: str) -> None:
    assert {one.key for one in zones(number)} == {zone}


@pytest.mark.parametrize(
    ("number", "here"),
    [
        ("+212650123456", {"Africa/Casablanca"}), ("+213551234567", {"Africa/Algiers"}),
        ("+211977123456", {"Africa/Juba"}), ("+218912345678", {"Africa/Tripoli"}),
        ("+50581234567", {"America/Managua"}), ("+970599123456", {"Asia/Gaza", "Asia/Hebron"}),
        ("+74012531234", {"Europe/Kaliningrad"}),
        ("+299321000", {"America/Nuuk", "America/Scoresbysund"}),
        ("+38343201234", {"Europe/Belgrade"}),  # Kosovo, of which the table has none
    ],
)  # fmt: skip
def test_where_clocks_of_two_countries_once_agreed_a_number_is_in_its_own(
    number: str, here: set[str]
) -> None:
    assert {one.key for one in zones(number)} == here


def test_nobody_in_algeria_is_texted_at_eight_in_summer() -> None:
    eight = at("2026-07-15 08:00", "Africa/Algiers")
    assert opens_at("+213551234567", eight, HOURS) == eight + dt.timedelta(hours=1)


def test_who_states_a_zone_is_believed() -> None:
    now = at("2026-11-25 09:30")
    assert opens_at(PHOENIX, now, HOURS) is not None
    assert opens_at(PHOENIX, now, HOURS, [ZoneInfo("America/New_York")]) is None


@pytest.mark.parametrize(("number", "hour"), [("+16042345678", 16), ("+12042345678", 14)])
def test_canada_is_not_woken_an_hour_early_in_winter(number: str, hour: int) -> None:
    nine = dt.datetime(2026, 12, 15, hour, tzinfo=dt.UTC)
    assert opens_at(number, nine, HOURS) is None
    assert opens_at(number, nine - dt.timedelta(minutes=1), HOURS) == nine


def test_a_number_elsewhere_is_in_the_librarys_zones() -> None:
    assert [zone.key for zone in zones("+442079460000")] == ["Europe/London"]


@given(st.integers(0, 2 * 366 * 24 * 60))
def test_when_it_opens_it_is_open(minutes: int) -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    opens = opens_at(WASHINGTON, now, HOURS)
    assert opens is None or (opens > now and opens_at(WASHINGTON, opens, HOURS) is None)


def test_error_numbers_are_explained() -> None:
    assert explain(None) is None
    assert explain(30003) == "The phone is switched off or out of reach."
    assert "99999" in (explain(99999) or "")
