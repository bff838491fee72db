"""Messages with everything that happened to them, and texts sent to the account from outside.

The sandbox's own shapes, which imitate nobody. What the account had redacted is still seen here.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sandbox.core.clock import iso8601
from sandbox.twilio.messages.lifecycle import receive_text
from sandbox.twilio.messages.message import Message
from sandbox.twilio.messages.params import MAX_CHARACTERS, MessageRequest
from sandbox.twilio.messages.store import MessageStore


class _Text(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    from_: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{1,14}$")]
    to: str
    body: Annotated[str, Meta(max_length=MAX_CHARACTERS)] = ""
    media: Annotated[list[str], Meta(max_length=10)] = []


def text_from_outside(texts: MessageStore, data: bytes | str) -> Message:
    """Let anybody text the account: `{from, to, body, media}`. Raises msgspec.ValidationError."""
    text = msgspec.json.decode(data, type=_Text)
    if text.to not in texts.carrier.settings.numbers:
        raise msgspec.ValidationError(f"{text.to} is none of the account's numbers")
    if not text.body and not text.media:
        raise msgspec.ValidationError("a text has a body or media")
    request = MessageRequest(to=text.to, from_=text.from_, body=text.body, media=tuple(text.media))
    return receive_text(texts, request)


def text_view(message: Message) -> dict[str, Any]:
    """Everything about one message; its `callbacks` are those that have been answered or given up,
    for a text that came in the posts to the product."""
    entries = message.timeline.entries()
    return {
        "sid": message.sid,
        "from": message.request.from_,
        "to": message.request.to,
        "direction": message.direction,
        "body": message.request.body,
        "media": message.request.media,
        "segments": message.segments,
        "redacted": message.redacted,
        "status": message.status,
        "error_code": message.error_code,
        "created_at": iso8601(message.created_at),
        "sent_at": message.sent_at and iso8601(message.sent_at),
        "updated_at": iso8601(message.updated_at),
        "callbacks": [
            {
                "at": entry.at,
                "status": entry.fields["params"]["SmsStatus"],
                "http_status": entry.fields["status"],
                "attempts": entry.fields["attempts"],
            }
            for entry in entries
            if entry.event == "webhook"
        ],
        "alerts": [entry for entry in entries if entry.event == "alert"],
        "timeline": entries,
    }
