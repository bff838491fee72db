"""A network's tone by its rhythm, where its pitch is a mailbox's as well. Pure.

Most of the world signals with one low tone (ITU-T E.180): ringing in long ones far apart, busy in
short ones, each as long as the pause. Knows nothing of sound.
"""

from typing import Literal

import msgspec

_HIGHEST_HZ = 460
_USUAL_HZ = (413, 437)  # ETSI's 425 Hz: so long a tone of it is no mailbox's
_NEAR_HZ, _NEAR_MS = 12, 60
_LONG_MS = 800
_RINGS_AGAIN_MS = (1500, 6000)
_BUSY_AGAIN_MS = 620
_BUSY_TIMES = 3  # some mailboxes beep twice


class Low(msgspec.Struct, frozen=True):
    """A low tone, when it ended, and how often it had come by then with a busy line's pauses."""

    hz: int
    ms: int
    ended_ms: int
    times: int = 1


def after(last: Low | None, hz: int, ms: int, ended_ms: int) -> Low | None:
    """What to remember of a single tone that ended then; None if it is too high."""
    if hz > _HIGHEST_HZ:
        return None
    low = Low(hz, ms, ended_ms)
    if last is not None and _is_same(last, low) and _pause(last, low) <= _BUSY_AGAIN_MS:
        return msgspec.structs.replace(low, times=last.times + 1)
    return low


def meaning(last: Low | None, low: Low) -> Literal["ringback", "busy"] | None:
    """What the tone says by its length and by the one before it, if it is a network's."""
    if low.ms >= _LONG_MS:
        is_usual = _USUAL_HZ[0] <= low.hz <= _USUAL_HZ[1]
        least, most = _RINGS_AGAIN_MS
        rings = last is not None and _is_same(last, low) and least <= _pause(last, low) <= most
        return "ringback" if is_usual or rings else None
    return "busy" if low.times >= _BUSY_TIMES else None


def _is_same(last: Low, low: Low) -> bool:
    return abs(last.hz - low.hz) < _NEAR_HZ and abs(last.ms - low.ms) <= _NEAR_MS


def _pause(last: Low, low: Low) -> int:
    return low.ended_ms - low.ms - last.ended_ms
