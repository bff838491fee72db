"""Lists for administrators, newest first; run on a request's connection, so that row level security
decides who sees what. Their own looks at others' data are the service's to read, for end users have
no way into schema app. Knows rows only.
"""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from db import calls, emails
from db.accounts.users import SEALED, UserRow
from db.core.rows import Connection, many
from db.core.sealed import Sealed, open_all
from db.texts import conversations, messages

SEALED_OF_MAP = (
    SEALED, calls.SEALED, conversations.SEALED, messages.SEALED, emails.SEALED,
)  # fmt: skip
"""The tables of the data map that hold sealed values."""

_USERS = """
select id, email, subscription_plan_id, subscription_status, billing_cycle_start,
    billing_cycle_end, stripe_customer_id, billing_interval, created_at, updated_at
from public.users
where $2::timestamptz is null or (created_at, id) < ($2, $3::uuid)
order by created_at desc, id desc limit $1
"""

_AUDIT = """
select id, user_id, event_type, from_plan, to_plan, stripe_subscription_id, stripe_event_id,
    billing_amount, currency, billing_interval, effective_date, metadata, created_at
from public.subscription_events
where $2::timestamptz is null or (created_at, id) < ($2, $3::uuid)
order by created_at desc, id desc limit $1
"""

# The part of the audit log that says who looked at, or acted on, what is somebody else's: nodes and
# the log itself are nobody's.
_LOOKS = """
select id, actor_id as admin_id, user_id, at as created_at,
    case action when 'admin.read' then subject
        else rtrim('did ' || action || ' ' || split_part(subject, ':', 2)) end as what
from app.audit_log
where actor_kind in ('administrator', 'operator') and action not like '%.denied'
    and subject not in ('nodes', 'admin_views', 'audit_log', 'retention')
    and ($2::timestamptz is null or (at, id) < ($2, $3::uuid))
order by at desc, id desc limit $1
"""


class LookRow(msgspec.Struct, frozen=True):
    """An administrator's look at what is not theirs; no user: everybody's."""

    id: UUID
    admin_id: UUID
    user_id: UUID | None
    what: str
    created_at: dt.datetime


class AuditRow(msgspec.Struct, frozen=True):
    """A row of public.subscription_events."""

    id: UUID
    user_id: UUID
    event_type: str
    from_plan: str | None
    to_plan: str | None
    stripe_subscription_id: str | None
    stripe_event_id: str | None
    billing_amount: Decimal | None
    currency: str
    billing_interval: str | None
    effective_date: dt.date | None
    metadata: dict[str, Any]
    created_at: dt.datetime


async def users(
    connection: Connection, limit: int, before: tuple[dt.datetime, UUID] | None
) -> list[UserRow]:
    """The users after this place."""
    records = await connection.fetch(_USERS, limit, *(before or (None, None)))
    return await SEALED.many(connection, records, UserRow)


async def audit(
    connection: Connection, limit: int, before: tuple[dt.datetime, UUID] | None
) -> list[AuditRow]:
    """The lines of the audit trail after this place."""
    return many(await connection.fetch(_AUDIT, limit, *(before or (None, None))), AuditRow)


async def looks(
    connection: Connection, limit: int, before: tuple[dt.datetime, UUID] | None
) -> list[LookRow]:
    """What administrators looked at, after this place."""
    return many(await connection.fetch(_LOOKS, limit, *(before or (None, None))), LookRow)


async def opened(
    connection: Connection, table: Sealed, user_id: UUID, after: UUID, limit: int
) -> list[dict[str, Any]]:
    """The user's rows in one of `SEALED_OF_MAP` after this one, in order of id, opened."""
    whose = "id" if table is SEALED else "user_id"
    query = f"""
select * from {table.table} where {whose} = $1 and id > $2 order by id limit $3
"""  # noqa: S608 - one of ours
    records = await connection.fetch(query, user_id, after, limit)
    return await open_all(connection, records, table)
