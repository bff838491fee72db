"""Speech by its energy, as `server_vad` needs it: where it starts and where it ended. Pure."""

from typing import Literal, TypeAlias

from sandbox.core.audio import FRAME_BYTES, FRAME_MS
from sandbox.core.speech_spans import is_loud

Edge: TypeAlias = tuple[Literal["started", "stopped"], int]

_START_FRAMES = 3


class TurnDetection:
    """Over one session's sound; times are ms of it."""

    def __init__(self) -> None:
        self.speaking = False
        self.now_ms = 0
        self._rest = b""
        self._loud = 0
        self._last_loud_ms = 0

    def push(self, mulaw: bytes, silence_ms: int) -> list[Edge]:
        """What this sound has made certain."""
        data = self._rest + mulaw
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        edges: list[Edge] = []
        for at in range(0, whole, FRAME_BYTES):
            self.now_ms += FRAME_MS
            if is_loud(data[at : at + FRAME_BYTES]):
                self._loud, self._last_loud_ms = self._loud + 1, self.now_ms
                if not self.speaking and self._loud >= _START_FRAMES:
                    self.speaking = True
                    edges.append(("started", self.now_ms - self._loud * FRAME_MS))
            else:
                self._loud = 0
                if self.speaking and self.now_ms - self._last_loud_ms >= silence_ms:
                    self.speaking = False
                    edges.append(("stopped", self._last_loud_ms))
        return edges
