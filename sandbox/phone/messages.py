"""What a phone's page and the sandbox say to each other over `/phone/socket`.

JSON text for everything that happens, binary for sound: from the page 160 bytes of mu-law, to the
page the same after the frame's number (four bytes, big end first, counted from 1 in each call).
Values only. The protocol is the sandbox's own and imitates nobody.
"""

import struct
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sandbox.core.audio import FRAME_BYTES
from sandbox.twilio.messages.params import MAX_CHARACTERS

SANDBOX_STOPS = 1001  # close code: going away
OPENED_ELSEWHERE = 4001  # close code: the same phone was opened in another page
REFUSED = 4002  # close code: there is no such number to be had


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """First of all. `key` is the page's own secret, by which it gets its number back."""

    key: Annotated[str, Meta(min_length=8, max_length=64)]
    number: str = ""


class Answer(msgspec.Struct, frozen=True, tag_field="type", tag="answer"):
    """Pick up."""

    call: str


class HangUp(msgspec.Struct, frozen=True, tag_field="type", tag="hang_up"):
    """Put it down, or decline what rings."""

    call: str


class Key(msgspec.Struct, frozen=True, tag_field="type", tag="key"):
    """Press a key."""

    digit: Annotated[str, Meta(pattern=r"^[0-9A-D*#]$")]


class Played(msgspec.Struct, frozen=True, tag_field="type", tag="played"):
    """The sound before this mark has left the loudspeaker."""

    mark: int


class Text(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """Text back."""

    body: Annotated[str, Meta(min_length=1, max_length=MAX_CHARACTERS)]


class Dial(msgspec.Struct, frozen=True, tag_field="type", tag="dial"):
    """Call the account."""


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    """Measure the way; `at` comes back."""

    at: float


Inbound = Hello | Answer | HangUp | Key | Played | Text | Dial | Ping
_DECODER = msgspec.json.Decoder(Inbound)


class BadMessageError(ValueError):
    """A page said what no page says."""


def decode(data: str) -> Inbound:
    """One text message of a page. Raises BadMessageError."""
    try:
        message: Inbound = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        raise BadMessageError(str(error)) from error
    return message


def encode(kind: str, **fields: Any) -> str:
    """One text message to a page."""
    return msgspec.json.encode({"type": kind, **fields}).decode()


def sound(number: int, mulaw: bytes) -> bytes:
    """One frame to a page."""
    return struct.pack(">I", number) + mulaw


def is_frame(data: bytes) -> bool:
    """Whether a page's binary message is sound."""
    return len(data) == FRAME_BYTES
