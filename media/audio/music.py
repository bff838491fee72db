"""Music on the line, as somebody on hold hears it: half seconds of steady sound, one after another.

The spectrum of speech moves on within a syllable and speech pauses; noise and a crowd have no peaks
that stay. Music is what has peaks that stay in most half seconds of three, without a longer pause
and not always with gaps. What is quiet, or a single tone, is not looked at. It knows nothing of
calls, clocks and of what music means for them.
"""

from collections import deque

import numpy as np

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, Float32, decode_float

LEAST_BLOCKS, OF_BLOCKS = 4, 6  # so many are musical, of the latest
BLOCK_FRAMES = 25
BLOCK_MS = BLOCK_FRAMES * 20

_LEAST_WHOLE = 2  # of these, without a gap: a vowel that trembles has none
_MOST_QUIET_FRAMES = 20
_MOST_TONE_FRAMES = 20
_SIZE, _HOP = 512, 256
_LOW, _HIGH = (round(hz * _SIZE / SAMPLE_RATE) for hz in (190, 3400))
_WINDOW: Float32 = np.hanning(_SIZE).astype(np.float32)
# Of five pieces of music, a crowd of six, noises and 75 min of speech in eight voices, some by GSM.
_NO_GAP = 0.25  # of the mean; speech has 0.02
_FLAT = 0.1  # noise has 0.18 and more
# Likeness of spectra 64 ms apart; of speech 0.4 and rarely 0.6, of a crowd 0.48, of music 0.75.
_STEADY, _STEADY_WITH_GAPS = 0.55, 0.67


class MusicDetector:
    """Listens to one call: nothing in silence, 0.3 ms of CPU in a second of sound."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._quiet_frames = self._tone_frames = 0
        self._latest: deque[tuple[bool, bool]] = deque(maxlen=OF_BLOCKS)
        self._blocks = 0

    def push(self, frame: bytes, *, is_quiet: bool, is_tone: bool) -> int | None:
        """Take 20 ms; for how many ms there has been music, each half second while there is."""
        if is_quiet:
            self._quiet_frames += 1
            if self._quiet_frames > _MOST_QUIET_FRAMES:
                self._block.clear()
                self._latest.clear()
                self._blocks = self._tone_frames = 0
            return None
        self._quiet_frames = 0
        self._block += frame
        self._tone_frames += is_tone
        if len(self._block) < BLOCK_FRAMES * FRAME_BYTES:
            return None
        is_tone = self._tone_frames >= _MOST_TONE_FRAMES
        self._latest.append(
            (False, False) if is_tone else _of_block(decode_float(bytes(self._block)))
        )
        self._block.clear()
        self._tone_frames = 0
        gaps = [has_gap for is_musical, has_gap in self._latest if is_musical]
        is_music = len(gaps) >= LEAST_BLOCKS and gaps.count(False) >= _LEAST_WHOLE
        self._blocks = max(self._blocks + 1, len(gaps)) if is_music else 0
        return self._blocks * BLOCK_MS if is_music else None


def _of_block(samples: Float32) -> tuple[bool, bool]:
    """Whether half a second has a spectrum with peaks that stay, and whether it has a gap: then
    they must stay more."""
    levels = np.sqrt(np.square(samples.reshape(-1, FRAME_BYTES)).mean(axis=1))
    has_gap = bool(levels.min() < _NO_GAP * levels.mean())
    starts = range(0, samples.size - _SIZE + 1, _HOP)
    windows = np.stack([samples[at : at + _SIZE] for at in starts]) * _WINDOW
    power = np.square(np.abs(np.fft.rfft(windows)))[:, _LOW:_HIGH] + 1e-9
    if np.exp(np.log(power).mean()) > _FLAT * power.mean():
        return False, has_gap
    shapes = np.log(power + 1e-6)
    shapes -= shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True) + 1e-9
    likeness = float((shapes[:-2] * shapes[2:]).sum(axis=1).mean())
    return likeness > (_STEADY_WITH_GAPS if has_gap else _STEADY), has_gap
