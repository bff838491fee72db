"""Who else hears a call: copies of its sound for listeners, and how loud each side is. No I/O.

Every piece is framed once for all listeners and put into each one's bounded queue; a listener that
does not keep up loses the oldest and delays nobody. It knows neither sockets nor who they are.
"""

import uuid
from collections import deque
from collections.abc import Callable

import msgspec

from media.audio.mulaw import MOST_STEPS, steps

CALLER, AGENT, OPERATOR = 0, 1, 2
SIDES = ("caller", "agent", "operator")
MOST_BEHIND_BYTES = 3200  # 400 ms of one track
GATHER_BYTES = 480  # the caller's 20 ms frames are passed on by threes
LEVEL_SECONDS = 0.2
_HEADER_BYTES = 5

Level = tuple[str, float]


class Cleared(msgspec.Struct, frozen=True):
    """The agent's sound that has not been played yet was thrown away."""


class AudioListener:
    """One listener's queue. `talk` marks the operator who took over; `wake` says there is more."""

    def __init__(
        self, wake: Callable[[], None], name: str = "", *, talk: bool = False,
        whose: uuid.UUID | None = None,
    ) -> None:  # fmt: skip
        """`name` tells this listener from others, `whose` who else is the same person."""
        self.name = name
        self.whose = whose
        self.talk = talk
        self.dropped = 0
        self.ended: str | None = None
        self._wake = wake
        self._queue: deque[bytes | Cleared] = deque()
        self._behind = [0, 0, 0]

    def offer(self, track: int, frame: bytes) -> None:
        """Queue a frame; what is more than 400 ms behind on its track goes."""
        self._queue.append(frame)
        self._behind[track] += len(frame) - _HEADER_BYTES
        while self._behind[track] > MOST_BEHIND_BYTES and self._drop(track):
            self.dropped += 1
        self._wake()

    def _drop(self, track: int) -> bool:
        for at, item in enumerate(self._queue):
            if isinstance(item, bytes) and item[0] == track:
                del self._queue[at]
                self._behind[track] -= len(item) - _HEADER_BYTES
                return True
        return False

    def clear(self) -> None:
        """What is queued of the agent will not be played."""
        kept = [item for item in self._queue if isinstance(item, bytes) and item[0] != AGENT]
        self._queue = deque([*kept, Cleared()])
        self._behind[AGENT] = 0
        self._wake()

    def end(self, why: str) -> None:
        """No more comes: "over" or "moved" with the call, "released" with a takeover or a wish."""
        self.ended = self.ended or why
        self._wake()

    def take(self) -> bytes | Cleared | None:
        """The oldest item, None while there is none."""
        if not self._queue:
            return None
        item = self._queue.popleft()
        if isinstance(item, bytes):
            self._behind[item[0]] -= len(item) - _HEADER_BYTES
        return item


class AudioFanout:
    """All listeners of one call; does nothing while there are none."""

    def __init__(self) -> None:
        self.listeners: list[AudioListener] = []
        self.levels_wanted = False
        self._over = False
        self._began: float | None = None
        self._gathered = bytearray()
        self._loud = [0, 0, 0]
        self._samples = [0, 0, 0]
        self._level_at = [0.0, 0.0, 0.0]

    @property
    def active(self) -> bool:
        """Whether anybody wants anything."""
        return bool(self.listeners) or self.levels_wanted

    def stream_began(self, now: float) -> None:
        """Times are counted from the first stream on."""
        if self._began is None:
            self._began = now

    def add(self, listener: AudioListener) -> None:
        """They hear from now on."""
        if self._over:
            listener.end("over")
        else:
            self.listeners.append(listener)

    def remove(self, listener: AudioListener) -> bool:
        """They hear no more; False when they did not."""
        if listener not in self.listeners:
            return False
        self.listeners.remove(listener)
        if not self.listeners:
            self._gathered.clear()
        return True

    def caller(self, mulaw: bytes, now: float) -> Level | None:
        """The caller's sound as it came; their level, when it is due."""
        if self.listeners:
            self._gathered += mulaw
            if len(self._gathered) >= GATHER_BYTES:
                piece = bytes(self._gathered)
                self._gathered.clear()
                self._offer(CALLER, piece, now - len(piece) / 8000)
        return self._level(CALLER, mulaw, now)

    def sent(self, mulaw: bytes, at: float, now: float, *, by_operator: bool) -> Level | None:
        """What the caller will hear at `at`; the side's level, when it is due."""
        track = OPERATOR if by_operator else AGENT
        self._offer(track, mulaw, at)
        return self._level(track, mulaw, now)

    def cleared(self) -> None:
        """What was queued for the caller was thrown away."""
        for listener in self.listeners:
            listener.clear()

    def end(self, why: str) -> None:
        """The call is over, or goes on at another node ("moved")."""
        self._over = True
        for listener in self.listeners:
            listener.end(why)
        self.listeners.clear()

    def _offer(self, track: int, mulaw: bytes, at: float) -> None:
        if not self.listeners:
            return
        ms = max(0, round((at - (self._began or at)) * 1000)) & 0xFFFFFFFF
        frame = bytes((track,)) + ms.to_bytes(4, "big") + mulaw
        for listener in self.listeners:
            if not (listener.talk and track == OPERATOR):  # nobody wants to hear their own voice
                listener.offer(track, frame)

    def _level(self, track: int, mulaw: bytes, now: float) -> Level | None:
        self._loud[track] += steps(mulaw)
        self._samples[track] += len(mulaw)
        if now - self._level_at[track] < LEVEL_SECONDS:
            return None
        level = self._loud[track] / (MOST_STEPS * max(1, self._samples[track]))
        self._loud[track] = self._samples[track] = 0
        self._level_at[track] = now
        return SIDES[track], round(level, 3)
