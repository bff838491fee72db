"""Copies of their data that people asked for, and what of it no other module of rows lists.

Everything is read in pages, oldest first, each in a statement of its own: nobody's copy holds a
snapshot open for as long as its download takes. Knows rows; not how they are written down.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.rows import Connection, one

Paged: TypeAlias = Literal["calls", "sms_conversations", "sms_messages", "emails"]
Place: TypeAlias = tuple[datetime, UUID]

_COLUMNS = "id, user_id, asked_at, ready_at, expires_at, counts"
_ASK = f"""
insert into app.exports (user_id) values ($1) on conflict do nothing returning {_COLUMNS}
"""  # noqa: S608 - the columns above
_NEWEST = f"""
select {_COLUMNS} from app.exports
where user_id = $1 and (ready_at is null or expires_at > now()) order by asked_at desc limit 1
"""  # noqa: S608
_GET = f"select {_COLUMNS} from app.exports where id = $1"  # noqa: S608
_READY = f"""
update app.exports set ready_at = now(), expires_at = now() + make_interval(secs => $2), counts = $3
where id = $1 and ready_at is null returning {_COLUMNS}
"""  # noqa: S608
_COUNTS = """
select (select count(*) from public.calls where user_id = $1) as calls,
    (select count(*) from public.sms_conversations where user_id = $1) as conversations,
    (select count(*) from public.sms_messages where user_id = $1) as texts,
    (select count(*) from public.emails where user_id = $1) as emails,
    (select count(*) from public.subscription_events where user_id = $1) as billing_events
"""
_USAGE = """
select month_year, calls_used, texts_used, emails_used from public.usage_tracking
where user_id = $1 order by month_year
"""
_SUBSCRIPTIONS = """
select id, stripe_subscription_id, tier, status, current_period_start, current_period_end,
    created_at, updated_at
from public.subscriptions where user_id = $1 order by created_at, id
"""
_BILLING_EVENTS = """
select id, event_type, from_plan, to_plan, stripe_subscription_id, stripe_event_id,
    stripe_customer_id, billing_amount::text as billing_amount, currency, billing_interval,
    effective_date, metadata, created_at
from public.subscription_events
where user_id = $1 and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
order by created_at, id limit $4
"""
_PLAN_CHANGES = """
select id, from_plan_id, to_plan_id, change_type, requested_at, effective_date, status,
    stripe_subscription_id, notes, created_at, updated_at
from public.plan_changes where user_id = $1 order by created_at, id
"""
# Not which of our people it was.
_ACTS = """
select id, at as created_at, actor_kind, actor_name, action, subject, reason from app.audit_log
where user_id = $1 and ($2::timestamptz is null or (at, id) > ($2, $3::uuid))
order by at, id limit $4
"""


class ExportRow(msgspec.Struct, frozen=True):
    """A row of app.exports; `counts` is how many there were of each kind."""

    id: UUID
    user_id: UUID
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    counts: dict[str, int]


async def ask(connection: Connection, user_id: UUID) -> ExportRow | None:
    """A new one; None while one is being prepared."""
    return one(await connection.fetchrow(_ASK, user_id), ExportRow)


async def newest(connection: Connection, user_id: UUID) -> ExportRow | None:
    """The one whose link is good, or that is being prepared."""
    return one(await connection.fetchrow(_NEWEST, user_id), ExportRow)


async def get(connection: Connection, export_id: UUID) -> ExportRow | None:
    """The export, whoever's it is."""
    return one(await connection.fetchrow(_GET, export_id), ExportRow)


async def make_ready(
    connection: Connection, export_id: UUID, counts: Mapping[str, int], seconds: float
) -> ExportRow | None:
    """It can be had from now on, for so long; None if it could before."""
    return one(await connection.fetchrow(_READY, export_id, seconds, counts), ExportRow)


async def counts(connection: Connection, user_id: UUID) -> dict[str, int]:
    """How much of each kind there is."""
    return dict(await connection.fetchrow(_COUNTS, user_id))


async def page_of_ids(
    connection: Connection, table: Paged, user_id: UUID, after: Place | None, limit: int
) -> list[Place]:
    """The places of a person's rows after this one, oldest first."""
    query = f"""
select created_at, id from public.{table}
where user_id = $1 and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
order by created_at, id limit $4
"""  # noqa: S608 - a literal
    rows = await connection.fetch(query, user_id, *(after or (None, None)), limit)
    return [(row["created_at"], row["id"]) for row in rows]


async def usage(connection: Connection, user_id: UUID) -> list[dict[str, Any]]:
    """What was used, month by month."""
    return _plain(await connection.fetch(_USAGE, user_id))


async def subscriptions(connection: Connection, user_id: UUID) -> list[dict[str, Any]]:
    """Every subscription there was."""
    return _plain(await connection.fetch(_SUBSCRIPTIONS, user_id))


async def plan_changes(connection: Connection, user_id: UUID) -> list[dict[str, Any]]:
    """Every change of plan that was asked for."""
    return _plain(await connection.fetch(_PLAN_CHANGES, user_id))


async def billing_events(
    connection: Connection, user_id: UUID, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Lines of the audit trail of plans and payments after this place."""
    place = after or (None, None)
    return _plain(await connection.fetch(_BILLING_EVENTS, user_id, *place, limit))


async def acts(
    connection: Connection, user_id: UUID, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """What was done to the person's data after this place, by whomever."""
    return _plain(await connection.fetch(_ACTS, user_id, *(after or (None, None)), limit))


def _plain(records: list[Any]) -> list[dict[str, Any]]:
    return [dict(record) for record in records]
