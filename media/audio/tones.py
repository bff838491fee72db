"""DTMF: keys as pairs of tones in 8 kHz mu-law (ITU-T Q.23), to be mixed into what we send.

Each key is 100 ms of sound and 60 ms of silence; `w` is half a second of silence, as in the
carrier's own `SendDigits`. It knows nothing of calls and of who presses what.
"""

import re
from functools import lru_cache

import numpy as np

from media.audio.mulaw import SAMPLE_RATE, SILENCE, encode_float

TONE_MS = 100
GAP_MS = 60
PAUSE_MS = 500
LEVEL = 0.25  # of full scale for each tone of the pair, about -12 dBFS
_LOW, _HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
_DIGITS = re.compile(r"[0-9*#A-Dw]{1,32}")

FREQUENCIES = {
    key: (_LOW[row], _HIGH[column])
    for row, keys in enumerate(_KEYS)
    for column, key in enumerate(keys)
}


def are_digits(text: str) -> bool:
    """Whether these are 1 to 32 keys or pauses that can be sent."""
    return _DIGITS.fullmatch(text) is not None


def dtmf(digits: str) -> bytes:
    """The sound of these keys, in whole frames of 20 ms. Raises KeyError for what is no key."""
    return b"".join(_key(digit) for digit in digits)


@lru_cache(maxsize=32)
def _key(key: str) -> bytes:
    if key == "w":
        return _silence(PAUSE_MS)
    low, high = FREQUENCIES[key]
    time = np.arange(SAMPLE_RATE * TONE_MS // 1000) / SAMPLE_RATE
    pair = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
    return encode_float((LEVEL * pair).astype(np.float32)) + _silence(GAP_MS)


def _silence(ms: int) -> bytes:
    return bytes([SILENCE]) * (SAMPLE_RATE * ms // 1000)
