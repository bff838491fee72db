"""Boundaries of periods, by what must always hold."""

import calendar
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox.stripe.core.periods import AnchorConfig, Recurring, boundary, first_anchor, period_at
from tests.unit.sandbox.stripe.in_memory import at

MOMENTS = st.integers(at("2020-01-01"), at("2060-01-01"))

RECURRING = st.builds(
    Recurring, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 6)
)


@given(MOMENTS, RECURRING, MOMENTS)
def test_every_moment_is_in_exactly_one_period(
    anchor: int, recurring: Recurring, moment: int
) -> None:
    start, end = period_at(anchor, recurring, moment)
    assert start <= moment < end
    assert period_at(anchor, recurring, start) == (start, end)
    assert period_at(anchor, recurring, end - 1) == (start, end)
    assert period_at(anchor, recurring, end)[0] == end


@given(MOMENTS, RECURRING, st.integers(0, 200))
def test_boundaries_keep_the_anchors_day_and_clock_where_the_month_has_it(
    anchor: int, recurring: Recurring, number: int
) -> None:
    assume(recurring.interval in ("month", "year"))
    start = datetime.fromtimestamp(anchor, tz=UTC)
    moment = datetime.fromtimestamp(boundary(anchor, recurring, number), tz=UTC)
    last = calendar.monthrange(moment.year, moment.month)[1]
    assert moment.day == min(start.day, last)
    assert moment.time() == start.time()


@given(MOMENTS, st.integers(1, 31))
def test_the_first_anchor_is_the_next_such_day_at_midnight(now: int, day: int) -> None:
    anchor = first_anchor(now, AnchorConfig(day_of_month=day, hour=0, minute=0, second=0))
    moment = datetime.fromtimestamp(anchor, tz=UTC)
    last = calendar.monthrange(moment.year, moment.month)[1]
    assert now <= anchor <= now + 31 * 86_400 + 86_400
    assert (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    assert moment.day == min(day, last)


@pytest.mark.parametrize(
    ("anchor", "number", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2026-12-31 23:59:59", 1, "2027-01-31 23:59:59"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_months_end_where_they_end_and_come_back(anchor: str, number: int, expected: str) -> None:
    assert boundary(at(anchor), Recurring("month"), number) == at(expected)


def test_a_leap_day_comes_back_every_fourth_year() -> None:
    yearly = Recurring("year")
    anchor = at("2028-02-29 08:00:00")
    assert boundary(anchor, yearly, 1) == at("2029-02-28 08:00:00")
    assert boundary(anchor, yearly, 4) == at("2032-02-29 08:00:00")


def test_a_wished_day_the_anchors_month_has_not_comes_back_later() -> None:
    anchor = first_anchor(
        at("2026-11-02"), AnchorConfig(day_of_month=31, hour=0, minute=0, second=0)
    )
    assert anchor == at("2026-11-30")
    assert boundary(anchor, Recurring("month"), 1, day=31) == at("2026-12-31")


def test_what_an_anchor_leaves_open_is_the_creations_own() -> None:
    now = at("2026-11-23 12:34:56")
    assert first_anchor(now, AnchorConfig(day_of_month=1)) == at("2026-12-01 12:34:56")
    assert first_anchor(now, AnchorConfig(day_of_month=23)) == now
    in_march = AnchorConfig(day_of_month=5, month=3, hour=0, minute=0, second=0)
    assert first_anchor(now, in_march) == at("2027-03-05")
