"""When somebody on a line speaks and when they stop, by loudness alone.

Pure: fed one 20 ms frame and its time, it answers with the edges it has become sure of, dated
back to the frame they happened in. Knows neither whose voice it is nor what is done with it.
"""

from typing import Literal

import msgspec

from sandbox.core.audio import FRAME_MS, rms

_LOUD_RMS = 260.0  # about -42 dB of full scale: above line noise, below a quiet talker
_ONSET_FRAMES = 3
_HANGOVER_MS = 400.0


def is_loud(mulaw: bytes) -> bool:
    """Whether one frame could be speech."""
    return rms(mulaw) >= _LOUD_RMS


class Edge(msgspec.Struct, frozen=True):
    """Speech started or stopped at a time in milliseconds."""

    kind: Literal["started", "stopped"]
    at_ms: float


class SpeechSpans:
    """The spans of speech in one direction of one call."""

    def __init__(self) -> None:
        self.speaking = False
        self.started_at_ms = -1.0
        self.last_loud_ms = -1.0
        self._loud_since_ms = -1.0
        self._loud_frames = 0

    def push(self, mulaw: bytes, at_ms: float) -> list[Edge]:
        """Take the frame that begins at `at_ms`; answer with what is now certain."""
        if is_loud(mulaw):
            self._loud_since_ms = self._loud_since_ms if self._loud_frames else at_ms
            self._loud_frames += 1
            if self.speaking or self._loud_frames >= _ONSET_FRAMES:
                self.last_loud_ms = at_ms + FRAME_MS
            if not self.speaking and self._loud_frames >= _ONSET_FRAMES:
                self.speaking = True
                self.started_at_ms = self._loud_since_ms
                return [Edge("started", self.started_at_ms)]
            return []
        self._loud_frames = 0
        if self.speaking and at_ms - self.last_loud_ms >= _HANGOVER_MS:
            self.speaking = False
            return [Edge("stopped", self.last_loud_ms)]
        return []

    def quiet_ms(self, now_ms: float) -> float:
        """Milliseconds since the last loud frame of speech; 0 while it goes on."""
        return max(0.0, now_ms - self.last_loud_ms)
