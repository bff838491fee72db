"""Noises of people, made by a program: coughs, laughs, throats cleared; and music of the system.

Honest about what they are: bursts of noise and trains of pulses through a vocal tract's resonances,
after how such sounds are described, not recordings. They differ by a seed.
"""

import numpy as np

from sandbox.core.audio import RATE
from sandbox.core.channel.sound import Samples
from tests.bench.conversation.voices import mulaw

_TRACTS = ((650.0, 1150.0, 2500.0), (750.0, 1300.0, 2700.0), (550.0, 1700.0, 2600.0))
_WIDTH_HZ = 130.0


def cough(seed: int) -> bytes:
    """One to three bursts, each with a short voiced end."""
    chance = np.random.default_rng(seed)
    parts: list[Samples] = []
    for _ in range(int(chance.integers(1, 4))):
        burst = _fading(_hiss(chance, chance.uniform(0.06, 0.14)), 9.0)
        voiced = 0.35 * _fading(_pulses(chance, chance.uniform(0.06, 0.16), 190.0, 120.0), 6.0)
        parts += [burst, voiced, np.zeros(int(chance.uniform(0.05, 0.18) * RATE), np.float32)]
    return mulaw(_through(np.concatenate(parts), _TRACTS[seed % 3]))


def laugh(seed: int) -> bytes:
    """Ha-ha-ha: breath and a falling voice, four to eight times, ever quieter."""
    chance = np.random.default_rng(seed)
    pitch, parts = chance.uniform(150.0, 320.0), []
    for number in range(int(chance.integers(4, 9))):
        loud = 0.88**number
        breath = 0.25 * _hiss(chance, chance.uniform(0.05, 0.09))
        vowel = _swelling(_pulses(chance, chance.uniform(0.07, 0.12), pitch * 1.15, pitch * 0.9))
        parts += [loud * breath, loud * vowel]
        pitch *= 0.96
    return mulaw(_through(np.concatenate(parts), _TRACTS[seed % 3]))


def throat(seed: int) -> bytes:
    """Ahem: a creaking voice in one or two pieces."""
    chance = np.random.default_rng(seed)
    creak = _swelling(_pulses(chance, chance.uniform(0.12, 0.2), 75.0, 60.0))
    rest = _swelling(_pulses(chance, chance.uniform(0.15, 0.3), 85.0, 65.0))
    noise = 0.3 * _hiss(chance, (creak.size + rest.size) / RATE)
    joined = np.concatenate([creak, rest]) + noise[: creak.size + rest.size]
    return mulaw(_through(joined, _TRACTS[seed % 3]))


def _hiss(chance: np.random.Generator, seconds: float) -> Samples:
    return chance.standard_normal(round(seconds * RATE)).astype(np.float32)


def _pulses(chance: np.random.Generator, seconds: float, first: float, last: float) -> Samples:
    """Pulses of a pitch that moves from one to another."""
    count = round(seconds * RATE)
    hertz = np.linspace(first, last, count) * (1 + 0.02 * chance.standard_normal(count))
    phase = np.cumsum(hertz) / RATE
    pulses = np.diff(np.floor(phase), prepend=0.0)
    return (6.0 * pulses).astype(np.float32)


def _fading(sound: Samples, nepers: float) -> Samples:
    return (sound * np.exp(-np.linspace(0.0, nepers / 3, sound.size))).astype(np.float32)


def _swelling(sound: Samples) -> Samples:
    return (sound * np.sin(np.linspace(0.1, np.pi, sound.size))).astype(np.float32)


def _through(sound: Samples, tract: tuple[float, ...]) -> Samples:
    """The sum of a tract's resonances, by their frequency response."""
    padded = np.pad(sound, (0, RATE // 10))
    hertz = np.fft.rfftfreq(padded.size, 1 / RATE)
    response = sum(
        (1 / (1 + 1j * (hertz - one) / _WIDTH_HZ) for one in tract), np.zeros_like(hertz, complex)
    )
    return np.fft.irfft(np.fft.rfft(padded) * response, padded.size).astype(np.float32)
