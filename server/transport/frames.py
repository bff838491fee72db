"""Frames of a websocket, pure: from frames in to messages, and from a message to a frame.

What a peer's frames may come to is bounded here: their rate, the parts of a message, and that text
is UTF-8 (RFC 6455, section 8.1). The size of a message is bounded before it is read, by who reads
it. Knows no network and no clock.
"""

from typing import Final

from websockets.frames import Frame, Opcode

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without its C part
    from websockets.utils import apply_mask

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
_FINAL_TEXT, _FINAL_BINARY, _MASKED = 0x81, 0x82, 0x80  # RFC 6455, section 5.2
_TWO_MORE, _EIGHT_MORE = 126, 127
_SHORT_HEAD, _LONG_HEAD = 6, 8
_SOUND_BYTES = 216  # of 160 samples in base64; marks, keys and the end of a stream are shorter


class Fault(Exception):  # noqa: N818 - the peer's, not ours: why the socket closes
    """The code and words a peer is told that breaks the rules; `is_flood`: read nothing more."""

    def __init__(self, code: int, reason: str, *, is_flood: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.is_flood = is_flood


def text_frame(payload: bytes) -> bytes:
    """What goes over the network for a text; the same bytes for every socket it goes to."""
    return _head(_FINAL_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """The same for bytes."""
    return _head(_FINAL_BINARY, len(payload)) + payload


def _head(first: int, length: int) -> bytes:
    if length < _TWO_MORE:
        return bytes((first, length))
    if length < 1 << 16:
        return bytes((first, _TWO_MORE)) + length.to_bytes(2, "big")
    return bytes((first, _EIGHT_MORE)) + length.to_bytes(8, "big")


def is_long(data: bytes) -> bool:
    """Whether this is one whole text of a client, no shorter than the carrier's 20 ms of sound."""
    return (
        len(data) >= _SOUND_BYTES
        and data[0] == _FINAL_TEXT
        and data[1] == _MASKED | _TWO_MORE
        and len(data) == _LONG_HEAD + (data[2] << 8 | data[3])
    )


class Boundary:
    """Follows a peer's bytes from frame to frame without reading them."""

    def __init__(self) -> None:
        self._head = b""  # of a frame, incomplete
        self._left = 0  # of a frame's payload
        self.is_reached = True  # what was passed over ends where a frame ends

    def pass_over(self, data: bytes) -> None:
        """These bytes come next."""
        self._pass_over(data)
        self.is_reached = not self._left and not self._head

    def _pass_over(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                continue
            head = self._head + data[at : at + 14 - len(self._head)]
            length = head[1] & 0x7F if len(head) > 1 else 0
            more = {_TWO_MORE: 2, _EIGHT_MORE: 8}.get(length, 0)
            whole = 2 + more + 4 * (len(head) > 1 and head[1] >= _MASKED)
            if len(head) < whole:
                self._head = head
                return
            at += whole - len(self._head)
            self._head = b""
            self._left = int.from_bytes(head[2 : 2 + more], "big") if more else length


class Messages:
    """Puts a peer's frames together."""

    def __init__(self, now: float) -> None:
        self._parts: list[bytes] = []
        self._is_text = False
        self._frames = 0
        self._counted_from = now

    def take(self, frame: Frame, now: float) -> str | bytes | None:
        """The message this frame completes. Raises Fault. `now` is in seconds of any clock."""
        self._count(now)
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
        return _text(data) if self._is_text else data

    def take_texts(self, data: bytes, now: float) -> tuple[list[str], int]:
        """The messages of the frames at the front of `data` (a client's) that are whole texts, and
        where the first begins that is anything else or no UTF-8: that is to be read in general.
        Nearly all that comes is whole texts; this costs a quarter. Raises Fault at a flood."""
        texts: list[str] = []
        at, size = 0, len(data)
        while size - at >= _SHORT_HEAD and data[at] == _FINAL_TEXT and not self._parts:
            mask, length = at + 2, data[at + 1] - _MASKED
            if length == _TWO_MORE and size - at >= _LONG_HEAD:
                mask, length = at + 4, data[at + 2] << 8 | data[at + 3]
            elif not 0 <= length < _TWO_MORE:
                break
            start = mask + 4
            end = start + length
            if end > size:
                break
            try:
                texts.append(apply_mask(data[start:end], data[mask:start]).decode())
            except UnicodeDecodeError:
                break
            at = end
        self._count(now, len(texts))
        return texts, at

    def _count(self, now: float, frames: int = 1) -> None:
        self._frames += frames
        if self._frames > FRAMES_PER_SECOND:
            spent, self._counted_from, self._frames = now - self._counted_from, now, 0
            if spent < 1.0:
                raise Fault(POLICY, "frames come too fast", is_flood=True)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Fault(NOT_TEXT, "text is UTF-8") from None
