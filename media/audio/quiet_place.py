"""Where to cut a sound so that it is heard least. Pure."""

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, steps

REWIND_BYTES = SAMPLE_RATE // 2


def quiet_place(sound: bytes, before: int) -> int:
    """Where to go on after a stop at `before`: the quietest 20 ms of the last half second, which
    is a pause between words if there is one."""
    first = max(0, before - REWIND_BYTES)
    first += -first % FRAME_BYTES
    places = range(first, max(first, before - FRAME_BYTES) + 1, FRAME_BYTES)
    return min(reversed(places), key=lambda at: steps(sound[at : at + FRAME_BYTES]))
