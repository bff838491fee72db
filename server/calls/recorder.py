"""Writes down what live calls decide: journal, rows, usage and events, then publishes them.

Calls hand over entries and go on; one task commits them in groups, in order, at most some 50 ms
later. Nothing is published before it is committed. While the database is away entries wait
in memory, in order, and `backlog` says how many.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence

import msgspec
import structlog

from db import calls, journal
from db.calls import CallChange, CallRow
from db.core.failures import is_away, loggable
from db.journal import JournalEntry
from media.effects import Publish, Record, Settle
from media.events import Event
from media.ports import Emitted
from server.calls.wire import CALL_EVENTS, call_out
from server.core.events import Subject, of_call
from server.core.node import Node
from server.core.times import utc
from server.core.transaction import Transaction
from server.live.hub import Hub
from server.live.wire import ephemeral_out
from server.usage import actions as usage

log = structlog.get_logger(__name__)

GROUP_SECONDS = 0.02
RETRY_SECONDS = 0.5
AFTER_CALL = "after_call"  # a job: what follows from a conversation by phone


class Entry(msgspec.Struct, frozen=True):
    """One event of one call, with what follows from it for rows and dashboards."""

    call_id: uuid.UUID
    user_id: uuid.UUID
    lease_epoch: int
    seq: int
    at: float
    event: Event
    emitted: tuple[Emitted, ...]


class Recorder:
    """The node's one writer for live calls."""

    def __init__(self, node: Node, hub: Hub, lost: Callable[[uuid.UUID], None]) -> None:
        """`lost` learns of calls that turn out to be another node's by now, and of those that
        cannot be written down; either falls silent here at once, and whoever finds the lease run
        out sees it to its end."""
        self._node = node
        self._hub = hub
        self._lost = lost
        self._waiting: list[Entry] = []
        self._alone = 0  # so many entries, the oldest, are to be written each by itself
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def backlog(self) -> int:
        """Entries not committed yet."""
        return len(self._waiting)

    def submit(self, entry: Entry) -> None:
        """Take an entry; ephemeral events go out at once, the rest once it is committed."""
        for emitted in entry.emitted:
            if isinstance(emitted, Publish) and emitted.key is not None:
                self.publish_ephemeral(entry.call_id, entry.user_id, entry.at, emitted)
        self._waiting.append(entry)
        self._idle.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until everything submitted so far is committed."""
        await self._idle.wait()

    async def run(self) -> None:
        """Commit groups for ever; cancelled at the end, after `settled`."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GROUP_SECONDS)  # gathers a group; this is the batching window
            while self._waiting:
                await self._commit_group()
            self._wake.clear()
            self._idle.set()

    async def _commit_group(self) -> None:
        """Commit what waits, as one group or, after one was refused, entry by entry: that finds
        the entry at fault and keeps the others, in order."""
        group = self._waiting[:1] if self._alone else list(self._waiting)
        try:
            fenced = await self._write(group)
        except Exception as error:  # one entry must never hold up all others for ever
            if is_away(error):
                log.error("database_away", error=type(error).__name__, backlog=self.backlog)
                await asyncio.sleep(RETRY_SECONDS)
                return
            if len(group) > 1:
                self._alone = len(group)
                return
            log.error(
                "entry_refused",
                call_id=str(group[0].call_id),
                error=type(error).__name__,
                exc_info=loggable(error),
            )
            self._lost(group[0].call_id)  # lest the call goes on without a trace
            fenced = set()
        del self._waiting[: len(group)]
        self._alone = max(0, self._alone - 1)
        for call_id in fenced:
            log.error("call_fenced", call_id=str(call_id))
            self._lost(call_id)

    async def _write(self, group: Sequence[Entry]) -> set[uuid.UUID]:
        async with self._node.transaction() as tx:
            return await write(tx, group)

    def publish_ephemeral(
        self, call_id: uuid.UUID, user_id: uuid.UUID, at: float, emitted: Publish
    ) -> None:
        """Publish an ephemeral event. A key of one side ("level:caller") names the call as well."""
        kind, colon, side = (emitted.key or "").partition(":")
        key = f"{kind}:{call_id}:{side}" if colon else kind
        about = of_call(user_id, call_id)
        self._hub.publish_ephemeral(ephemeral_out(emitted.event, about, utc(at), key))


class CallEventLog:
    """A call's way to the recorder: knows whose call it is and under which epoch it is run."""

    def __init__(self, recorder: Recorder, row: CallRow) -> None:
        self._recorder = recorder
        self._row = row

    def append(self, seq: int, at: float, event: Event, emitted: Sequence[Emitted]) -> None:
        """Hand one event over."""
        row = self._row
        self._recorder.submit(
            Entry(row.id, row.user_id, row.lease_epoch, seq, at, event, tuple(emitted))
        )

    def publish_ephemeral(self, at: float, event: Publish) -> None:
        """Tell something that passes and leaves no row."""
        self._recorder.publish_ephemeral(self._row.id, self._row.user_id, at, event)


async def write(tx: Transaction, group: Sequence[Entry]) -> set[uuid.UUID]:
    """Write entries in this transaction; locks are taken kind by kind and in order of user.

    Returns the calls that are no longer ours, of which nothing was written.
    """
    lines = [
        JournalEntry(entry.call_id, entry.lease_epoch, entry.seq, utc(entry.at), entry.event)
        for entry in group
    ]
    fenced = await journal.append(tx.connection, lines)
    ours = [entry for entry in group if entry.call_id not in fenced]
    for entry in ours:
        for emitted in entry.emitted:
            if isinstance(emitted, Record):
                await _record(tx, entry, emitted)
            elif isinstance(emitted, Publish) and emitted.key is None:
                tx.emit(emitted.event, _subject(entry, emitted.cause), utc(entry.at))
    for entry in sorted(ours, key=lambda entry: entry.user_id):
        for emitted in entry.emitted:
            if isinstance(emitted, Settle):
                await usage.settle(
                    tx, "calls", entry.call_id, _subject(entry), is_used=emitted.commit,
                    at=utc(entry.at),
                )  # fmt: skip
    return fenced


def _subject(entry: Entry, cause: str | None = None) -> Subject:
    return of_call(entry.user_id, entry.call_id, entry.seq, cause)


async def _record(tx: Transaction, entry: Entry, record: Record) -> None:
    change = CallChange(
        status=record.status,
        twilio_call_sid=record.sid,
        ringing_time=None if record.ringing_at is None else utc(record.ringing_at),
        answered_time=None if record.answered_at is None else utc(record.answered_at),
        ended_time=None if record.ended_at is None else utc(record.ended_at),
        duration_seconds=record.duration_seconds,
        answered_by=record.answered_by,
        end_reason=record.end_reason,
        dial_state="known" if record.sid is not None else None,
    )
    row = await calls.apply_change(tx.connection, entry.call_id, change, entry.lease_epoch)
    if row is not None and record.status == "ended":
        tx.enqueue(AFTER_CALL, str(entry.call_id))
    if record.waiting_room is not None:
        await calls.set_waiting(tx.connection, entry.call_id, record.waiting_room)
    if row is not None and record.type is not None:
        tx.emit(CALL_EVENTS[record.type](call_out(row)), _subject(entry), utc(entry.at))
