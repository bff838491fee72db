"""The relay: gives every committed event its place among everybody's, and publishes it.

What a node publishes right after its commit is a short cut. This is the way nothing gets lost on:
it reads rows in the order of their places, so events of other nodes, of commands beside a node,
and of a node that died between commit and publish come out here: at once where the bus says so
(`shared_events.py`), and late by a second at most. One node numbers at a time; every node follows,
with nobody to watch only so that no backlog of numbers builds up. Knows no requests and no sockets.
"""

import asyncio
import contextlib

import structlog

from db.cluster import event_streams
from db.cluster.event_streams import NumberedRow
from db.core.failures import DATABASE_ERRORS, is_away
from server.cluster.deps import ClusterDeps
from server.live.hub import ALL, renamed
from server.live.wire import event_out

log = structlog.get_logger(__name__)

BATCH = 200
GATHER_SECONDS = 0.04
AGAIN_SECONDS = 0.01  # another node was numbering, and is done by now
TICK_SECONDS = 1.0
UNWATCHED_SECONDS = 30.0


class Relay:
    """This node's part: it numbers what is found, and publishes to its hub what it has not yet."""

    def __init__(self, deps: ClusterDeps) -> None:
        self._deps = deps
        self._epoch = ""
        self._published = 0
        self._busy = 0  # so many times in a row another node was numbering

    async def begin(self) -> None:
        """Whoever comes from now on starts no earlier than here."""
        async with self._deps.pools.as_service() as connection:
            position = await event_streams.relay_position(connection)
        self._epoch, self._published = position.stream_epoch, position.seq

    async def run(self) -> None:
        """For ever, soon after somebody here waits for it and every second anyway."""
        hub = self._deps.hub
        has_new_events = hub.has_new_events
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS if hub.is_watched() else UNWATCHED_SECONDS):
                    await has_new_events.wait()
            if has_new_events.is_set():
                is_second = self._busy == 1
                # gathers a group; this is the batching window
                await asyncio.sleep(AGAIN_SECONDS if is_second else GATHER_SECONDS)
            has_new_events.clear()
            try:
                while await self.step():
                    pass
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.error("relay_waits", error=type(error).__name__)
                await asyncio.sleep(TICK_SECONDS)

    async def step(self) -> bool:
        """Number a batch and publish what is new; whether there may be more."""
        hub, published = self._deps.hub, self._published
        is_watched = hub.is_watched()
        rows: list[NumberedRow] = []
        async with self._deps.pools.as_service() as connection:
            top = await event_streams.number(connection, BATCH)
            self._busy = self._busy + 1 if top is None else 0
            if top is None:  # another node numbers just now: look again soon
                hub.has_new_events.set()
                top = (await event_streams.relay_position(connection)).seq
            if is_watched and top > published:
                rows, damaged = await event_streams.numbered_each(connection, published, BATCH)
                for place in damaged:  # somebody changed it: nobody else's event waits for it
                    log.error("event_unreadable", place=place)
        if not is_watched:
            if hub.is_watched():  # somebody came meanwhile, and may begin before this place
                return True
            self._published = top
        for row in rows:
            event = event_out(row)
            hub.publish(event, sure=True)
            hub.publish_numbered(renamed(event, ALL, self._epoch, row.gseq))
            self._published = row.gseq
        if is_watched:
            self._published = max(self._published, min(top, published + BATCH))
        return top - published >= BATCH
