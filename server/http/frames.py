"""Frames of a websocket, pure: from frames in to messages, and from a message to a frame.

What a peer's frames may come to is bounded here: their rate, the parts of a message, and that text
is UTF-8 (RFC 6455, section 8.1). The size of a message is bounded before it is read, by who reads
it. Knows no network and no clock.
"""

from typing import Final

from websockets.frames import Frame, Opcode

FRAMES_PER_SECOND = (
    1000  # sound is 50; a network that stalled for some seconds delivers them at once
)
MOST_PARTS = 64  # of one message

POLICY = 1008  # RFC 6455, section 7.4.1
NOT_TEXT = 1007
TOO_BIG = 1009

_TEXT: Final = Opcode.TEXT
_BINARY: Final = Opcode.BINARY
_CONT: Final = Opcode.CONT


class Fault(Exception):  # noqa: N818 - the peer's, not ours: why the socket closes
    """The code and words a peer is told that breaks the rules; `is_flood`: read nothing more."""

    def __init__(self, code: int, reason: str, *, is_flood: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.is_flood = is_flood


def text_frame(payload: bytes) -> bytes:
    """What goes over the network for a text; the same bytes for every socket it goes to."""
    return Frame(_TEXT, payload).serialize(mask=False)


def binary_frame(payload: bytes) -> bytes:
    """The same for bytes."""
    return Frame(_BINARY, payload).serialize(mask=False)


class Messages:
    """Puts a peer's frames together."""

    def __init__(self, now: float) -> None:
        self._parts: list[bytes] = []
        self._is_text = False
        self._frames = 0
        self._counted_from = now

    def take(self, frame: Frame, now: float) -> str | bytes | None:
        """The message this frame completes. Raises Fault. `now` is in seconds of any clock."""
        self._frames += 1
        if self._frames > FRAMES_PER_SECOND:
            spent, self._counted_from, self._frames = now - self._counted_from, now, 0
            if spent < 1.0:
                raise Fault(POLICY, "frames come too fast", is_flood=True)
        if frame.opcode is _TEXT or frame.opcode is _BINARY:
            self._is_text = frame.opcode is _TEXT
        elif frame.opcode is not _CONT:
            return None
        data = bytes(frame.data)
        if self._parts or not frame.fin:
            self._parts.append(data)
            if len(self._parts) > MOST_PARTS:
                raise Fault(TOO_BIG, f"at most {MOST_PARTS} frames a message")
            if not frame.fin:
                return None
            data = b"".join(self._parts)
            self._parts.clear()
        if not self._is_text:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Fault(NOT_TEXT, "text is UTF-8") from None
