"""Calls to be placed later: when, how often they were tried, and what came of it.

Number and topic are sealed. Knows rows; when a call may be placed is decided elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.rows import Connection
from db.core.sealed import Sealed

Status: TypeAlias = Literal["scheduled", "calling", "done", "failed", "canceled"]

SEALED = Sealed("app.scheduled_calls", text=("phone_number", "topic"))

COLUMNS = """id, user_id, phone_number, topic, agent, starts_at, next_at, status, attempts, reason,
    call_id, batch_id, created_at, updated_at"""

_LOCK_USER = "select from public.users where id = $1 for no key update"
_COUNT = """
select count(*) from app.scheduled_calls
where user_id = $1 and status in ('scheduled', 'calling')
"""
_INSERT = f"""
insert into app.scheduled_calls (id, user_id, phone_number, topic, agent, starts_at, next_at,
    batch_id, idempotency_key)
select id, $1, phone_number, topic, agent, starts_at, starts_at, $2, key
from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
    as new (id, phone_number, topic, agent, starts_at, key)
returning {COLUMNS}
"""  # noqa: S608 - the columns above
_BY_KEYS = f"""
select {COLUMNS}, idempotency_key from app.scheduled_calls
where user_id = $1 and idempotency_key = any($2)
"""  # noqa: S608
_GET = f"select {COLUMNS} from app.scheduled_calls where user_id = $1 and id = $2"  # noqa: S608
_LOCK = f"select {COLUMNS} from app.scheduled_calls where id = $1 for update"  # noqa: S608
_CHANGE = f"""
update app.scheduled_calls
set status = $2, next_at = $3, attempts = $4, reason = $5, call_id = $6, updated_at = now()
where id = $1 returning {COLUMNS}
"""  # noqa: S608
_PAGE = f"""
select {COLUMNS} from app.scheduled_calls
where user_id = $1 and ($2::text is null or status = $2)
    and (created_at, id) < (coalesce($3, 'infinity'::timestamptz),
        coalesce($4, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
order by created_at desc, id desc limit $5
"""  # noqa: S608


class NewScheduledCall(msgspec.Struct, frozen=True):
    """A call to be placed at `starts_at`."""

    id: UUID
    phone_number: str
    topic: str
    starts_at: datetime
    agent: str | None = None
    idempotency_key: str | None = None


class ScheduledRow(msgspec.Struct, frozen=True):
    """A row of app.scheduled_calls, opened."""

    id: UUID
    user_id: UUID
    phone_number: str
    topic: str
    agent: str | None
    starts_at: datetime
    next_at: datetime
    status: Status
    attempts: int
    reason: str | None
    call_id: UUID | None
    batch_id: UUID | None
    created_at: datetime
    updated_at: datetime


async def count(connection: Connection, user_id: UUID) -> int:
    """How many of the person's are not over; nobody else makes one until this transaction ends."""
    await connection.execute(_LOCK_USER, user_id)
    many: int = await connection.fetchval(_COUNT, user_id)
    return many


async def by_keys(
    connection: Connection, user_id: UUID, keys: Sequence[str]
) -> dict[str, ScheduledRow]:
    """The person's that were asked for under these idempotency keys."""
    records = await connection.fetch(_BY_KEYS, user_id, keys) if keys else []
    rows = await SEALED.many(connection, records, ScheduledRow)
    return {record["idempotency_key"]: row for record, row in zip(records, rows, strict=True)}


async def insert(
    connection: Connection, user_id: UUID, new: Sequence[NewScheduledCall],
    batch_id: UUID | None = None,
) -> dict[UUID, ScheduledRow]:  # fmt: skip
    """Keep these of the person, whose keys are new: under the lock of `count`. By their ids."""
    if not new:
        return {}
    key = await connection.keyring.of(user_id)
    sealed = [
        SEALED.seal_by(
            connection.keyring, key, one.id, phone_number=one.phone_number, topic=one.topic
        )
        for one in new
    ]
    numbers, topics = zip(*sealed, strict=True)
    records = await connection.fetch(
        _INSERT, user_id, batch_id, [one.id for one in new], numbers, topics,
        [one.agent for one in new], [one.starts_at for one in new],
        [one.idempotency_key for one in new],
    )  # fmt: skip
    rows = await SEALED.many(connection, records, ScheduledRow)
    return {row.id: row for row in rows}


async def get(connection: Connection, user_id: UUID, scheduled_id: UUID) -> ScheduledRow | None:
    """One of the person's."""
    record = await connection.fetchrow(_GET, user_id, scheduled_id)
    return await SEALED.one(connection, record, ScheduledRow)


async def lock(connection: Connection, scheduled_id: UUID) -> ScheduledRow | None:
    """It, whoever's it is, which nobody else changes until this transaction ends."""
    return await SEALED.one(
        connection, await connection.fetchrow(_LOCK, scheduled_id), ScheduledRow
    )


async def change(connection: Connection, row: ScheduledRow) -> ScheduledRow:
    """Write what of a locked one can change, as it is in `row`."""
    record = await connection.fetchrow(
        _CHANGE, row.id, row.status, row.next_at, row.attempts, row.reason, row.call_id
    )
    return await SEALED.opened(connection, record, ScheduledRow)


async def page(
    connection: Connection, user_id: UUID, *, limit: int, status: Status | None = None,
    before: tuple[datetime, UUID] | None = None,
) -> list[ScheduledRow]:  # fmt: skip
    """The person's newest, older than `before`, a (created_at, id)."""
    at, scheduled_id = before or (None, None)
    records = await connection.fetch(_PAGE, user_id, status, at, scheduled_id, limit)
    return await SEALED.many(connection, records, ScheduledRow)
