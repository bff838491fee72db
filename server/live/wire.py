"""A committed event's row as clients see it. Knows no requests and no sockets."""

from db.event_streams import EventRow
from server.core.times import rfc3339
from server.live.messages import Event as EventOut


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
