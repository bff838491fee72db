"""What a topic begins with: the events a client missed, or its state as a snapshot in pages.

Position and state come from one snapshot of the database, so nothing overlaps and nothing is
missing between them and the events that follow. Never a part of what was missed.
"""

import asyncio

import asyncpg
import msgspec
import structlog

from db.cluster import event_streams
from db.cluster.event_streams import Position
from db.core.rows import Connection
from db.core.sealing import Unsealable
from server.cluster.deps import ClusterDeps
from server.core.errors import AppError
from server.dashboard import snapshots
from server.dashboard.snapshots import State
from server.dashboard.topics import Topic
from server.live.hub import renamed
from server.live.messages import Cursor, Event
from server.live.wire import event_out

log = structlog.get_logger(__name__)

TRIES = 20
PAUSE_SECONDS = 0.02
MOST_NUMBERED = 5000
SCANNED = 20  # so many times the replay's limit is looked through for a topic's own events


class _BusyError(Exception):
    """Another transaction numbers just now."""


class Beginning(msgspec.Struct, frozen=True):
    """Either `missed` events in order or, when that is None, the state as of `position`."""

    position: Position
    missed: list[Event] | None
    pages: list[State]


async def begin(deps: ClusterDeps, topic: Topic, cursor: Cursor | None) -> Beginning:
    """Where a topic starts for a client that saw everything up to its cursor."""
    for _ in range(TRIES):
        try:
            return await _begin(deps, topic, cursor)
        except (asyncpg.SerializationError, _BusyError):  # another came in between
            await asyncio.sleep(PAUSE_SECONDS)
    raise AppError("unavailable")


async def _begin(deps: ClusterDeps, topic: Topic, cursor: Cursor | None) -> Beginning:
    async with deps.pools.as_service(one_snapshot=True) as connection:
        position = await _position(connection, topic)
        if cursor is not None and cursor.epoch == position.stream_epoch and topic.kind != "fleet":
            try:
                missed = await _missed(deps, connection, topic, cursor.seq, position)
            except Unsealable:  # changed by somebody in the database: the state tells more than it
                log.error("event_unreadable", topic=topic.kind)
                missed = None
            if missed is not None:
                return Beginning(position, missed, [])
        if topic.kind == "all":
            position = await _numbered(connection, position)
        beginning = Beginning(position, None, await snapshots.pages(deps, connection, topic))
    if topic.kind == "all":
        deps.hub.has_new_events.set()
    return beginning


async def _numbered(connection: Connection, position: Position) -> Position:
    """Everybody's place with all that this snapshot shows in it, so nothing shown is sent again."""
    top: int | None = position.seq
    while top is not None:
        before, top = top, await event_streams.number(connection, MOST_NUMBERED)
        if top == before:
            return Position(position.stream_epoch, top)
    raise _BusyError


async def _position(connection: Connection, topic: Topic) -> Position:
    if topic.kind == "all":
        return await event_streams.relay_position(connection)
    if topic.user_id is None:
        return Position("", 0)
    known = await event_streams.position(connection, topic.user_id)
    return known or await event_streams.open_stream(connection, topic.user_id)


async def _missed(
    deps: ClusterDeps, connection: Connection, topic: Topic, seen: int, position: Position
) -> list[Event] | None:
    """The events after `seen`; None when they are too many or no longer kept."""
    most, now = deps.config.limits.live_replay_events, position.seq
    gap = now - seen
    if not 0 <= seen <= now:
        return None
    if topic.kind == "all":
        if gap > most:
            return None
        numbered = await event_streams.read_numbered(connection, seen, most)
        events = [
            renamed(event_out(row), "all", position.stream_epoch, row.gseq) for row in numbered
        ]
        return events if len(events) == gap else None
    if topic.user_id is None:
        return None
    if topic.subject_id is None:
        if gap > most:
            return None
        rows = await event_streams.read_after(connection, topic.user_id, seen, most)
        whole = len(rows) == gap
    else:
        if gap > most * SCANNED:
            return None
        rows = await event_streams.read_subject(
            connection, topic.user_id, topic.name, seen, most + 1
        )
        oldest = await event_streams.oldest(connection, topic.user_id)
        whole = len(rows) <= most and (gap == 0 or (oldest is not None and oldest <= seen + 1))
    return [event_out(row, topic.name) for row in rows] if whole else None
