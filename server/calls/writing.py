"""What a group of entries of live calls makes true, written in a handful of statements.

However many calls and entries: one statement for the journal, one for each further change of the
same call, one for the waiting room, two for usage, one for events. Knows no time and no task.
"""

import itertools
import uuid
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from db import calls, recordings
from db.calls import CallChange, CallRow
from db.history import journal
from db.history.journal import JournalEntry
from db.recordings import RecordingRow
from media.consumption import Consumed
from media.effects import Effect, Publish, Record, Settle
from media.events import Event
from media.ports import Emitted
from server.audit.notes import note
from server.calls.wire import CALL_EVENTS, call_out
from server.consent.wordings import recording_wording
from server.core.events import Subject, of_call
from server.core.settings.costs import Costs
from server.core.times import utc
from server.core.transaction import Transaction
from server.costs.store import Use, charge_all
from server.texts import missed_calls
from server.usage import actions as usage
from server.usage.actions import Settled

CALL_DUE = "scheduled_call"  # a job: what is due of a scheduled call
AFTER_CALL = "after_call"  # a job: what follows from a conversation by phone


class Entry(msgspec.Struct, frozen=True):
    """One event of one call, with what follows from it for rows and dashboards, and what the call
    consumed since an earlier one."""

    call_id: uuid.UUID
    user_id: uuid.UUID
    lease_epoch: int
    seq: int
    at: float
    event: Event
    emitted: tuple[Emitted, ...]
    consumed: Consumed = msgspec.field(default_factory=dict)


def entry_of(row: CallRow, seq: int, at: float, event: Event, effects: Sequence[Effect]) -> Entry:
    """One event under the epoch of the call's row, with those of its effects that are written."""
    emitted = tuple(effect for effect in effects if isinstance(effect, Emitted))
    return Entry(row.id, row.user_id, row.lease_epoch, seq, at, event, emitted)


_Emission: TypeAlias = tuple[Entry, Emitted]


async def write(
    tx: Transaction, prices: Costs, group: Sequence[Entry]
) -> set[tuple[uuid.UUID, int]]:
    """Write entries in this transaction; locks are taken kind by kind and in order of user.

    Returns the calls that are no longer ours, each with the epoch: nothing of those was written,
    though all that was done under a later one, after the call had come back. An entry that is in
    the journal already had all of its consequences then, and has none now.
    """
    lines = [
        JournalEntry(
            entry.call_id, entry.user_id, entry.lease_epoch, entry.seq, utc(entry.at), entry.event
        )
        for entry in group
    ]
    refused = await journal.append(tx.connection, lines)
    written = [
        entry
        for entry in group
        if (entry.call_id, entry.lease_epoch) not in refused.fenced
        and (entry.call_id, entry.seq) not in refused.known
    ]
    emissions = [(entry, emitted) for entry in written for emitted in entry.emitted]
    rows = await _record(tx, emissions)
    for (entry, emitted), row in zip(emissions, rows, strict=True):
        if isinstance(emitted, Publish) and emitted.key is None:
            tx.emit(emitted.event, _subject(entry, emitted.cause), utc(entry.at))
        elif isinstance(emitted, Record) and row is not None:
            if emitted.agreed_to is not None:
                await _agreed(tx, entry, emitted.agreed_to)
            if emitted.follow_up:
                tx.enqueue(AFTER_CALL, str(entry.call_id))
            if emitted.ended_at is not None and row.scheduled_id is not None:
                tx.enqueue(CALL_DUE, str(row.scheduled_id))
            is_unused = emitted.ended_at is not None and Settle(commit=False) in entry.emitted
            if is_unused and row.direction == "inbound":  # they are gone, and were not talked with
                missed_calls.note(tx, row.user_id, row.user_phone_number)
            if emitted.type is not None:
                event = CALL_EVENTS[emitted.type](call_out(row))
                tx.emit(event, _subject(entry), utc(entry.at))
    decided = [
        Settled(use_of(entry.call_id, emitted.use), _subject(entry), emitted.commit, utc(entry.at))
        for entry, emitted in emissions
        if isinstance(emitted, Settle)
    ]
    await usage.settle_many(tx, "calls", decided)
    uses = [_use(entry, entry.consumed) for entry in written if entry.consumed]
    await charge_all(tx, prices, uses + _by_phone(emissions, rows))
    return refused.fenced


def _use(entry: Entry, consumed: Consumed) -> Use:
    return Use(f"call:{entry.call_id}", entry.user_id, "calls", consumed)


def _by_phone(emissions: Sequence[_Emission], rows: Sequence[CallRow | None]) -> list[Use]:
    """The carrier's seconds of calls that are over now."""
    return [
        _use(entry, {carrier_name(row): row.duration_seconds * 1000})
        for (entry, emitted), row in zip(emissions, rows, strict=True)
        if row is not None and isinstance(emitted, Record) and emitted.ended_at is not None
        if row.answered_time is not None and row.duration_seconds
    ]


def use_of(call_id: uuid.UUID, name: str) -> uuid.UUID:
    """What a call counts under, or, by its name, a transfer of it."""
    return uuid.uuid5(call_id, name) if name else call_id


def carrier_name(row: CallRow) -> str:
    """The price of the call's seconds."""
    return "twilio.inbound_call" if row.direction == "inbound" else "twilio.call"


async def _agreed(tx: Transaction, entry: Entry, words: str) -> None:
    """Put on record that whoever was called said yes to being recorded; what is kept needs it."""
    wording = recording_wording(words)
    new = RecordingRow(
        entry.call_id, entry.user_id, utc(entry.at), words, wording.id, wording.version,
        wording.language,
    )  # fmt: skip
    if await recordings.agree(tx.connection, new):
        data = {
            "channel": "recording", "source": "call", "wording": wording.id,
            "version": wording.version, "language": wording.language,
        }  # fmt: skip
        note(tx, "consent.given", user_id=entry.user_id, subject=_subject(entry).name, data=data)


def _subject(entry: Entry, cause: str | None = None) -> Subject:
    return of_call(entry.user_id, entry.call_id, entry.seq, cause)


async def _record(tx: Transaction, emissions: Sequence[_Emission]) -> list[CallRow | None]:
    """Change the calls' rows; for each emission its call as it then was, None if it changed none.

    The first changes of all calls are one statement, their second ones another, and so on, so that
    every event shows the call as of its own moment.
    """
    rows: list[CallRow | None] = [None] * len(emissions)
    changes: dict[uuid.UUID, list[int]] = {}
    for place, (entry, emitted) in enumerate(emissions):
        if isinstance(emitted, Record):
            changes.setdefault(entry.call_id, []).append(place)
    for places in itertools.zip_longest(*changes.values()):
        wanted = {}
        for entry, emitted in (emissions[place] for place in places if place is not None):
            assert isinstance(emitted, Record)  # noqa: S101 - collected so above
            wanted[entry.call_id] = (entry.lease_epoch, _change(emitted))
        changed = await calls.apply_changes(tx.connection, wanted)
        for place in places:
            if place is not None:
                rows[place] = changed.get(emissions[place][0].call_id)
    moves = [
        (entry.call_id, emitted.waiting_room)
        for entry, emitted in emissions
        if isinstance(emitted, Record) and emitted.waiting_room is not None
    ]
    await calls.set_waiting(tx.connection, moves)
    return rows


def _change(record: Record) -> CallChange:
    return CallChange(
        status=record.status,
        twilio_call_sid=record.sid,
        ringing_time=None if record.ringing_at is None else utc(record.ringing_at),
        answered_time=None if record.answered_at is None else utc(record.answered_at),
        ended_time=None if record.ended_at is None else utc(record.ended_at),
        duration_seconds=record.duration_seconds,
        answered_by=record.answered_by,
        end_reason=record.end_reason,
        dial_state="known" if record.sid is not None else None,
        recording=record.recording,
        language=record.language,
    )
