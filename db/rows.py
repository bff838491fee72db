"""What the queries hand out: one frozen Struct per kind of row, and how a record becomes one.

It knows columns, not statements, and nothing of what the rows are for.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar
from uuid import UUID

import asyncpg
import msgspec

# A connection of a pool or one of its own; asyncpg has no types to tell them apart.
Connection = asyncpg.Connection

CallStatus = Literal[
    "initiating",
    "ringing",
    "answered",
    "waiting",
    "talking",
    "voicemail",
    "ended",
    "busy",
    "no_answer",
    "failed",
    "canceled",
    "lost",
]
DialState = Literal["intent", "sent", "known", "unknown", "refused"]
WaitingStatus = Literal["waiting", "processing", "completed"]
Metric = Literal["calls", "texts", "emails"]

T = TypeVar("T")


def one(record: Mapping[str, Any] | None, kind: type[T]) -> T | None:
    """The record as a `kind`, or None if there is no record."""
    return None if record is None else msgspec.convert(dict(record), kind)


def many(records: Iterable[Mapping[str, Any]], kind: type[T]) -> list[T]:
    """Each record as a `kind`."""
    return [msgspec.convert(dict(record), kind) for record in records]


class UserRow(msgspec.Struct, frozen=True):
    """A row of public.users; the email is None once the person was erased."""

    id: UUID
    email: str | None
    subscription_plan_id: str
    subscription_status: str
    billing_cycle_start: datetime | None
    billing_cycle_end: datetime | None
    stripe_customer_id: str | None
    billing_interval: str | None
    created_at: datetime
    updated_at: datetime


class PlanRow(msgspec.Struct, frozen=True):
    """A row of public.subscription_plans; a limit of -1 means unlimited."""

    id: str
    name: str
    description: str | None
    stripe_price_id_monthly: str | None
    stripe_price_id_yearly: str | None
    phone_calls_limit: int
    text_chains_limit: int
    emails_limit: int
    price_monthly: Decimal
    price_yearly: Decimal
    features: tuple[str, ...]
    is_active: bool
    sort_order: int


class NewCall(msgspec.Struct, frozen=True):
    """A call about to be placed by `owner_node`, which leases it for `lease_seconds`."""

    id: UUID
    user_id: UUID
    user_phone_number: str
    topic: str
    owner_node: str
    lease_seconds: float
    idempotency_key: str | None = None


class CallRow(msgspec.Struct, frozen=True):
    """A row of public.calls and, from answered_by on, its row of app.call_details."""

    id: UUID
    user_id: UUID
    user_phone_number: str
    topic: str
    twilio_call_sid: str | None
    status: CallStatus
    initiated_time: datetime
    ringing_time: datetime | None
    answered_time: datetime | None
    ended_time: datetime | None
    duration_seconds: int | None
    created_at: datetime
    updated_at: datetime
    answered_by: str | None
    end_reason: str | None
    dial_state: DialState
    owner_node: str | None
    epoch: int
    lease_until: datetime | None


class CallChange(msgspec.Struct, frozen=True):
    """What became known of a call; None leaves a column alone."""

    status: CallStatus | None = None
    twilio_call_sid: str | None = None
    ringing_time: datetime | None = None
    answered_time: datetime | None = None
    ended_time: datetime | None = None
    duration_seconds: int | None = None
    answered_by: str | None = None
    end_reason: str | None = None
    dial_state: DialState | None = None


class WaitingRow(msgspec.Struct, frozen=True):
    """A row of public.amd_waiting_room."""

    id: UUID
    user_id: UUID
    call_id: UUID
    status: WaitingStatus
    created_at: datetime
    updated_at: datetime


class JournalEntry(msgspec.Struct, frozen=True):
    """One event that reached a call's decisions while its owner held `epoch`."""

    call_id: UUID
    epoch: int
    seq: int
    at: datetime
    event: Any


class JournalRow(msgspec.Struct, frozen=True):
    """A row of app.call_journal."""

    seq: int
    at: datetime
    event: Any


class UsageAnswer(msgspec.Struct, frozen=True):
    """Whether one more was granted, with the numbers of that moment; a limit of -1: unlimited.

    `plan` is the one in force; a refusal names the `cheapest` that would allow it, if any does.
    `is_new` is False for a subject that had its answer before.
    """

    accepted: bool
    limit: int
    used: int
    reserved: int
    plan: str = "free"
    cheapest: str | None = None
    is_new: bool = False


class UsageRow(msgspec.Struct, frozen=True):
    """One metric of one month; a limit of -1 means unlimited."""

    metric: Metric
    used: int
    reserved: int
    limit: int


class ReservationRow(msgspec.Struct, frozen=True):
    """A reservation nobody has settled yet."""

    user_id: UUID
    metric: Metric
    subject_id: UUID
    reserved_at: datetime


class NewEvent(msgspec.Struct, frozen=True):
    """An event for a user's dashboards: `subject` is its entity, `rev` that entity's version."""

    id: UUID
    user_id: UUID
    type: str
    ts: datetime
    subject: str
    rev: int
    data: Any
    cause: str | None = None
    v: int = 1


class EventRow(msgspec.Struct, frozen=True):
    """A row of app.events, with the epoch of its stream."""

    user_id: UUID
    epoch: str
    seq: int
    id: UUID
    type: str
    v: int
    ts: datetime
    subject: str
    rev: int
    cause: str | None
    data: Any


class Position(msgspec.Struct, frozen=True):
    """The end of a stream; a cursor of another epoch is void."""

    epoch: str
    seq: int


class Lease(msgspec.Struct, frozen=True):
    """The right to run a call until the lease runs out or a higher epoch is given away."""

    call_id: UUID
    user_id: UUID
    epoch: int


class IdempotencyClaim(msgspec.Struct, frozen=True):
    """What is known of a key: `is_new` means go ahead; no status means the first is at work."""

    is_new: bool
    fingerprint: str
    status: int | None
    body: bytes | None
