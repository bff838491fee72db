"""Which times a call may be asked for at."""

import datetime as dt

import pytest

from server.core.errors import AppError
from server.scheduled_calls.keeping import moment

NOON = dt.datetime(2026, 11, 25, 17, tzinfo=dt.UTC)


def test_a_time_of_any_zone_within_the_bounds_is_taken() -> None:
    assert moment(None, NOON, 30) == NOON
    there = dt.datetime(2026, 11, 25, 13, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    assert moment(there, NOON, 30) == NOON + dt.timedelta(minutes=90)
    assert moment(there, NOON, 30).tzinfo is dt.UTC
    assert moment(NOON + dt.timedelta(days=30), NOON, 30) == NOON + dt.timedelta(days=30)
    assert moment(NOON - dt.timedelta(seconds=59), NOON, 30) < NOON


@pytest.mark.parametrize(
    "asked",
    [
        NOON - dt.timedelta(minutes=2),
        NOON + dt.timedelta(days=30, seconds=1),
        dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))),
        dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-12))),
    ],
)
def test_any_other_is_refused(asked: dt.datetime) -> None:
    with pytest.raises(AppError) as refused:
        moment(asked, NOON, 30)
    assert refused.value.code == "bad_request"
