"""Committed events on their way to this node's listeners. Knows rows and messages, no features."""

from collections.abc import Sequence

from db.event_streams import EventRow
from server.core.times import rfc3339
from server.live.hub import Hub
from server.live.messages import Event as EventOut


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
