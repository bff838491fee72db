"""The carrier's play buffer of one media stream: what the person will hear, and the marks in it.

Pure and without a clock: each `tick` plays 20 ms. The rules are those of Twilio's Media Streams
WebSocket messages: a mark is due once everything queued before it was played, or at once when
nothing is queued, and `clear` empties the buffer and makes every pending mark due.
"""

from collections import deque

from sandbox.core.audio import FRAME_BYTES, RATE

MAX_QUEUED_BYTES = 600 * RATE  # Twilio error 31931: more than ten minutes are not kept


class Playback:
    """A queue of sound and marks, drained at 8000 bytes a second."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._marks: deque[tuple[int, str]] = deque()
        self._pushed_bytes = 0
        self.played_bytes = 0

    @property
    def queued_bytes(self) -> int:
        """Mu-law bytes that wait to be played."""
        return len(self._audio)

    def push_media(self, mulaw: bytes) -> bool:
        """Queue some sound; False when the buffer is full and the sound was thrown away."""
        if len(self._audio) + len(mulaw) > MAX_QUEUED_BYTES:
            return False
        self._audio += mulaw
        self._pushed_bytes += len(mulaw)
        return True

    def push_mark(self, name: str) -> bool:
        """Queue a mark; True when nothing is queued before it, so it is due at once."""
        if not self._audio:
            return True
        self._marks.append((self._pushed_bytes, name))
        return False

    def clear(self) -> list[str]:
        """Throw away everything queued; the pending marks, now due, oldest first."""
        names = [name for _, name in self._marks]
        self._marks.clear()
        self._audio.clear()
        self._pushed_bytes = self.played_bytes
        return names

    def tick(self) -> tuple[bytes, list[str]]:
        """Play up to 20 ms: the sound (short or empty when it ran out) and the marks now due."""
        frame = bytes(self._audio[:FRAME_BYTES])
        del self._audio[:FRAME_BYTES]
        self.played_bytes += len(frame)
        due = []
        while self._marks and self._marks[0][0] <= self.played_bytes:
            due.append(self._marks.popleft()[1])
        return frame, due
