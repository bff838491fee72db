"""Days and percentiles of what somebody did."""

import datetime as dt
from zoneinfo import ZoneInfo

from server.accounts.statistics import at_rank, days_until, steps


def test_days_begin_at_midnight_where_somebody_is_also_when_clocks_change() -> None:
    now = dt.datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("America/New_York"))
    days = [day.astimezone(dt.UTC).isoformat() for day in days_until(now, 3)]
    assert [day[:16] for day in days] == [
        "2026-03-07T05:00",
        "2026-03-08T05:00",
        "2026-03-09T04:00",
    ]


def test_percentiles_are_of_values_that_were_there() -> None:
    values = list(range(1, 21))
    assert (at_rank(values, 50), at_rank(values, 95), at_rank([7], 95)) == (10, 19, 7)
    assert steps([]) == []
    names = ("endpointing_ms", "recognising_ms", "thinking_ms", "speaking_ms", "total_ms")
    turn = dict(zip(names, (5, 4, 3, 2, 14), strict=True))
    first_sound = next(one for one in steps([turn]) if one.step == "first_sound")
    assert (first_sound.p50_ms, first_sound.p95_ms) == (2, 2)
