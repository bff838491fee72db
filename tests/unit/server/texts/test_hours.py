"""Quiet hours: by the number's own time zones, on both sides of a change of clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.texts.hours import Hours, opens_at, zones
from server.vendors.twilio.error_codes import explain

WASHINGTON, PHOENIX, TOLL_FREE = "+12025550100", "+16025550100", "+18005550100"
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


def test_a_number_that_may_be_anywhere_waits_until_it_is_day_everywhere() -> None:
    assert len(zones(TOLL_FREE)) > 5
    now = at("2026-11-25 09:30")  # day in New York, night in California
    opens = opens_at(TOLL_FREE, now, HOURS)
    assert opens is not None
    for zone in zones(TOLL_FREE):
        assert 9 <= opens.astimezone(zone).hour < 20


@given(st.integers(0, 2 * 366 * 24 * 60))
def test_when_it_opens_it_is_open(minutes: int) -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    opens = opens_at(WASHINGTON, now, HOURS)
    assert opens is None or (opens > now and opens_at(WASHINGTON, opens, HOURS) is None)


def test_error_numbers_are_explained() -> None:
    assert explain(None) is None
    assert explain(30003) == "The phone is switched off or out of reach."
    assert "99999" in (explain(99999) or "")
