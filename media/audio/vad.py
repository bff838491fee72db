"""Speech or silence with hysteresis: probabilities per frame in, edges out. Pure, no model.

A start needs `start_ms` of likely speech within a short window, so a click is no start; a pause
needs `quiet_ms` of unlikely speech in a row. Counting is in frames of 20 ms, never in clock time.
"""

from typing import Literal, TypeAlias

FRAME_MS = 20

Edge: TypeAlias = Literal["began", "paused"]


class SpeechEdges:
    """The state of one call's detector; `speaking` is what it believes now."""

    def __init__(self, start: float, stop: float, start_ms: int, quiet_ms: int) -> None:
        self._start = start
        self._stop = stop
        self._start_frames = max(1, start_ms // FRAME_MS)
        self._quiet_frames = max(1, quiet_ms // FRAME_MS)
        self._voiced = 0
        self._quiet = 0
        self.speaking = False

    def push(self, probability: float, start_frames: int | None = None) -> Edge | None:
        """Take one frame's probability of speech; returns the edge it completes, if any.

        `start_frames` of speech are a start in place of the usual ones.
        """
        if not self.speaking:
            if probability >= self._start:
                self._voiced += 1
            elif probability < self._stop:
                self._voiced = max(0, self._voiced - 1)
            if self._voiced >= (start_frames or self._start_frames):
                self.speaking, self._voiced, self._quiet = True, 0, 0
                return "began"
            return None
        self._quiet = self._quiet + 1 if probability < self._stop else 0
        if self._quiet >= self._quiet_frames:
            self.speaking, self._quiet = False, 0
            return "paused"
        return None
