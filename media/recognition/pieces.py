"""Long utterances in pieces: where sound that goes on is cut, and the words in a row. Pure."""

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, steps

LONG_BYTES = 12 * SAMPLE_RATE  # so much sound is not left to be recognised at the end
_EARLIEST_BYTES = 8 * SAMPLE_RATE
_QUIET_FRAMES = 5


def cut(mulaw: bytes) -> int:
    """How many bytes of a long sound to recognise now: up to where its last third is quietest."""
    frames = range(_EARLIEST_BYTES, len(mulaw) - FRAME_BYTES + 1, FRAME_BYTES)
    loudness = [steps(mulaw[at : at + FRAME_BYTES]) for at in frames]
    windows = range(max(1, len(loudness) - _QUIET_FRAMES + 1))
    quietest = min(windows, key=lambda at: sum(loudness[at : at + _QUIET_FRAMES]))
    return _EARLIEST_BYTES + (quietest + _QUIET_FRAMES // 2) * FRAME_BYTES


def together(settled: str, text: str) -> str:
    """Words of a piece after those before; a full stop that the cut alone made is taken out."""
    if settled.endswith(".") and text[:1].islower():
        settled = settled[:-1]
    return f"{settled} {text}".strip()
