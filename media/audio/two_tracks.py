"""A call's sound as two mu-law tracks on one clock: what the caller said, what they heard of us.

Both are cut into pieces of the same time, which are handed on as they are full; what is missing on
either side is silence. Our sound is placed where it is played, and what was thrown away before that
is not in it. Plain calls from the sound lane: no I/O, no clock. Knows not who agreed to it.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from media.audio.mulaw import SAMPLE_RATE
from media.audio.mulaw import SILENCE as SILENT_CODE

RATE = SAMPLE_RATE  # bytes of a track a second
SILENCE = bytes([SILENT_CODE])
PIECE_BYTES = 10 * RATE
HELD_BYTES = 3 * RATE  # behind the present: our sound may be thrown away, a gap may be found out
SLACK_BYTES = RATE // 5  # by which frames may be late, or playback's clock off
GAP_SECONDS = 1.0  # after which late sound is taken for sound that never came
AHEAD_BYTES = RATE  # of sound that comes faster than it can be spoken, no more is taken


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Both tracks from `at` on (epoch seconds): mu-law, 8000 bytes a second, equally long."""

    at: float
    caller: bytes
    agent: bytes


Keep: TypeAlias = Callable[[Piece], None]


class TwoTracks:
    """One recording; nothing is kept while it is off."""

    def __init__(self, keep: Keep) -> None:
        self.on = False
        self._keep = keep
        self._reset(0.0)

    def _reset(self, now: float) -> None:
        self._began = now  # of what is held
        self._caller = bytearray()
        self._agent = bytearray()
        self._late: tuple[float, int, int] | None = None  # since when, where, and by how much

    def switch(self, now: float, *, on: bool) -> None:
        """Record from now on, or no more; what was recorded is handed on."""
        if on and not self.on:
            self._reset(now)
        elif self.on and not on:
            self._finish(now)
        self.on = on

    def caller(self, mulaw: bytes, now: float) -> None:
        """A frame that arrived just now. The network's delays move nothing; a gap is silence."""
        if not self.on:
            return
        track = self._caller
        late = self._place(now) - len(track) - len(mulaw)
        if late < -AHEAD_BYTES:
            return
        if late <= SLACK_BYTES:
            self._late = None
        elif self._late is None:
            self._late = (now, len(track), late)
        else:
            since, at, least = self._late
            self._late = (since, at, min(least, late))
            if now - since > GAP_SECONDS:
                self._fill()
        track += mulaw
        self._cut_full(track)

    def sent(self, mulaw: bytes, at: float) -> None:
        """Sound of ours that the caller will hear from `at` on."""
        if not self.on:
            return
        track, place = self._agent, self._place(at)
        if place < 0:  # it began to be heard before
            mulaw, place = mulaw[-place:], 0
        if place > len(track) + SLACK_BYTES // 4:
            track += SILENCE * (place - len(track))
        track += mulaw
        self._cut_full(track)  # no frame may ever come from them

    def cleared(self, now: float) -> None:
        """What of ours was not heard by now never will be."""
        if self.on:
            del self._agent[max(0, self._place(now)) :]

    def _place(self, at: float) -> int:
        return round((at - self._began) * RATE)

    def _fill(self) -> None:
        """What is missing since a while never came."""
        if self._late is not None:
            _, at, missing = self._late
            self._caller[at:at] = SILENCE * missing
            self._late = None

    def _cut_full(self, track: bytearray) -> None:
        if len(track) >= PIECE_BYTES + HELD_BYTES:
            self._cut(PIECE_BYTES)

    def _cut(self, size: int) -> None:
        caller, agent = self._caller[:size], self._agent[:size]
        del self._caller[:size], self._agent[:size]
        piece = Piece(self._began, _padded(caller, size), _padded(agent, size))
        self._began += size / RATE
        if self._late is not None:
            since, at, missing = self._late
            self._late = (since, max(0, at - size), missing)
        self._keep(piece)

    def _finish(self, now: float) -> None:
        self.cleared(now)
        self._fill()
        size = min(max(0, self._place(now)), max(len(self._caller), len(self._agent)))
        while size > 0:
            self._cut(min(size, PIECE_BYTES))
            size -= PIECE_BYTES


def _padded(track: bytearray, size: int) -> bytes:
    return bytes(track) + SILENCE * (size - len(track))
