"""The call journal: every event that reached a call's decisions, in order.

It knows call, sequence, time and an opaque event, sealed by the key of whose call it is. Rows are
fenced: those written under an epoch that is not the call's current one are refused.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection
from db.core.sealed import Sealed

EVENTS = Sealed("app.call_journal", ("call_id", "seq"), json=("event",))
CLEAR = Clear(EVENTS, "(select d.user_id from app.call_details d where d.call_id = t.call_id)")

# FOR SHARE keeps the epoch as it is until the rows are committed. An entry that is there already is
# left alone (a retry after a lost answer), since only one holder of the epoch can have numbered it;
# `offset 0` has each looked up by its key, however few rows the planner believes there are.
_APPEND = """
with given as (
    select * from unnest($1::uuid[], $2::integer[], $3::integer[], $4::timestamptz[], $5::jsonb[])
        as g (call_id, epoch, seq, at, event)
), held as (
    select call_id, epoch from app.call_details
    where call_id = any($1::uuid[]) order by call_id for share
), known as (
    select g.call_id, g.seq from given g cross join lateral (
        select from app.call_journal j where j.call_id = g.call_id and j.seq = g.seq offset 0
    ) there
), written as (
    insert into app.call_journal (call_id, seq, at, event)
    select g.call_id, g.seq, g.at, g.event from given g join held using (call_id, epoch)
    where (g.call_id, g.seq) not in (select call_id, seq from known) order by g.call_id, g.seq
)
select g.call_id, g.epoch, g.seq, held.call_id is null as is_fenced
from given g left join held using (call_id, epoch) left join known using (call_id, seq)
where held.call_id is null or known.call_id is not null
"""

_READ = """
select call_id, seq, at, event from app.call_journal where call_id = $1 and seq > $2 order by seq
"""


class JournalEntry(msgspec.Struct, frozen=True):
    """One event that reached a call's decisions while its owner held the lease of `lease_epoch`."""

    call_id: UUID
    user_id: UUID
    lease_epoch: int
    seq: int
    at: datetime
    event: Any


class Refused(msgspec.Struct, frozen=True):
    """What was not written: what the fence keeps out, by call and the epoch that is not its own any
    more, and entries that are there already, by call and number, with all that followed from them.
    """

    fenced: set[tuple[UUID, int]]
    known: set[tuple[UUID, int]]


class JournalRow(msgspec.Struct, frozen=True):
    """A row of app.call_journal."""

    seq: int
    at: datetime
    event: Any


async def append(connection: Connection, entries: Sequence[JournalEntry]) -> Refused:
    """Write a batch in one statement; no two of its entries have the same call and number.

    Raises UniqueViolationError when another writes the same entry at this moment.
    """
    keyring = connection.keyring
    keys = await keyring.of_many({entry.user_id for entry in entries})
    names = {entry.call_id: str(entry.call_id) for entry in entries}
    columns = (
        [entry.call_id for entry in entries],
        [entry.lease_epoch for entry in entries],
        [entry.seq for entry in entries],
        [entry.at for entry in entries],
        EVENTS.seal_json(
            keyring,
            "event",
            [(keys[e.user_id], f"{names[e.call_id]}\x1f{e.seq}", e.event) for e in entries],
        ),
    )
    records = await connection.fetch(_APPEND, *columns)
    return Refused(
        {(record["call_id"], record["epoch"]) for record in records if record["is_fenced"]},
        {(record["call_id"], record["seq"]) for record in records if not record["is_fenced"]},
    )


async def read(connection: Connection, call_id: UUID, *, after_seq: int = -1) -> list[JournalRow]:
    """The call's journal after `after_seq`, in order."""
    records = await connection.fetch(_READ, call_id, after_seq)
    return await EVENTS.many(connection, records, JournalRow)
