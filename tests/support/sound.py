"""Tones for tests: made as mu-law, and found again in what came out at another end."""

import numpy as np

from media.audio.mulaw import SAMPLE_RATE, decode_float, encode_float


def tone(hertz: float, milliseconds: int, level: float = 0.4) -> bytes:
    """A sine in mu-law."""
    time = np.arange(SAMPLE_RATE * milliseconds // 1000) / SAMPLE_RATE
    return encode_float((level * np.sin(2 * np.pi * hertz * time)).astype(np.float32))


def share(mulaw: bytes, hertz: float) -> float:
    """How much of the sound's energy (0 to 1) lies at one frequency (Goertzel's algorithm)."""
    samples = decode_float(mulaw).astype(np.float64)
    energy = float(np.sum(samples**2)) * len(samples) / 2
    if energy == 0:
        return 0.0
    turn = np.exp(-2j * np.pi * hertz / SAMPLE_RATE * np.arange(len(samples)))
    return float(abs(np.dot(samples, turn)) ** 2) / energy


def loudest(mulaw: bytes, hertz: float, milliseconds: int = 100) -> float:
    """The largest share of one frequency in any stretch of so many milliseconds."""
    size = SAMPLE_RATE * milliseconds // 1000
    starts = range(0, max(1, len(mulaw) - size + 1), size // 4)
    return max(share(mulaw[at : at + size], hertz) for at in starts)
