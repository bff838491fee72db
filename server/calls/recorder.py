"""Writes down what live calls decide: journal, rows, usage and events, then publishes them.

Calls hand over entries and go on; one task commits them in groups, each call's in order. How long
an entry may wait for others (`patience`) depends on who waits for it; whoever is committed takes
along all that was handed over of the same call, and of others what cannot wait much longer: what a
call has committed at once is one row. Nothing is published before it is committed. While the
database is away entries wait, in order, in memory and beyond a bound in a file; `backlog` says how
many.
"""

import asyncio
import contextlib
import itertools
import math
import uuid
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from db.calls import CallRow
from db.core.failures import is_away, loggable
from media.audio.two_tracks import Keep
from media.effects import Publish, Record, Settle
from media.events import (
    Event,
    GenerationFinished,
    SpeechBegan,
    SpeechPaused,
    StreamStopped,
    ToneHeard,
)
from media.ports import Emitted
from server.calls.spill import Spill
from server.calls.writing import Entry, write
from server.core.events import of_call
from server.core.node import Node
from server.core.times import utc
from server.costs.meter import CallMeter
from server.live.hub import Hub
from server.live.wire import ephemeral_out

log = structlog.get_logger(__name__)

GROUP_SECONDS = 0.02  # somebody waits: a status, usage, an operator's doing, what a dashboard shows
QUIET_SECONDS = 0.25  # what a node that dies now would forget of a conversation
IDLE_SECONDS = 5.0  # about sound that is lost with the node anyway
MOST_ENTRIES = 500  # in one transaction
MOST_BACKLOG = 2000  # with more than that no new calls are taken
MOST_IN_MEMORY = 5000  # then all goes to a file: it takes a moment, in which no sound is sent
RETRY_SECONDS = 0.5
WRITTEN_SECONDS = 0.5  # that somebody may be held up while the database is away

_IDLE = (SpeechBegan, SpeechPaused, ToneHeard, GenerationFinished)


def patience(event: Event, emitted: Sequence[Emitted], *, is_watched: bool) -> float:
    """How many seconds an entry may wait for others to be committed with it; `is_watched` says
    whether anybody here watches its user's events."""
    is_told = False
    for one in emitted:
        if isinstance(one, Record | Settle) or one.cause is not None:
            return GROUP_SECONDS
        is_told = is_told or one.key is None
    if is_told:
        return GROUP_SECONDS if is_watched else QUIET_SECONDS
    return IDLE_SECONDS if isinstance(event, _IDLE) else QUIET_SECONDS


class Recorder:
    """The node's one writer for live calls."""

    def __init__(
        self,
        node: Node,
        hub: Hub,
        lost: Callable[[uuid.UUID, int], None],
        spill: Spill | None = None,
    ) -> None:
        """`lost` learns of calls that turn out to be another node's by now, and of those that
        cannot be written down; either falls silent here at once, and whoever finds the lease run
        out sees it to its end."""
        self._node = node
        self._hub = hub
        self._lost = lost
        self._spill = spill
        self._waiting: list[Entry] = []
        self._open: Counter[tuple[uuid.UUID, int]] = Counter()  # entries not committed, by call
        self._due: list[float] = []  # when each of them is to be committed at the latest
        self._next = math.inf  # the earliest of these
        self._most = MOST_ENTRIES  # fewer after a group was refused
        self._wake = asyncio.Event()
        self._submitted = self._done = 0
        self._progress = asyncio.Event()  # another one for each group

    @property
    def backlog(self) -> int:
        """Entries not committed yet."""
        return len(self._waiting) + (self._spill.unread if self._spill is not None else 0)

    def unwritten(self) -> set[tuple[uuid.UUID, int]]:
        """The calls of which something is not committed yet, each with the epoch it ran under; the
        rows do not know yet what became of them."""
        return set(self._open)

    def submit(self, entry: Entry) -> None:
        """Take an entry; ephemeral events go out at once, the rest once it is committed."""
        for emitted in entry.emitted:
            if isinstance(emitted, Publish) and emitted.key is not None:
                self.publish_ephemeral(entry.call_id, entry.user_id, entry.at, emitted)
        self._submitted += 1
        self._open[entry.call_id, entry.lease_epoch] += 1
        if self._spill is not None and self._spill.active:
            self._spill.add([entry])
            return
        is_watched = self._hub.is_followed(entry.user_id)
        seconds = patience(entry.event, entry.emitted, is_watched=is_watched)
        due = asyncio.get_running_loop().time() + seconds
        self._waiting.append(entry)
        self._due.append(due)
        if self._spill is not None and len(self._waiting) >= MOST_IN_MEMORY:
            self._begin_to_spill(self._spill)
        if due < self._next:
            self._next = due
            self._wake.set()

    async def settled(self) -> None:
        """Have everything submitted so far committed at once, and wait until it is."""
        asked = self._submitted
        self._due = [0.0] * len(self._due)
        self._next = min(self._due, default=self._next)
        self._wake.set()
        while self._done < asked:
            await self._progress.wait()

    async def written(self) -> bool:
        """The same for whoever cannot wait for ever: False while the database is away."""
        try:
            async with asyncio.timeout(WRITTEN_SECONDS):
                await self.settled()
        except TimeoutError:
            return False
        return True

    def _begin_to_spill(self, spill: Spill) -> None:
        """Have all that waits in the file, so that none of it is lost alone; what may be under way
        just now stays in memory as well."""
        log.error("entries_spilled", count=len(self._waiting))
        spill.add(self._waiting)
        spill.take(MOST_ENTRIES)
        del self._waiting[MOST_ENTRIES:], self._due[MOST_ENTRIES:]

    def _refill(self) -> None:
        """Go on with what is in the file; once all of it is written, it is gone."""
        spill = self._spill
        if spill is None or not spill.active:
            return
        while len(self._waiting) < MOST_ENTRIES and (before := spill.unread):
            taken = spill.take(MOST_ENTRIES)
            self._waiting += taken
            self._due += [0.0] * len(taken)
            self._done += before - spill.unread - len(taken)  # of some nothing can be read
        if not self._waiting:
            spill.remove()
            self._open.clear()

    def recover(self) -> None:
        """At the start: write first what processes that are gone have left in the folder."""
        if self._spill is not None and (left := self._spill.adopt()):
            log.warning("entries_recovered", count=left)
            self._submitted += left
            self._refill()
            self._next = 0.0

    def give_up(self) -> None:
        """At the end: leave what was not written to the next process, and say so."""
        spill, self._spill = self._spill, None
        count = len(self._waiting) + (spill.unread if spill is not None else 0)
        if spill is not None and not spill.active and self._waiting:
            spill.add(self._waiting)
        if count:
            log.error("entries_unwritten", count=count, kept=spill is not None and spill.kept)
        if spill is not None:
            spill.close()

    async def run(self) -> None:
        """Commit groups for ever; cancelled at the end, after `settled`."""
        while True:
            await self._gather()
            await self._commit_group()
            self._refill()
            self._next = min(self._due, default=math.inf)

    async def _gather(self) -> None:
        """Until an entry can wait no longer; this is the batching window."""
        loop = asyncio.get_running_loop()
        while self._next > loop.time():
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._next if self._due else None):
                    await self._wake.wait()

    async def _commit_group(self) -> None:
        """Commit what waits, as one group or, after one was refused, as half of it: that soon finds
        the entry at fault and keeps the others, in order."""
        count = min(self._due_first(), self._most)
        group = self._waiting[:count]
        try:
            fenced = await self._write(group)
        except Exception as error:  # one entry must never hold up all others for ever
            if is_away(error):
                log.error("database_away", error=type(error).__name__, backlog=self.backlog)
                await asyncio.sleep(RETRY_SECONDS)
                return
            if len(group) > 1:
                self._most = len(group) // 2
                return
            log.error(
                "entry_refused",
                call_id=str(group[0].call_id),
                error=type(error).__name__,
                exc_info=loggable(error),
            )
            self._lost(
                group[0].call_id, group[0].lease_epoch
            )  # lest the call goes on without a trace
            fenced = set()
        del self._waiting[: len(group)], self._due[: len(group)]
        self._open -= Counter((entry.call_id, entry.lease_epoch) for entry in group)
        self._done += len(group)
        self._most = min(self._most * 2, MOST_ENTRIES)
        self._progress.set()
        self._progress = asyncio.Event()
        for call_id, lease_epoch in fenced:
            log.warning("call_fenced", call_id=str(call_id), epoch=lease_epoch)
            self._lost(call_id, lease_epoch)

    def _due_first(self) -> int:
        """Put the calls in front of which something cannot wait much longer; how many entries of
        them are to be committed now."""
        soon = asyncio.get_running_loop().time() + QUIET_SECONDS
        due = zip(self._waiting, self._due, strict=True)
        calls = {entry.call_id for entry, at in due if at <= soon}
        places = (at for at, entry in enumerate(self._waiting) if entry.call_id in calls)
        chosen = list(itertools.islice(places, MOST_ENTRIES))
        if chosen and chosen[-1] >= len(chosen):  # else they are in front already
            front = set(chosen)
            order = chosen + [at for at in range(len(self._waiting)) if at not in front]
            self._waiting = [self._waiting[at] for at in order]
            self._due = [self._due[at] for at in order]
        return len(chosen)

    async def _write(self, group: Sequence[Entry]) -> set[tuple[uuid.UUID, int]]:
        async with self._node.transaction(for_calls=True) as tx:
            return await write(tx, self._node.config.costs, group)

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

    def __init__(self, recorder: Recorder, row: CallRow, keep: Keep, meter: CallMeter) -> None:
        """`keep` takes its sound where it is recorded, `meter` knows what it consumes."""
        self._recorder = recorder
        self._meter = meter
        self._row = row
        self.keep = keep

    def append(self, seq: int, at: float, event: Event, emitted: Sequence[Emitted]) -> None:
        """Hand one event over."""
        row, records = self._row, [one for one in emitted if isinstance(one, Record)]
        for record in records:
            self._meter.answered_at = record.answered_at or self._meter.answered_at
        is_over = any(record.ended_at is not None for record in records)
        consumed = self._meter.look(at, is_over=is_over, at_once=isinstance(event, StreamStopped))
        self._recorder.submit(
            Entry(row.id, row.user_id, row.lease_epoch, seq, at, event, tuple(emitted), consumed)
        )

    def publish_ephemeral(self, at: float, event: Publish) -> None:
        """Tell something that passes and leaves no row."""
        self._recorder.publish_ephemeral(self._row.id, self._row.user_id, at, event)
