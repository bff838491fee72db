"""The JSON of Media Streams, both ways, as "Media Streams - WebSocket Messages" writes it.

Pure. What a product sends is checked as strictly as Twilio does: unknown events and fields, a
missing field or another stream's id make a message invalid (31951). What we send has counters
as strings and only the media format as numbers.
"""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec


class MediaPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base64 of mu-law without any header."""

    payload: bytes


class MarkName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label of the product's own."""

    name: str


class MediaIn(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="event", tag="media",
    rename="camel",
):  # fmt: skip
    """Sound to queue."""

    stream_sid: str
    media: MediaPayload


class MarkIn(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="event", tag="mark",
    rename="camel",
):  # fmt: skip
    """A mark to queue."""

    stream_sid: str
    mark: MarkName


class ClearIn(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="event", tag="clear",
    rename="camel",
):  # fmt: skip
    """Empty the queue."""

    stream_sid: str


Inbound = MediaIn | MarkIn | ClearIn
_DECODER = msgspec.json.Decoder(Inbound)


class InvalidMessageError(ValueError):
    """Twilio 31951; the message says what is wrong with it."""


def decode(text: str, stream_sid: str) -> Inbound:
    """One text frame from a product. Raises InvalidMessageError."""
    try:
        message: Inbound = _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InvalidMessageError(str(error)) from error
    if message.stream_sid != stream_sid:
        raise InvalidMessageError("streamSid is not this stream's")
    return message


class Outbound:
    """The messages of one stream, numbered as they are made."""

    def __init__(self, account_sid: str, call_sid: str, stream_sid: str) -> None:
        self._account_sid, self._call_sid, self._stream_sid = account_sid, call_sid, stream_sid
        self._sequence_number = 0
        self._chunk = 0

    def connected(self) -> str:
        """The only message without a number and a stream id."""
        return _json({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: Mapping[str, str]) -> str:
        """What the stream is."""
        start = {
            "accountSid": self._account_sid,
            "streamSid": self._stream_sid,
            "callSid": self._call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(parameters),
        }
        return self._message("start", {"start": start})

    def media(self, mulaw: bytes, at_ms: int) -> str:
        """20 ms of the person's voice, `at_ms` after the stream began."""
        self._chunk += 1
        media = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str(at_ms),
            "payload": base64.b64encode(mulaw).decode("ascii"),
        }
        return self._message("media", {"media": media})

    def dtmf(self, digit: str) -> str:
        """A key; its track has another name than that of media."""
        return self._message("dtmf", {"dtmf": {"track": "inbound_track", "digit": digit}})

    def mark(self, name: str) -> str:
        """A mark that is due."""
        return self._message("mark", {"mark": {"name": name}})

    def stop(self) -> str:
        """The last message."""
        return self._message(
            "stop", {"stop": {"accountSid": self._account_sid, "callSid": self._call_sid}}
        )

    def _message(self, event: str, body: Mapping[str, Any]) -> str:
        self._sequence_number += 1
        return _json(
            {
                "event": event,
                "sequenceNumber": str(self._sequence_number),
                "streamSid": self._stream_sid,
                **body,
            }
        )


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value).decode("utf-8")
