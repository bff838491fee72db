"""Sound of a stream in other rates, piece by piece, into the telephone's mu-law.

The state of a filter and the odd byte of a sample are kept between pieces. Knows no vendor.
"""

import numpy as np
import soxr

from media.audio.mulaw import SAMPLE_RATE, encode


class ToTelephone:
    """16-bit little-endian mono samples at some rate in, mu-law at 8 kHz out."""

    def __init__(self, rate: int) -> None:
        self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="int16", quality="HQ")
        self._odd = b""

    def push(self, data: bytes) -> bytes:
        """Sound of a piece of any length; a little stays back until the next one."""
        data = self._odd + data
        whole = len(data) & ~1
        self._odd = data[whole:]
        return self._encoded(data[:whole], is_last=False)

    def end(self) -> bytes:
        """What stayed back."""
        return self._encoded(b"", is_last=True)

    def _encoded(self, data: bytes, *, is_last: bool) -> bytes:
        samples = np.frombuffer(data, "<i2").astype(np.int16)
        return encode(self._resampler.resample_chunk(samples, last=is_last))
