"""Timers of many calls that fall due together, so that one turn of the loop serves all of them.

A turn that serves one call finds neither code nor data in the processor's caches, which costs three
times the work itself. Who can spare some milliseconds waits for the next slot, as everybody does.
Pure; knows no loop and no call. Times are in seconds of the loop's clock.
"""

SLOT_SECONDS = 0.02  # a frame of the carrier's: nothing waits longer
_SLOT_MS = round(SLOT_SECONDS * 1000)


def next_slot(now: float) -> float:
    """The first slot after `now`."""
    return (round(now * 1000) // _SLOT_MS + 1) * _SLOT_MS / 1000


def slot_for(due: float, now: float) -> float:
    """The last slot before what is `due`, but one to come."""
    return max(next_slot(now), round(due * 1000) // _SLOT_MS * _SLOT_MS / 1000)
