"""Evens out the frames of a page's microphone, which come as the network likes.

Pure and without a clock: `push` when a frame comes, `pop` at each tick of the call's line. Begins
when a few frames are there, gives silence when none is, and never lets delay pile up.
"""

from collections import deque

from sandbox.core.audio import FRAME_MS, SILENCE

START_FRAMES = 2
MOST_FRAMES = 8
_TARGET_FRAMES = 3
_WATCHED_TICKS = 50


class JitterBuffer:
    """A queue of frames between a jittery microphone and a steady line."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._flowing = False
        self._ticks, self._least = 0, MOST_FRAMES
        self.underruns = 0
        self.dropped = 0

    @property
    def depth_ms(self) -> int:
        """How much sound waits."""
        return len(self._frames) * FRAME_MS

    def push(self, frame: bytes) -> None:
        """Take a frame; after a stall the oldest are given up."""
        self._frames.append(frame)
        if len(self._frames) > MOST_FRAMES:
            while len(self._frames) > _TARGET_FRAMES:
                self._drop()

    def pop(self) -> bytes:
        """The frame for this tick, or silence."""
        if not self._flowing and len(self._frames) < START_FRAMES:
            return SILENCE
        self._flowing = bool(self._frames)
        if not self._frames:
            self.underruns += 1
            return SILENCE
        frame = self._frames.popleft()
        self._reduce_delay()
        return frame

    def _reduce_delay(self) -> None:
        """A second that never had less than a few frames waiting could have had less delay."""
        self._least = min(self._least, len(self._frames))
        self._ticks += 1
        if self._ticks == _WATCHED_TICKS:
            if self._least >= _TARGET_FRAMES:
                self._drop()
            self._ticks, self._least = 0, MOST_FRAMES

    def _drop(self) -> None:
        self._frames.popleft()
        self.dropped += 1
