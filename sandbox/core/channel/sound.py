"""Levels, noises, crowds and rooms: pure functions on telephone sound.

Samples are floats on the 16-bit scale at 8 kHz; decibels are against full scale. The same seed
gives the same sound. Knows no frames and no line.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sandbox.core.audio import RATE

Samples = npt.NDArray[np.float32]

VOICE_DB = -20.0  # of full scale: what a telephone voice is brought to where nothing else is known
FULL_SCALE = 32768.0
_FRAME = RATE // 50
_ACTIVE_DB = 25.0  # frames so far below the loudest are pauses
_TAIL_DB = 40.0  # a room's ringing is cut where it is so far down
_REVERBERANT = 0.7  # share of the sound that reaches a speakerphone's microphone by the walls
_SPEECH_CORNER_HERTZ = 500.0  # above it speech falls by about 9 dB an octave


def level_db(samples: Samples) -> float:
    """Mean level, pauses included; -inf for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * float(np.log10(power / FULL_SCALE**2)) if power else float("-inf")


def voice_level_db(samples: Samples) -> float:
    """Level of speech while it is spoken: pauses do not count."""
    whole = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.mean(np.square(whole, dtype=np.float64), axis=1)
    if not power.size or not power.max():
        return level_db(samples)
    active = power[power >= np.percentile(power, 95) / 10 ** (_ACTIVE_DB / 10)]
    return 10 * float(np.log10(np.mean(active) / FULL_SCALE**2))


def amplified(samples: Samples, decibels: float) -> Samples:
    """The same sound louder (or, below 0, quieter)."""
    return (samples * np.float32(10 ** (decibels / 20))).astype(np.float32)


def voice_at(samples: Samples, decibels: float) -> Samples:
    """Speech brought to this level; silence stays silence."""
    level = voice_level_db(samples)
    return samples if np.isinf(level) else amplified(samples, decibels - level)


def noise(count: int, decibels: float, seed: int = 1) -> Samples:
    """Steady noise of a room or a car at this mean level: pink, from 60 Hz up."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    shaped = np.fft.irfft(spectrum * (hertz >= 60) / np.sqrt(np.maximum(hertz, 60)), count)
    made: Samples = shaped.astype(np.float32)
    return amplified(made, decibels - level_db(made))


def babble(voices: Sequence[Samples], count: int, decibels: float, seed: int = 1) -> Samples:
    """A crowd: every voice over and over from a place of its own, at this level together."""
    rng = np.random.default_rng(seed)
    mixed = np.zeros(count, np.float32)
    for voice in voices:
        mixed += np.resize(np.roll(voice_at(voice, VOICE_DB), int(rng.integers(voice.size))), count)
    return voice_at(mixed, decibels)


def echo_response(decibels: float, room_ms: int, seed: int = 1) -> Samples:
    """What the ear's sound becomes in the microphone, which speech passes at this level.

    Without a room it is one impulse. With one, a direct sound and a tail of noise that is 60 dB
    down after `room_ms`.
    """
    gain = 10 ** (decibels / 20)
    if not room_ms:
        return np.array([gain], np.float32)
    count = int(room_ms * RATE / 1000 * _TAIL_DB / 60)
    decay = 10 ** (-3 * np.arange(1, count) / (room_ms * RATE / 1000))
    tail = np.random.default_rng(seed).standard_normal(max(count - 1, 1))[: count - 1] * decay
    share = np.sqrt(_REVERBERANT / np.sum(tail**2)) if tail.size else 0.0
    response = np.concatenate(([np.sqrt(1 - _REVERBERANT)], tail * share))
    return (response * gain / _speech_gain(response)).astype(np.float32)


def _speech_gain(response: npt.NDArray[np.float64]) -> float:
    """By how much speech is louder after this response."""
    size = 1 << 14
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    speech = (hertz >= 80) / np.maximum(1.0, hertz / _SPEECH_CORNER_HERTZ) ** 3
    through = speech * np.abs(np.fft.rfft(response, size)) ** 2
    return float(np.sqrt(np.sum(through) / np.sum(speech)))


def mixed_at(voice: Samples, other: Samples, below_db: float) -> Samples:
    """A voice with another sound under it, repeated to its length, so far below it."""
    under = np.resize(other, voice.size)
    down = voice_level_db(voice) - below_db - voice_level_db(under)
    return (voice + amplified(under, down)).astype(np.float32)
