"""When a scheduled call may be placed, when it is tried again, and when it is given up. Pure."""

import datetime as dt
from typing import Literal

import msgspec

from db.calls import CallStatus
from db.scheduled_calls import ScheduledRow
from server.core.settings.calling import Scheduled

PUNCTUAL = dt.timedelta(minutes=15)
_SHORTEST = dt.timedelta(seconds=30)
_UNANSWERED = frozenset({"busy", "no_answer"})
# What passes by itself; every other refusal stays one.
_PASSING = frozenset(
    {"draining", "at_capacity", "unavailable", "too_many_at_once", "too_many_calls", "quiet_hours"}
)


class Next(msgspec.Struct, frozen=True):
    """How it stands then and why; one that stays "scheduled" is tried `at`."""

    status: Literal["scheduled", "done", "failed"]
    reason: str
    at: dt.datetime | None = None


def before_call(
    row: ScheduledRow, opens_at: dt.datetime | None, now: dt.datetime, settings: Scheduled, *,
    is_own: bool,
) -> Next | None:  # fmt: skip
    """What hinders a call that is due; None: it may be placed. Quiet hours end at `opens_at`, if
    they are. Who wants to be called at an hour of their choice, at their own number, is; not when
    the call comes late, or once more.
    """
    if now > _last(row, settings):
        return Next("failed", "too_late")
    is_wanted_now = is_own and row.attempts == 0 and now <= row.starts_at + PUNCTUAL
    if opens_at is None or is_wanted_now:
        return None
    return _again(row, opens_at, "quiet_hours", settings)


def after_call(
    row: ScheduledRow, status: CallStatus, now: dt.datetime, settings: Scheduled
) -> Next:
    """What follows when the call of the last attempt is over with this status."""
    if status not in _UNANSWERED:
        return Next("done" if status == "ended" else "failed", status)
    if row.attempts > settings.retries:
        return Next("failed", status)
    return _again(row, now + dt.timedelta(minutes=settings.retry_minutes), status, settings)


def after_refusal(
    row: ScheduledRow, code: str, wait_seconds: float, now: dt.datetime, settings: Scheduled
) -> Next:
    """What follows when the call could not be placed, for so long at least."""
    if code not in _PASSING:
        return Next("failed", code)
    wait = max(_SHORTEST, dt.timedelta(seconds=wait_seconds))
    return _again(row, now + wait, code, settings)


def _again(row: ScheduledRow, at: dt.datetime, reason: str, settings: Scheduled) -> Next:
    return Next("failed", reason) if at > _last(row, settings) else Next("scheduled", reason, at)


def _last(row: ScheduledRow, settings: Scheduled) -> dt.datetime:
    return row.starts_at + dt.timedelta(hours=settings.late_hours)
