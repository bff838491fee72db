"""Each user's stream of dashboard events, which is the outbox too.

An event is numbered inside the transaction that makes it true, under the stream's row lock: there
are no gaps, and nobody sees number n + 1 before n. Its place among everybody's is given later, to
all that a transaction told a user together (app.event_groups), so an event's row never changes.
Its data is packed and sealed by the user's key. It knows nothing of sockets or buses.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid5

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection, one
from db.core.sealed import Sealed, open_all, open_each
from db.core.sealing import Unsealable

EVENTS = Sealed("app.events", ("user_id", "seq"), packed=("body",))
OF_BEFORE = Sealed("app.events", json=("data",))
CLEAR = (Clear(EVENTS, own_name="app.events as they are packed"), Clear(OF_BEFORE))
CALLS = Sealed("public.calls", text=("user_phone_number", "topic"))

_NUMBER_ALL = """
insert into app.streams as s (user_id, top)
select user_id, many from unnest($1::uuid[], $2::bigint[]) as f (user_id, many) order by user_id
on conflict (user_id) do update set top = s.top + excluded.top
returning user_id, epoch, top
"""

_APPEND = """
with fresh as (
    select * from unnest(
        $1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::timestamptz[], $6::text[],
        $7::bigint[], $8::text[], $9::bytea[]
    ) as f (user_id, seq, type, v, ts, subject, rev, cause, body)
), written as (
    insert into app.events (user_id, seq, type, v, ts, subject, rev, cause, body)
    select * from fresh order by user_id, seq
)
insert into app.event_groups (user_id, first_seq, last_seq, at)
select user_id, min(seq), max(seq), max(ts) from fresh group by user_id
"""

_COLUMNS = """user_id, s.epoch as stream_epoch, e.seq, e.id, e.type, e.v, e.ts, e.subject, e.rev,
    e.cause, e.data, e.body"""

_READ = f"""
select {_COLUMNS} from app.events e join app.streams s using (user_id) where user_id = $1
"""  # noqa: S608 - columns of ours

_READ_AFTER = f"{_READ} and e.seq > $2 order by e.seq limit $3"

_POSITION = "select epoch as stream_epoch, top as seq from app.streams where user_id = $1"

_OPEN = """
insert into app.streams (user_id) values ($1) on conflict (user_id) do nothing
returning epoch as stream_epoch, top as seq
"""

_READ_SUBJECT = f"{_READ} and e.seq > $2 and e.subject = $3 order by e.seq limit $4"

_READ_SOME = f"{_READ} and e.seq = any($2::bigint[]) order by e.seq"

_NEWEST = f"{_READ} and e.type = $2 order by e.seq desc limit $3"

# What is as it ever was of a call, as clients see it.
_OF_CALLS = """
select c.id, c.user_id, c.user_phone_number, c.topic,
    app.rfc3339(c.initiated_time) as initiated_time, app.rfc3339(c.created_at) as created_at,
    d.direction
from public.calls c join app.call_details d on d.call_id = c.id where c.id = any($1)
"""

_NOT_THERE = dict.fromkeys((
    "twilio_call_sid", "answered_by", "ringing_time", "answered_time", "ended_time",
    "duration_seconds", "end_reason", "recording", "language",
))  # fmt: skip

_OLDEST = "select min(seq) from app.events where user_id = $1"

_ALL_NUMBERED = """
select top from app.relay where not exists (select from app.event_groups where gseq is null)
"""

# Whoever holds the row numbers; others find it locked and leave the work to the holder.
_LOCK_RELAY = "select top from app.relay for update skip locked"

# A user's own order stays, because a time never counts as earlier than that of an event before it.
_NUMBER = """
with fresh as (
    select user_id, first_seq, last_seq, at from app.event_groups
    where gseq is null order by user_id, first_seq limit $2
), placed as (
    select user_id, first_seq,
        sum(last_seq - first_seq + 1) over (order by at, user_id, first_seq) as place
    from (
        select user_id, first_seq, last_seq,
            max(at) over (partition by user_id order by first_seq) as at
        from fresh
    ) timed
), numbered as (
    update app.event_groups g set gseq = $1 + p.place
    from placed p where g.user_id = p.user_id and g.first_seq = p.first_seq and g.gseq is null
    returning g.gseq
)
update app.relay set top = coalesce((select max(gseq) from numbered), top) returning top
"""

# Each group has one event at least, so as many groups are enough.
_READ_NUMBERED = f"""
select {_COLUMNS}, g.gseq - (g.last_seq - e.seq) as gseq
from (select * from app.event_groups where gseq > $1 order by gseq limit $2) g
join app.events e using (user_id) join app.streams s using (user_id)
where e.seq between g.first_seq and g.last_seq and g.gseq - (g.last_seq - e.seq) > $1
order by gseq limit $2
"""  # noqa: S608 - columns of ours

_RELAY_POSITION = "select epoch as stream_epoch, top as seq from app.relay"


class NewEvent(msgspec.Struct, frozen=True):
    """An event for a user's dashboards: `subject` is its entity, `rev` that entity's version.

    `kept` is what the row keeps of `data`, if not all: of a call, what changes of it.
    """

    user_id: UUID
    type: str
    ts: datetime
    subject: str
    rev: int
    data: Any
    cause: str | None = None
    v: int = 1
    kept: Any = None


class EventRow(msgspec.Struct, frozen=True):
    """A row of app.events, with the epoch of its stream."""

    user_id: UUID
    stream_epoch: str
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

    stream_epoch: str
    seq: int


class NumberedRow(EventRow, frozen=True):
    """An event with its place among everybody's."""

    gseq: int


R = TypeVar("R", bound=EventRow)


async def append(connection: Connection, events: Sequence[NewEvent]) -> list[EventRow]:
    """Number the events and add them to their users' streams, in their order and in two statements.

    Streams are made with their first event, and locked in order of user.
    """
    if not events:
        return []
    keys = await connection.keyring.of_many({event.user_id for event in events})
    many = Counter(event.user_id for event in events)
    streams = await connection.fetch(_NUMBER_ALL, list(many), list(many.values()))
    epochs = {stream["user_id"]: stream["epoch"] for stream in streams}
    places = {who: count(top - many[who] + 1) for who, _, top in streams}
    rows = [
        EventRow(
            user_id=e.user_id, stream_epoch=epochs[e.user_id], seq=(seq := next(places[e.user_id])),
            id=_id(e.user_id, epochs[e.user_id], seq), type=e.type, v=e.v, ts=e.ts,
            subject=e.subject, rev=e.rev, cause=e.cause, data=e.data,
        )
        for e in events
    ]  # fmt: skip
    bodies = EVENTS.seal_packed(
        connection.keyring,
        "body",
        [
            (keys[row.user_id], f"{row.user_id}\x1f{row.seq}", event.kept or event.data)
            for event, row in zip(events, rows, strict=True)
        ],
    )
    columns = [
        (row.user_id, row.seq, row.type, row.v, row.ts, row.subject, row.rev, row.cause, body)
        for row, body in zip(rows, bodies, strict=True)
    ]
    await connection.execute(_APPEND, *map(list, zip(*columns, strict=True)))
    return rows


def _id(user_id: UUID, epoch: str, seq: int) -> UUID:
    """An event's id follows from its place, so that no row needs to have it."""
    return uuid5(user_id, f"{epoch}:{seq}")


async def read_after(connection: Connection, user_id: UUID, seq: int, limit: int) -> list[EventRow]:
    """The user's events after `seq`, in order, `limit` at most."""
    records = await connection.fetch(_READ_AFTER, user_id, seq, limit)
    return await _whole(connection, records, EventRow)


async def position(connection: Connection, user_id: UUID) -> Position | None:
    """Where the user's stream ends; None if it has not begun."""
    return one(await connection.fetchrow(_POSITION, user_id), Position)


async def open_stream(connection: Connection, user_id: UUID) -> Position:
    """Begin the stream of a user that has none, so that its epoch is known before its first event.

    Raises asyncpg.SerializationError in a snapshot in which another's beginning is not seen yet.
    """
    return msgspec.convert(dict(await connection.fetchrow(_OPEN, user_id)), Position)


async def read_subject(
    connection: Connection, user_id: UUID, subject: str, seq: int, limit: int
) -> list[EventRow]:
    """The user's events about a subject after `seq`, in order, `limit` at most."""
    records = await connection.fetch(_READ_SUBJECT, user_id, seq, subject, limit)
    return await _whole(connection, records, EventRow)


async def read_some(connection: Connection, user_id: UUID, seqs: Sequence[int]) -> list[EventRow]:
    """Those of the user's events at these places that are still there and open, in order."""
    records = await connection.fetch(_READ_SOME, user_id, seqs)
    rows = await open_each(records, lambda some: _whole(connection, some, EventRow))
    return [row for row in rows if row is not None]


async def newest(connection: Connection, user_id: UUID, kind: str, limit: int) -> list[EventRow]:
    """The user's last events of a type that are still kept, newest first."""
    return await _whole(connection, await connection.fetch(_NEWEST, user_id, kind, limit), EventRow)


async def oldest(connection: Connection, user_id: UUID) -> int | None:
    """The first event of the user that is still kept."""
    found: int | None = await connection.fetchval(_OLDEST, user_id)
    return found


async def number(connection: Connection, limit: int) -> int | None:
    """Give the events of up to `limit` transactions their places among everybody's; the last place
    given so far. None: another node is at it just now. With nothing to do it writes nothing."""
    top: int | None = await connection.fetchval(_ALL_NUMBERED)
    if top is not None:
        return top
    top = await connection.fetchval(_LOCK_RELAY)
    if top is None:
        return None
    last: int = await connection.fetchval(_NUMBER, top, limit)
    return last


async def read_numbered(connection: Connection, after: int, limit: int) -> list[NumberedRow]:
    """Everybody's events after a place, in order, `limit` at most."""
    records = await connection.fetch(_READ_NUMBERED, after, limit)
    return await _whole(connection, records, NumberedRow)


async def numbered_each(
    connection: Connection, after: int, limit: int
) -> tuple[list[NumberedRow], list[int]]:
    """As `read_numbered`, and apart from these the places of events that do not open."""
    records = await connection.fetch(_READ_NUMBERED, after, limit)
    rows = await open_each(records, lambda some: _whole(connection, some, NumberedRow))
    damaged = [record["gseq"] for record, row in zip(records, rows, strict=True) if row is None]
    return [row for row in rows if row is not None], damaged


async def relay_position(connection: Connection) -> Position:
    """The last place that was given, and the numbering's epoch."""
    return msgspec.convert(dict(await connection.fetchrow(_RELAY_POSITION)), Position)


async def _whole(
    connection: Connection, records: Sequence[Mapping[str, Any]], kind: type[R]
) -> list[R]:
    """The events opened, and each call in them made whole again: what is not there was null. Rows
    from before hold the call as a whole."""
    rows = await open_all(connection, records, EVENTS, OF_BEFORE)
    for row in rows:
        if (body := row.pop("body")) is not None:
            row["data"] = body
            row["id"] = _id(row["user_id"], row["stream_epoch"], row["seq"])
        if not isinstance(row["data"], dict):
            raise Unsealable("an event is damaged")
    parts = [row for row in rows if _is_part(row["data"].get("call"))]
    if parts:
        ids = {UUID(row["subject"].partition(":")[2]) for row in parts}
        found = await open_all(connection, await connection.fetch(_OF_CALLS, list(ids)), CALLS)
        calls = {f"call:{call['id']}": call for call in found}
        for row in parts:
            if (call := calls.get(row["subject"])) is not None:
                known = {**call, "id": str(call["id"]), "user_id": str(call["user_id"])}
                row["data"] = {"call": _NOT_THERE | known | row["data"]["call"]}
    return [msgspec.convert(row, kind) for row in rows]


def _is_part(call: object) -> bool:
    return isinstance(call, dict) and "id" not in call
