"""How loud sound is, in decibels of full scale, and how loud what was sent is while it is heard.

Levels are of 20 ms; `Smooth` is over 100 ms, so that neither a click nor a stop within a word
counts. Knows mu-law and playback times; nothing of who speaks.
"""

import math
from collections import deque

import numpy as np

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, decode

FLOOR_DB = -80.0
_FRAME_SECONDS = FRAME_BYTES / SAMPLE_RATE
_POWER_OF_CODE = (decode(bytes(range(256))).astype(np.float64) / 32768) ** 2
_MEAN = np.full(FRAME_BYTES, 1 / FRAME_BYTES)  # a product costs a third of what `mean` does
_SMOOTH_FRAMES = 5


def powers(mulaw: bytes) -> list[float]:
    """Mean power of each whole frame, of full scale."""
    whole = len(mulaw) - len(mulaw) % FRAME_BYTES
    each = _POWER_OF_CODE.take(np.frombuffer(mulaw, np.uint8, whole))
    found: list[float] = each.reshape(-1, FRAME_BYTES).dot(_MEAN).tolist()
    return found


def power(frame: bytes) -> float:
    """Mean power of one frame, of full scale."""
    return float(_POWER_OF_CODE.take(np.frombuffer(frame, np.uint8)).dot(_MEAN))


def decibels(power: float) -> float:
    """Of full scale; silence is `FLOOR_DB`."""
    return max(FLOOR_DB, 10 * math.log10(power)) if power > 0 else FLOOR_DB


class Smooth:
    """The level over the last 100 ms."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=_SMOOTH_FRAMES)

    def push(self, power: float) -> float:
        """With one more frame, in decibels."""
        self._powers.append(power)
        return decibels(sum(self._powers) / _SMOOTH_FRAMES)

    def clear(self) -> None:
        """There was silence for a while."""
        self._powers.clear()


class SentLevels:
    """How loud what is on its way to the caller is, by when they hear it."""

    def __init__(self, echo_seconds: float) -> None:
        """An echo comes back within so long."""
        self._echo_seconds = echo_seconds
        self._coming: deque[tuple[float, float]] = deque()  # when a frame is heard, its level
        self._loudest: deque[tuple[float, float]] = deque()  # of those heard, louder first
        self._smooth = Smooth()

    def sent(self, mulaw: bytes, at: float) -> None:
        """This sound is heard from `at` on."""
        for count, power in enumerate(powers(mulaw)):
            self._coming.append((at + count * _FRAME_SECONDS, self._smooth.push(power)))

    def cleared(self, now: float) -> None:
        """Nothing that was sent is heard any more."""
        self._hear(now)
        self._coming.clear()

    def loudest(self, now: float) -> float | None:
        """Level of the loudest that may come back as echo now; None when nothing may."""
        if not self._coming and not self._loudest:
            return None
        self._hear(now)
        loudest, since = self._loudest, now - self._echo_seconds
        while loudest and loudest[0][0] < since:
            loudest.popleft()
        return loudest[0][1] if loudest else None

    def _hear(self, now: float) -> None:
        coming, loudest = self._coming, self._loudest
        while coming and coming[0][0] <= now:
            heard = coming.popleft()
            while loudest and loudest[-1][1] <= heard[1]:
                loudest.pop()
            loudest.append(heard)
