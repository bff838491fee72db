"""Times for clients."""

import datetime as dt

import pytest

from server.core.times import next_month, rfc3339


def test_times_are_utc_with_milliseconds() -> None:
    at = dt.datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert rfc3339(at) == "2026-01-02T02:04:05.678Z"
    assert rfc3339(None) is None


@pytest.mark.parametrize(
    ("at", "then"), [((2026, 12, 31), (2027, 1, 1)), ((2028, 2, 29), (2028, 3, 1))]
)
def test_the_month_turns(at: tuple[int, int, int], then: tuple[int, int, int]) -> None:
    assert next_month(dt.datetime(*at, 23, 59, tzinfo=dt.UTC)) == dt.datetime(*then, tzinfo=dt.UTC)
