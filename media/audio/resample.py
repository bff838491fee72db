"""Sample rates: the telephone's 8 kHz up to what models want, and what they make down to 8 kHz.

Works on a whole utterance or sentence at once, with no state between calls, so the result is
aligned with its input and nothing is delayed. It is not for frames of a live stream.
"""

import soxr

from media.audio.mulaw import Float32


def resample(samples: Float32, from_hz: int, to_hz: int) -> Float32:
    """The same sound at another rate; what the lower rate cannot hold is filtered out, not folded.

    Peaks may grow by the filter's ringing (up to about 1 dB): limit after resampling, not before.
    """
    resampled: Float32 = soxr.resample(samples, from_hz, to_hz, quality="HQ")
    return resampled
