"""The call journal: every event that reached a call's decisions, in order.

It knows call, sequence, time and an opaque event. What a call has written down at once is one row,
packed and sealed by the key of whose call it is; a row of before is one entry. Rows are fenced:
those written under an epoch that is not the call's current one are refused.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.keyring import Keyring
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all
from db.core.sealing import Key, Unsealable

ROWS = Sealed("app.call_journal", ("call_id", "seq"), json=("event",), packed=("entries",))
CLEAR = Clear(ROWS, "(select d.user_id from app.call_details d where d.call_id = t.call_id)")

# FOR SHARE keeps the epoch as it is until the rows are committed. No two rows of a call overlap, so
# of what a run may repeat the last row that begins in it, or before, tells (`limit 1`: by the key,
# however few rows the planner believes there are).
_APPEND = """
with given as (
    select * from unnest(
        $1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::timestamptz[], $6::bytea[]
    ) as g (call_id, epoch, seq, last_seq, at, entries)
), held as (
    select call_id, epoch from app.call_details
    where call_id = any($1::uuid[]) order by call_id for share
), known as (
    select g.call_id, g.epoch, g.seq, there.first, there.last
    from given g cross join lateral (
        select j.seq as first, coalesce(j.last_seq, j.seq) as last from app.call_journal j
        where j.call_id = g.call_id and j.seq <= g.last_seq order by j.seq desc limit 1
    ) there
    where there.last >= g.seq
), written as (
    insert into app.call_journal (call_id, seq, last_seq, at, entries)
    select g.call_id, g.seq, g.last_seq, g.at, g.entries
    from given g join held using (call_id, epoch)
    where (g.call_id, epoch, g.seq) not in (select call_id, epoch, seq from known)
    order by g.call_id, g.seq
)
select g.call_id, g.epoch, g.seq, held.call_id is null as is_fenced, known.first, known.last
from given g left join held using (call_id, epoch) left join known using (call_id, epoch, seq)
where held.call_id is null or known.call_id is not null
"""

MOST_IN_A_ROW = 10_000  # many more than are ever written at once
_MICROSECOND = timedelta(microseconds=1)

_READ = """
select call_id, seq, coalesce(last_seq, seq) as last_seq, at, event, entries from app.call_journal
where call_id = $1 and coalesce(last_seq, seq) > $2 order by seq
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
    """An entry as it is read back. One that a destroyed key sealed has an empty event."""

    seq: int
    at: datetime
    event: Any


_Run: TypeAlias = list[JournalEntry]
"""Entries of one call under one epoch, of which none is missing in between."""


async def append(connection: Connection, entries: Sequence[JournalEntry]) -> Refused:
    """Write a batch in one statement; no two of its entries have the same call and number.

    A retry after a lost answer may bring entries that are there already, in rows of other sizes:
    only one holder of the epoch can have numbered them, so they are left as they are, and what is
    new beside them takes another statement. Raises UniqueViolationError when another writes the
    same entries at this moment, and Unsealable where a row says that it has them and has not.
    """
    refused = Refused(set(), set())
    keys = await connection.keyring.of_many({entry.user_id for entry in entries})
    left = _runs(entries)
    while left:
        found = await connection.fetch(_APPEND, *_columns(connection.keyring, keys, left))
        answers = {(row["call_id"], row["epoch"], row["seq"]): row for row in found}
        again: list[JournalEntry] = []
        for run in left:
            first = run[0]
            answer = answers.get((first.call_id, first.lease_epoch, first.seq))
            if answer is None:
                continue
            if answer["is_fenced"]:
                refused.fenced.add((first.call_id, first.lease_epoch))
                continue
            for entry in run:
                if answer["first"] <= entry.seq <= answer["last"]:
                    refused.known.add((entry.call_id, entry.seq))
                else:
                    again.append(entry)
        left = _runs(again)
    for call_id in {call_id for call_id, _ in refused.known}:  # rarely, after a lost answer
        first_known = min(seq for one, seq in refused.known if one == call_id)
        await read(connection, call_id, after_seq=first_known - 1)
    return refused


def _runs(entries: Sequence[JournalEntry]) -> list[_Run]:
    runs: dict[tuple[UUID, int], list[_Run]] = {}
    for entry in sorted(entries, key=lambda entry: entry.seq):
        of_call = runs.setdefault((entry.call_id, entry.lease_epoch), [])
        if of_call and of_call[-1][-1].seq + 1 == entry.seq:
            of_call[-1].append(entry)
        else:
            of_call.append([entry])
    return [run for of_call in runs.values() for run in of_call]


def _columns(keyring: Keyring, keys: Mapping[UUID, Key], runs: Sequence[_Run]) -> list[list[Any]]:
    """The runs as `_APPEND` takes them."""
    given = [
        (
            keys[run[0].user_id],
            f"{run[0].call_id}\x1f{run[0].seq}",
            [((entry.at - run[0].at) // _MICROSECOND, entry.event) for entry in run],
        )
        for run in runs
    ]
    return [
        [run[0].call_id for run in runs],
        [run[0].lease_epoch for run in runs],
        [run[0].seq for run in runs],
        [run[-1].seq for run in runs],
        [run[0].at for run in runs],
        ROWS.seal_packed(keyring, "entries", given),
    ]


async def read(connection: Connection, call_id: UUID, *, after_seq: int = -1) -> list[JournalRow]:
    """The call's journal after `after_seq`, in order. Raises Unsealable."""
    records = await connection.fetch(_READ, call_id, after_seq)
    rows = await open_all(connection, records, ROWS)
    return [line for row in rows for line in _lines(row) if line.seq > after_seq]


def _lines(row: Mapping[str, Any]) -> list[JournalRow]:
    """A row's entries. What is packed is of each the microseconds since the row's time, and the
    event."""
    first, at, entries = row["seq"], row["at"], row["entries"]
    if entries is None and row["event"] is not None:
        return [JournalRow(first, at, row["event"])]
    seqs = range(first, row["last_seq"] + 1)
    if entries == {} and len(seqs) <= MOST_IN_A_ROW:  # their key was destroyed
        return [JournalRow(seq, at, {}) for seq in seqs]
    try:  # the last number is not sealed
        return [
            JournalRow(seq, at + later * _MICROSECOND, event)
            for seq, (later, event) in zip(seqs, entries, strict=True)
        ]
    except (TypeError, ValueError, OverflowError):
        raise Unsealable("a row of a journal is damaged") from None
