"""A text conversation and its messages as clients see them. Knows no requests and no sockets."""

import uuid

import msgspec

from db.texts.conversations import ConversationRow
from db.texts.messages import MessageRow
from server.core.events import Event
from server.core.times import rfc3339
from server.vendors.twilio.error_codes import explain


class FaultOut(msgspec.Struct, frozen=True):
    """Why something was not delivered, by the provider's number and in words."""

    code: int | None
    message: str


class MessageOut(msgspec.Struct, frozen=True):
    """A text on the wire. `status`: received, queued, sent, delivered or failed."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    phone_number: str
    twilio_message_sid: str | None
    direction: str
    message_text: str
    type: str
    status: str
    segments: int
    media: int
    error: FaultOut | None
    created_at: str | None


def message_out(row: MessageRow) -> MessageOut:
    """A text's row as clients see it."""
    reason = explain(row.error_code)
    waiting = "received" if row.direction == "inbound" else "queued"
    return MessageOut(
        id=row.id,
        conversation_id=row.conversation_id,
        phone_number=row.phone_number,
        twilio_message_sid=row.twilio_message_sid,
        direction=row.direction,
        message_text=row.message_text,
        type=row.type,
        status=row.status or waiting,
        segments=row.segments,
        media=row.media,
        error=None if reason is None else FaultOut(row.error_code, reason),
        created_at=rfc3339(row.created_at),
    )


class ConversationOut(msgspec.Struct, frozen=True):
    """A text conversation on the wire."""

    id: uuid.UUID
    user_id: uuid.UUID
    phone_number: str
    topic: str
    message_count: int
    current_exchange: int
    status: str
    end_reason: str | None
    created_at: str | None
    updated_at: str | None


def conversation_out(row: ConversationRow) -> ConversationOut:
    """A conversation's row as clients see it."""
    return ConversationOut(
        id=row.id,
        user_id=row.user_id,
        phone_number=row.phone_number,
        topic=row.topic,
        message_count=row.message_count,
        current_exchange=row.current_exchange,
        status=row.status,
        end_reason=row.end_reason,
        created_at=rfc3339(row.created_at),
        updated_at=rfc3339(row.updated_at),
    )


class TextData(Event, frozen=True, omit_defaults=True):
    """The text conversation as it now is, and the text this is about."""

    schema = "TextData"

    conversation: ConversationOut
    message: MessageOut | None = None


class ConversationStarted(TextData, frozen=True):
    type, tells = "conv.started", "A text conversation began"


class ConversationPaused(TextData, frozen=True):
    type, tells = "conv.paused", "The agent answers no more"


class ConversationResumed(TextData, frozen=True):
    type, tells = "conv.resumed", "The agent answers again"


class ConversationEnded(TextData, frozen=True):
    type, tells = "conv.ended", "The conversation is over"


class TextReceived(TextData, frozen=True):
    type, tells = "sms.received", "They wrote"


class TextQueued(TextData, frozen=True):
    type, tells = "sms.queued", "Our text is written"


class TextSent(TextData, frozen=True):
    type, tells = "sms.sent", "The carrier took our text"


class TextDelivered(TextData, frozen=True):
    type, tells = "sms.delivered", "It arrived"


class TextFailed(TextData, frozen=True):
    type, tells = "sms.failed", "It will not arrive"
