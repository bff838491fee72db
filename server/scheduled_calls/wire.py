"""A scheduled call as its owner sees it, and what is told of it."""

import uuid

import msgspec

from db.scheduled_calls import ScheduledRow, Status
from server.core.events import Event, Subject
from server.core.times import rfc3339
from server.core.transaction import Transaction


class ScheduledCallOut(msgspec.Struct, frozen=True):
    """A call to be placed later. `attempts` are the calls placed so far and `call_id` is the last
    of them; `reason` says why it waits, or how it ended: a status of calls, or an error's code."""

    id: uuid.UUID
    to: str
    topic: str
    agent: str | None
    start_at: str | None
    next_attempt_at: str | None
    status: Status
    attempts: int
    reason: str | None
    call_id: uuid.UUID | None
    batch_id: uuid.UUID | None
    created_at: str | None
    updated_at: str | None


class ScheduledCallUpdated(Event, frozen=True):
    """The scheduled call as it now is."""

    type = "scheduled_call.updated"
    tells = "A call was scheduled, put off, placed or called off, or nothing more comes of it"
    schema = "ScheduledCallData"

    scheduled_call: ScheduledCallOut


def scheduled_call_out(row: ScheduledRow) -> ScheduledCallOut:
    """A row as its owner sees it."""
    return ScheduledCallOut(
        id=row.id,
        to=row.phone_number,
        topic=row.topic,
        agent=row.agent,
        start_at=rfc3339(row.starts_at),
        next_attempt_at=rfc3339(row.next_at) if row.status == "scheduled" else None,
        status=row.status,
        attempts=row.attempts,
        reason=row.reason,
        call_id=row.call_id,
        batch_id=row.batch_id,
        created_at=rfc3339(row.created_at),
        updated_at=rfc3339(row.updated_at),
    )


def emit(tx: Transaction, row: ScheduledRow) -> None:
    """Tell the user's dashboards of it as it now is."""
    subject = Subject(row.user_id, f"scheduled:{row.id}")
    tx.emit(ScheduledCallUpdated(scheduled_call_out(row)), subject)
