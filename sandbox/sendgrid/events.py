"""Events as the Event Webhook posts them, and what they say about a mail.

Pure: shapes of SendGrid's "Event Webhook Reference". `category` is a string when there is one and
an array when there are more; SendGrid sends either.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from sandbox.sendgrid.mail import BOUNCE, SPAM, UNSUBSCRIBE, Mail

DELIVERY = frozenset({"processed", "deferred", "delivered", "bounce", "dropped"})
ACCEPTED = "accepted"  # our own status of a mail without events yet


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a mail; `body` is what is posted."""

    id: str
    mail_id: str
    recipient: str
    kind: str
    body: dict[str, Any]


def event_of(
    mail: Mail, recipient: str, kind: str, fields: Mapping[str, Any], *, number: int, now: datetime
) -> Event:
    """A new event; `number` is unlike that of any other of this process."""
    place = mail.recipients.index(recipient)
    seed = f"{kind}-{number}-{mail.message_id}"
    event_id = base64.urlsafe_b64encode(seed.encode()).decode().rstrip("=")
    categories = mail.categories
    labels = {"category": categories[0] if len(categories) == 1 else categories}
    body = {
        **mail.custom_args,
        "email": recipient,
        "timestamp": int(now.timestamp()),
        "smtp-id": mail.smtp_id,
        "event": kind,
        **(labels if categories else {}),
        "sg_event_id": event_id,
        "sg_message_id": f"{mail.message_id}.recvd-sandbox-1-{mail.id[-4:]}-{place}.0",
        **fields,
    }
    return Event(event_id, mail.id, recipient, kind, body)


def status_of(recipient: str, events: Iterable[Event]) -> str:
    """How far a mail got with a recipient: the last delivery event in the order they happened."""
    kinds = [one.kind for one in events if one.recipient == recipient and one.kind in DELIVERY]
    return kinds[-1] if kinds else ACCEPTED


def suppresses(event: Event) -> str:
    """The list an event puts its recipient on, or "". A block is for one mail only."""
    if event.kind == BOUNCE:
        return BOUNCE if event.body["type"] == "bounce" else ""
    return event.kind if event.kind in (SPAM, UNSUBSCRIBE) else ""
