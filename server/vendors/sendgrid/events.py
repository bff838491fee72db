"""What the mail company reports of our e-mails, read one by one: a bad one spoils no other.

Shapes follow SendGrid's "Event Webhook Reference": an array of mixed events, `category` of either
kind, late bounces without a message id, unsubscribing without an event id. Pure; what an event
means for whom is decided elsewhere.
"""

import hashlib
import json
import uuid
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from db.emails import Status
from server.core.validation import storable

MOST_REASON = 500
_MOST_ID = 200
# What an event says of the map's column; what is not here says nothing of a delivery.
STATUS: dict[str, Status] = {
    "processed": "sent", "deferred": "sent", "delivered": "sent", "bounce": "failed",
    "blocked": "failed", "dropped": "failed", "spamreport": "sent",
}  # fmt: skip


class MailEvent(msgspec.Struct, frozen=True):
    """One event. `kind` is its name, or "blocked" for a bounce that says nothing of the mailbox."""

    id: str
    kind: str
    address: str
    email_id: uuid.UUID | None
    message_id: str
    reason: str | None


class _Raw(msgspec.Struct, frozen=True):
    event: Annotated[str, Meta(min_length=1, max_length=50)]
    sg_event_id: Any = None
    email: Annotated[str, Meta(max_length=320)] = ""
    sg_message_id: Annotated[str, Meta(max_length=500)] = ""
    email_id: Any = None
    type: Any = None
    reason: Any = None
    response: Any = None


def read_events(body: bytes) -> tuple[list[MailEvent], int]:
    """The events of a batch, and how many could not be read. Raises ValueError for no array."""
    try:
        given = json.loads(body)  # msgspec refuses a batch for one broken character in it
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list):
        raise ValueError("no array of events")
    found = [_read(one) for one in given]
    read = [event for event in found if event is not None]
    return read, len(found) - len(read)


def _read(given: Any) -> MailEvent | None:
    try:
        raw = msgspec.convert(given, _Raw)
    except (msgspec.ValidationError, UnicodeError):
        return None
    is_block = raw.event == "bounce" and raw.type == "blocked"
    reason = raw.reason if isinstance(raw.reason, str) else raw.response
    return MailEvent(
        id=_key(raw, given),
        kind="blocked" if is_block else storable(raw.event),
        address=storable(raw.email).strip().lower(),
        email_id=_uuid(raw.email_id),
        message_id=storable(raw.sg_message_id.partition(".")[0]),
        reason=storable(reason)[:MOST_REASON] if isinstance(reason, str) and reason else None,
    )


def _key(raw: _Raw, given: Any) -> str:
    """The company's id of the event, or one made of its content: a wish depends on no id."""
    known = raw.sg_event_id
    if isinstance(known, str) and 0 < len(known) <= _MOST_ID:
        return storable(known)
    content = json.dumps(given, sort_keys=True, default=str)
    return f"content:{hashlib.sha256(content.encode('utf-8', 'replace')).hexdigest()}"


def _uuid(given: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(given)
    except (ValueError, AttributeError, TypeError):
        return None
