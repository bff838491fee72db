"""Writes down what live calls decide: journal, rows, usage and events, then tells dashboards.

Calls hand over entries and go on; one task commits them in groups, in order, at most some 50 ms
later. Nothing is told to anybody before it is committed. While the database is away entries wait
in memory, in order, and `backlog` says how many.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog

from db import calls, jobs, journal, streams, usage
from db.pool import Pools
from db.rows import CallChange, CallRow, Connection, EventRow, JournalEntry, NewEvent
from media.effects import Publish, Record, Settle
from media.events import Event
from media.ports import Emitted
from server.dashboard.hub import Hub
from server.dashboard.messages import Event as EventOut
from server.wire import call_out, metric_out, rfc3339, utc

log = structlog.get_logger(__name__)

GROUP_SECONDS = 0.02
RETRY_SECONDS = 0.5
AFTER_CALL = "after_call"  # a job: what follows from a conversation by phone
_AWAY = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)


class Entry(msgspec.Struct, frozen=True):
    """One event of one call, with what follows from it for rows and dashboards."""

    call_id: uuid.UUID
    user_id: uuid.UUID
    epoch: int
    seq: int
    at: float
    event: Event
    told: tuple[Emitted, ...]


class Recorder:
    """The node's one writer for live calls."""

    def __init__(self, pools: Pools, hub: Hub, lost: Callable[[uuid.UUID], None]) -> None:
        """`lost` is told of calls that turn out to be another node's by now."""
        self._pools = pools
        self._hub = hub
        self._lost = lost
        self._waiting: list[Entry] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def backlog(self) -> int:
        """Entries not committed yet."""
        return len(self._waiting)

    def submit(self, entry: Entry) -> None:
        """Take an entry; passing news goes out at once, the rest once it is committed."""
        for told in entry.told:
            if isinstance(told, Publish) and told.key is not None:
                self.publish_ephemeral(entry.call_id, entry.user_id, entry.at, told)
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
            self._wake.clear()
            while self._waiting:
                await self._commit_group()
            self._idle.set()

    async def _commit_group(self) -> None:
        group = list(self._waiting)
        try:
            rows = await self._write(group)
        except _AWAY as error:
            log.error("database_away", error=type(error).__name__, backlog=self.backlog)
            await asyncio.sleep(RETRY_SECONDS)
            return
        except asyncpg.PostgresError as error:
            if len(group) > 1:  # find the entry that cannot be written, keep the others
                for entry in group:
                    await self._commit_one(entry)
                return
            log.error("entry_refused", call_id=str(group[0].call_id), error=type(error).__name__)
            rows = []
        del self._waiting[: len(group)]
        publish(self._hub, rows)

    async def _commit_one(self, entry: Entry) -> None:
        """One entry alone; one the database refuses is logged and given up, others go on."""
        with contextlib.suppress(*_AWAY):
            try:
                publish(self._hub, await self._write([entry]))
            except asyncpg.PostgresError as error:
                log.error("entry_refused", call_id=str(entry.call_id), error=type(error).__name__)
            self._waiting.remove(entry)

    async def _write(self, group: Sequence[Entry]) -> list[EventRow]:
        async with self._pools.as_service() as connection:
            written = await write(connection, group)
        for call_id in written.fenced:
            log.error("call_fenced", call_id=str(call_id))
            self._lost(call_id)
        return written.events

    def publish_ephemeral(
        self, call_id: uuid.UUID, user_id: uuid.UUID, at: float, told: Publish
    ) -> None:
        """Tell passing news now. A key of one side ("level:caller") names the call as well."""
        kind, colon, side = (told.key or "").partition(":")
        event = EventOut(
            topic="me",
            id=uuid.uuid4(),
            type=told.type,
            v=1,
            ts=rfc3339(utc(at)) or "",
            user_id=user_id,
            subject=f"call:{call_id}",
            data=dict(told.data),
            eph=f"{kind}:{call_id}:{side}" if colon else kind,
        )
        self._hub.publish_ephemeral(event)


class CallEventLog:
    """A call's way to the recorder: knows whose call it is and under which epoch it is run."""

    def __init__(self, recorder: Recorder, row: CallRow) -> None:
        self._recorder = recorder
        self._row = row

    def append(self, seq: int, at: float, event: Event, told: Sequence[Emitted]) -> None:
        """Hand one event over."""
        row = self._row
        self._recorder.submit(Entry(row.id, row.user_id, row.epoch, seq, at, event, tuple(told)))

    def publish_ephemeral(self, at: float, news: Publish) -> None:
        """Tell something that passes and leaves no row."""
        self._recorder.publish_ephemeral(self._row.id, self._row.user_id, at, news)


class Written(msgspec.Struct, frozen=True):
    """Events to publish once the transaction is committed, and calls that are no longer ours."""

    events: list[EventRow]
    fenced: set[uuid.UUID]


async def write(connection: Connection, group: Sequence[Entry]) -> Written:
    """Write entries in this transaction; locks are taken kind by kind and in order of user."""
    lines = [
        JournalEntry(entry.call_id, entry.epoch, entry.seq, utc(entry.at), entry.event)
        for entry in group
    ]
    fenced = await journal.append(connection, lines)
    ours = [entry for entry in group if entry.call_id not in fenced]
    news: list[NewEvent] = []
    for entry in ours:
        for told in entry.told:
            if isinstance(told, Record):
                news += await _record(connection, entry, told)
            elif isinstance(told, Publish) and told.key is None:
                news.append(_news(entry, told.type, told.data, told.cause))
    for entry in sorted(ours, key=lambda entry: entry.user_id):
        for told in entry.told:
            if isinstance(told, Settle):
                news += await _settle(connection, entry, told)
    news.sort(key=lambda event: event.user_id)  # stable: a user's own order stays
    return Written([await streams.append_event(connection, event) for event in news], fenced)


def publish(hub: Hub, rows: Sequence[EventRow]) -> None:
    """Offer committed events to whoever listens on this node, and have them numbered."""
    for row in rows:
        hub.publish(event_out(row))
    if rows:
        hub.news.set()


def event_out(row: EventRow, topic: str = "me") -> EventOut:
    """A committed event as its owner's clients see it, in one of the topics of its stream."""
    return EventOut(
        topic=topic,
        id=row.id,
        type=row.type,
        v=row.v,
        ts=rfc3339(row.ts) or "",
        user_id=row.user_id,
        subject=row.subject,
        data=row.data,
        seq=row.seq,
        epoch=row.epoch,
        rev=row.rev,
        cause=row.cause,
    )


async def _record(connection: Connection, entry: Entry, told: Record) -> list[NewEvent]:
    change = CallChange(
        status=told.status,
        twilio_call_sid=told.sid,
        ringing_time=None if told.ringing_at is None else utc(told.ringing_at),
        answered_time=None if told.answered_at is None else utc(told.answered_at),
        ended_time=None if told.ended_at is None else utc(told.ended_at),
        duration_seconds=told.duration_seconds,
        answered_by=told.answered_by,
        end_reason=told.end_reason,
        dial_state="known" if told.sid is not None else None,
    )
    row = await calls.apply_change(connection, entry.call_id, change, entry.epoch)
    if row is not None and told.status == "ended":
        await jobs.enqueue(connection, AFTER_CALL, str(entry.call_id))
    if told.waiting_room is not None:
        await calls.set_waiting(connection, entry.call_id, told.waiting_room)
    if row is None or told.type is None:
        return []
    return [_news(entry, told.type, {"call": call_out(row)}, None)]


async def _settle(connection: Connection, entry: Entry, told: Settle) -> list[NewEvent]:
    if not await usage.settle(connection, "calls", entry.call_id, is_used=told.commit):
        return []
    rows = await usage.read(connection, entry.user_id, usage.month_year(utc(entry.at)))
    data = {row.metric: metric_out(row.used, row.reserved, row.limit) for row in rows}
    return [_news(entry, "usage.updated", data, None)]


def _news(entry: Entry, kind: str, data: Any, cause: str | None) -> NewEvent:
    return NewEvent(
        id=uuid.uuid4(),
        user_id=entry.user_id,
        type=kind,
        ts=utc(entry.at),
        subject=f"call:{entry.call_id}",
        rev=entry.seq,
        data=data,
        cause=cause,
    )
