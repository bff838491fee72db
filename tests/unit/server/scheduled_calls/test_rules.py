"""When a scheduled call may be placed, is tried again, and is given up."""

import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from db.scheduled_calls import ScheduledRow
from server.core.errors import KINDS
from server.core.settings.calling import Scheduled
from server.scheduled_calls.rules import Next, after_call, after_refusal, before_call

NOON = dt.datetime(2026, 11, 25, 17, tzinfo=dt.UTC)
SETTINGS = Scheduled(retries=2, retry_minutes=15, late_hours=24)
ROW = ScheduledRow(
    uuid.uuid4(), uuid.uuid4(), "+12025550100", "bread", None, NOON, NOON, "scheduled", 0, None,
    None, None, NOON, NOON,
)  # fmt: skip


def row(**changes: Any) -> ScheduledRow:
    return msgspec.structs.replace(ROW, **changes)


def later(**span: float) -> dt.datetime:
    return NOON + dt.timedelta(**span)


@pytest.mark.parametrize(
    ("attempts", "is_own", "opens_at", "now", "expected"),
    [
        (0, False, None, NOON, None),
        (0, False, later(hours=9), NOON, Next("scheduled", "quiet_hours", later(hours=9))),
        (0, True, later(hours=9), NOON, None),
        (0, True, later(hours=9), later(minutes=15), None),
        (0, True, later(hours=9), later(minutes=16),
         Next("scheduled", "quiet_hours", later(hours=9))),
        (1, True, later(hours=9), later(minutes=15),
         Next("scheduled", "quiet_hours", later(hours=9))),
        (0, False, later(hours=25), NOON, Next("failed", "quiet_hours")),
        (0, True, None, later(hours=24), None),
        (0, True, None, later(hours=25), Next("failed", "too_late")),
    ],
)  # fmt: skip
def test_quiet_hours_are_waited_for_unless_somebody_wants_just_this_hour(
    attempts: int, is_own: bool, opens_at: dt.datetime | None, now: dt.datetime,
    expected: Next | None,
) -> None:  # fmt: skip
    found = before_call(row(attempts=attempts), opens_at, now, SETTINGS, is_own=is_own)
    assert found == expected


def test_who_was_not_reached_is_tried_again_so_often_and_then_no_more() -> None:
    for status in ("busy", "no_answer"):
        for attempts in (1, 2):
            again = after_call(row(attempts=attempts), status, NOON, SETTINGS)
            assert again == Next("scheduled", status, later(minutes=15))
        assert after_call(row(attempts=3), status, NOON, SETTINGS) == Next("failed", status)
        late = later(hours=23, minutes=50)
        assert after_call(row(attempts=1), status, late, SETTINGS) == Next("failed", status)


def test_any_other_end_is_one() -> None:
    assert after_call(row(attempts=1), "ended", NOON, SETTINGS) == Next("done", "ended")
    for status in ("failed", "canceled", "lost"):
        assert after_call(row(attempts=1), status, NOON, SETTINGS) == Next("failed", status)


def test_what_passes_by_itself_is_waited_for_and_nothing_else() -> None:
    passing = {
        code for code in KINDS if after_refusal(ROW, code, 0, NOON, SETTINGS).status == "scheduled"
    }
    assert passing == {
        "draining", "at_capacity", "unavailable", "too_many_at_once", "too_many_calls",
        "quiet_hours",
    }  # fmt: skip
    assert after_refusal(ROW, "plan_limit", 0, NOON, SETTINGS) == Next("failed", "plan_limit")
    busy = after_refusal(ROW, "too_many_calls", 600, NOON, SETTINGS)
    assert busy.at == later(minutes=10)
    assert after_refusal(ROW, "draining", 1, NOON, SETTINGS).at == later(seconds=30)
    assert after_refusal(ROW, "too_many_calls", 90_000, NOON, SETTINGS).status == "failed"
