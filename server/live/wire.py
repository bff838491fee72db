"""Events as clients see them: committed ones by their rows, ephemeral ones as they are.

Knows no requests and no sockets.
"""

import datetime as dt
import uuid

from db.cluster.event_streams import EventRow
from media.published import Published
from server.core.events import Subject
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
        epoch=row.stream_epoch,
        rev=row.rev,
        cause=row.cause,
    )


def ephemeral_out(event: Published, about: Subject | str, at: dt.datetime, key: str) -> EventOut:
    """An event that leaves no row, of which only the newest of its subject and key matters.

    About a name alone it is nobody's: administrators get it on the topic of nodes.
    """
    user_id, subject = (about.user_id, about.name) if isinstance(about, Subject) else (None, about)
    return EventOut(
        topic="fleet" if user_id is None else "me",
        id=uuid.uuid4(),
        type=event.type,
        v=1,
        ts=rfc3339(at) or "",
        user_id=user_id,
        subject=subject,
        data=event.data(),
        eph=key,
    )
