"""The Media Streams wire: text frames to values, values to text frames. Pure; knows no socket.

Messages and field types follow Twilio's "Media Streams - WebSocket Messages": counters are
strings, payloads are base64 of raw mu-law, and the carrier refuses extra fields from us.
"""

from typing import TypeAlias

import msgspec

MAX_FRAME_CHARS = 64 * 1024


class StreamProtocolError(Exception):
    """The peer sent something that is no Media Streams message."""


class Connected(msgspec.Struct, frozen=True, tag="connected", tag_field="event"):
    """First message: the protocol's name, nothing about the call."""

    protocol: str
    version: str


class StartMeta(msgspec.Struct, frozen=True, rename="camel"):
    """Which call and stream this is, and the parameters our instructions put there."""

    account_sid: str
    call_sid: str
    stream_sid: str
    custom_parameters: dict[str, str] = {}


class Start(msgspec.Struct, frozen=True, tag="start", tag_field="event"):
    """Second message: sound follows."""

    start: StartMeta


class Sound(msgspec.Struct, frozen=True, gc=False):
    """One piece of sound; `payload` is mu-law of any length, usually 160 bytes."""

    payload: bytes
    track: str = "inbound"


class Media(msgspec.Struct, frozen=True, tag="media", tag_field="event", gc=False, rename="camel"):
    """Sound from the caller."""

    media: Sound
    stream_sid: str


class Key(msgspec.Struct, frozen=True):
    """One key."""

    digit: str


class Dtmf(msgspec.Struct, frozen=True, tag="dtmf", tag_field="event"):
    """The caller pressed a key."""

    dtmf: Key


class Name(msgspec.Struct, frozen=True):
    """A mark's name."""

    name: str


class Mark(msgspec.Struct, frozen=True, tag="mark", tag_field="event"):
    """Everything we sent before this mark was played, or thrown away by a clear."""

    mark: Name


class Stop(msgspec.Struct, frozen=True, tag="stop", tag_field="event"):
    """The stream or the call ended."""


Message: TypeAlias = Connected | Start | Media | Dtmf | Mark | Stop

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_encoder = msgspec.json.Encoder()


class _SoundOut(msgspec.Struct, frozen=True, gc=False):
    payload: bytes


class _MediaOut(msgspec.Struct, frozen=True, tag="media", tag_field="event", rename="camel"):
    stream_sid: str
    media: _SoundOut


class _MarkOut(msgspec.Struct, frozen=True, tag="mark", tag_field="event", rename="camel"):
    stream_sid: str
    mark: Name


class _ClearOut(msgspec.Struct, frozen=True, tag="clear", tag_field="event", rename="camel"):
    stream_sid: str


def decode(frame: str | bytes) -> Message:
    """Read one frame. Raises StreamProtocolError on binary, oversized or malformed input."""
    if isinstance(frame, bytes):
        raise StreamProtocolError("binary frame")
    if len(frame) > MAX_FRAME_CHARS:
        raise StreamProtocolError("frame too large")
    try:
        return _decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        # lone surrogates do not encode, and brackets nest as deep as the sender likes
        raise StreamProtocolError("malformed frame") from error


def encode_media(stream_sid: str, mulaw: bytes) -> str:
    """Sound for the caller; send multiples of 160 bytes, or the carrier plays a click."""
    return _encoder.encode(_MediaOut(stream_sid, _SoundOut(mulaw))).decode()


def encode_mark(stream_sid: str, name: str) -> str:
    """Ask to be told when everything sent so far has been played."""
    return _encoder.encode(_MarkOut(stream_sid, Name(name))).decode()


def encode_clear(stream_sid: str) -> str:
    """Throw away what is not yet played; the carrier then returns all pending marks at once."""
    return _encoder.encode(_ClearOut(stream_sid)).decode()
