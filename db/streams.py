"""Each user's stream of dashboard events, which is the outbox too.

An event is numbered inside the transaction that makes it true, under the stream's row lock: there
are no gaps, and nobody sees number n + 1 before n. It knows nothing of sockets or buses.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from db.rows import Connection, EventRow, NewEvent, Position, many, one

_APPEND = """
with stream as (
    insert into app.streams as s (user_id, top) values ($1, 1)
    on conflict (user_id) do update set top = s.top + 1
    returning epoch, top
)
insert into app.events (user_id, seq, id, type, v, ts, subject, rev, cause, data)
select $1, stream.top, $2, $3, $4, $5, $6, $7, $8, $9 from stream
returning user_id, (select epoch from stream), seq, id, type, v, ts, subject, rev, cause, data
"""

_READ_AFTER = """
select user_id, s.epoch, e.seq, e.id, e.type, e.v, e.ts, e.subject, e.rev, e.cause, e.data
from app.events e join app.streams s using (user_id)
where user_id = $1 and e.seq > $2 order by e.seq limit $3
"""

_POSITION = "select epoch, top as seq from app.streams where user_id = $1"

_UNPUBLISHED = """
select user_id, s.epoch, e.seq, e.id, e.type, e.v, e.ts, e.subject, e.rev, e.cause, e.data
from app.events e join app.streams s using (user_id)
where e.published_at is null order by e.ts, user_id, e.seq limit $1
"""

_MARK_PUBLISHED = """
update app.events set published_at = now() where id = any($1::uuid[]) and published_at is null
"""


async def append_event(connection: Connection, event: NewEvent) -> EventRow:
    """Number the event and add it to its user's stream, which is made if it is the first."""
    record = await connection.fetchrow(
        _APPEND,
        event.user_id,
        event.id,
        event.type,
        event.v,
        event.ts,
        event.subject,
        event.rev,
        event.cause,
        event.data,
    )
    return msgspec.convert(dict(record), EventRow)


async def read_after(connection: Connection, user_id: UUID, seq: int, limit: int) -> list[EventRow]:
    """The user's events after `seq`, in order, `limit` at most."""
    return many(await connection.fetch(_READ_AFTER, user_id, seq, limit), EventRow)


async def position(connection: Connection, user_id: UUID) -> Position | None:
    """Where the user's stream ends; None if it has not begun."""
    return one(await connection.fetchrow(_POSITION, user_id), Position)


async def unpublished(connection: Connection, limit: int) -> list[EventRow]:
    """Committed events whose publishing was not noted: a crash, or a bus that was away."""
    return many(await connection.fetch(_UNPUBLISHED, limit), EventRow)


async def mark_published(connection: Connection, event_ids: Sequence[UUID]) -> None:
    """Note that these events went out."""
    await connection.execute(_MARK_PUBLISHED, event_ids)
