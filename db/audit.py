"""The audit log: rows that are only ever added to, and the chain of hashes over them.

Knows rows and places; what an act is, and what a hash is over, is decided elsewhere.
"""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.rows import Connection, many, one

ActorKind: TypeAlias = Literal["user", "operator", "administrator", "system", "provider"]

_APPEND = """
with noted as (
    insert into app.audit_log (actor_kind, actor_id, actor_name, action, user_id, subject,
        request_id, address_hash, reason, data)
    select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[],
        $7::text[], $8::bytea[], $9::text[], $10::jsonb[])
    returning id
)
insert into app.audit_pending (log_id) select id from noted
"""

_PAGE = """
select l.* from app.audit_log l
where ($2::timestamptz is null or (l.at, l.id) < ($2, $3::uuid))
    and ($4::uuid is null or l.user_id = $4) and ($5::uuid is null or l.actor_id = $5)
    and ($6::text is null or l.action = $6) and ($7::text is null or l.subject = $7)
    and ($8::text is null or l.request_id = $8)
    and ($9::timestamptz is null or l.at >= $9) and ($10::timestamptz is null or l.at < $10)
order by l.at desc, l.id desc limit $1
"""

_WAS_NOTED = """
select exists (select from app.audit_log where actor_id = $1 and action = $2 and at > $3)
"""

# As of app.relay: others find it locked and leave the work to the holder.
_HEAD = "select place, hash, key_id, signature from app.audit_head"
_LOCK_HEAD = f"{_HEAD} for update skip locked"
_MOVE_HEAD = "update app.audit_head set place = $1, hash = $2, key_id = $3, signature = $4"
_WAITING = """
select l.* from (select * from app.audit_pending order by seq limit $1) p
join app.audit_log l on l.id = p.log_id order by p.seq
"""
_CHAIN = """
with given as (select * from unnest($1::bigint[], $2::uuid[], $3::bytea[]) g (place, log_id, hash)),
gone as (delete from app.audit_pending p using given g where p.log_id = g.log_id)
insert into app.audit_chain (place, log_id, hash) select place, log_id, hash from given
"""

_ANCHOR = """
insert into app.audit_anchors (day, at, place, hash, key_id, signature)
select $1, now(), place, hash, key_id, signature from app.audit_head where place > 0
on conflict (day) do nothing returning day, at, place, hash, key_id, signature
"""
_ANCHORS = """
select day, at, place, hash, key_id, signature from app.audit_anchors order by place, day
"""

_LINKS = """
select c.place, c.log_id, c.hash, l.*
from app.audit_chain c left join app.audit_log l on l.id = c.log_id
where c.place > $1 and c.place <= $2 order by c.place
"""
_FIRST_PLACE = "select min(place) from app.audit_chain"
_UNCHAINED = """
select l.id from app.audit_log l
where not exists (select from app.audit_chain c where c.log_id = l.id)
    and not exists (select from app.audit_pending p where p.log_id = l.id)
order by l.at limit $1
"""
_PENDING = "select count(*) from app.audit_pending"
_LOST = """
select p.log_id from app.audit_pending p
where not exists (select from app.audit_log l where l.id = p.log_id) limit $1
"""
_FORGET = "select app.forget_audit($1)"


class NewAct(msgspec.Struct, frozen=True):
    """An act to be written down; `user_id` is whose data it concerned, `subject` what of it."""

    actor_kind: ActorKind
    actor_id: UUID | None
    actor_name: str
    action: str
    user_id: UUID | None
    subject: str
    request_id: str
    address_hash: bytes | None
    reason: str
    data: dict[str, Any]


class ActRow(NewAct, frozen=True, kw_only=True):
    """A row of app.audit_log."""

    id: UUID
    at: dt.datetime


class Filters(msgspec.Struct, frozen=True):
    """Which acts are wanted; None: any."""

    user_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    subject: str | None = None
    request_id: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


class Seal(msgspec.Struct, frozen=True):
    """A place of the chain and its hash, signed by the key of this id; "" and None: unsigned."""

    place: int
    hash: bytes
    key_id: str
    signature: bytes | None


class Anchor(Seal, frozen=True, kw_only=True):
    """The chain's end as of the beginning of a day."""

    day: dt.date
    at: dt.datetime


class Link(msgspec.Struct, frozen=True):
    """A place of the chain; no row: it is gone."""

    place: int
    log_id: UUID
    hash: bytes
    row: ActRow | None


async def append(connection: Connection, acts: Sequence[NewAct]) -> None:
    """Write acts down, in one statement; their places are given later."""
    columns = [msgspec.structs.astuple(act) for act in acts]
    await connection.execute(_APPEND, *map(list, zip(*columns, strict=True)))


async def page(
    connection: Connection, limit: int, before: tuple[dt.datetime, UUID] | None, wanted: Filters
) -> list[ActRow]:
    """The acts that are wanted after this place, newest first."""
    places = before or (None, None)
    filters = msgspec.structs.astuple(wanted)
    return many(await connection.fetch(_PAGE, limit, *places, *filters), ActRow)


async def was_noted(
    connection: Connection, actor_id: UUID, action: str, since: dt.datetime
) -> bool:
    """Whether this actor's act of this kind was written down since."""
    known: bool = await connection.fetchval(_WAS_NOTED, actor_id, action, since)
    return known


async def head(connection: Connection, *, lock: bool = False) -> Seal | None:
    """The chain's end; with `lock` it is ours to move, or None: another is at it."""
    return one(await connection.fetchrow(_LOCK_HEAD if lock else _HEAD), Seal)


async def waiting(connection: Connection, limit: int) -> list[ActRow]:
    """Acts without a place, in the order in which they are to get theirs."""
    return many(await connection.fetch(_WAITING, limit), ActRow)


async def chain(connection: Connection, links: Sequence[Link], end: Seal) -> None:
    """Give these their places, of which `end` is the last. The caller holds the head."""
    rows = [(link.place, link.log_id, link.hash) for link in links]
    await connection.execute(_CHAIN, *map(list, zip(*rows, strict=True)))
    await connection.execute(_MOVE_HEAD, end.place, end.hash, end.key_id, end.signature)


async def anchor(connection: Connection, day: dt.date) -> Anchor | None:
    """Keep the chain's end as the day's anchor; None when the day has one, or nothing to keep."""
    return one(await connection.fetchrow(_ANCHOR, day), Anchor)


async def anchors(connection: Connection) -> list[Anchor]:
    """All of them, oldest first."""
    return many(await connection.fetch(_ANCHORS), Anchor)


async def links(connection: Connection, after: int, until: int) -> AsyncIterator[Link]:
    """The chain's places after one, in order, a piece at a time."""
    async for record in connection.cursor(_LINKS, after, until, prefetch=1000):
        found = dict(record)
        place, log_id, hashed = (found.pop(name) for name in ("place", "log_id", "hash"))
        row = None if found["id"] is None else msgspec.convert(found, ActRow)
        yield Link(place, log_id, hashed, row)


async def first_place(connection: Connection) -> int | None:
    """Where the chain begins; what was before is forgotten."""
    place: int | None = await connection.fetchval(_FIRST_PLACE)
    return place


async def unchained(connection: Connection, limit: int) -> list[UUID]:
    """Rows that neither have a place nor wait for one: nobody who acts leaves such."""
    return [row["id"] for row in await connection.fetch(_UNCHAINED, limit)]


async def lost(connection: Connection, limit: int) -> list[UUID]:
    """Rows that wait for a place and are gone."""
    return [row["log_id"] for row in await connection.fetch(_LOST, limit)]


async def pending(connection: Connection) -> int:
    """How many rows wait for their place."""
    count: int = await connection.fetchval(_PENDING)
    return count


async def forget(connection: Connection, before: dt.datetime) -> int:
    """Delete a day's acts that are older, up to the anchor after them: how many; 0: none left."""
    gone: int = await connection.fetchval(_FORGET, before)
    return gone
