"""Levels and noises are what they say they are, to a decibel."""

import numpy as np
import pytest

from sandbox.core.audio import RATE
from sandbox.core.channel.sound import (
    VOICE_DB,
    Samples,
    amplified,
    babble,
    echo_response,
    level_db,
    mixed_at,
    noise,
    voice_at,
    voice_level_db,
)


def syllables(seconds: float, hertz: float = 170.0, seed: int = 3) -> Samples:
    """Harmonics that fall by 9 dB an octave above 500 Hz, in bursts and pauses, as speech has."""
    t = np.arange(int(seconds * RATE)) / RATE
    rng = np.random.default_rng(seed)
    sound = np.zeros(t.size)
    for partial in range(1, int(3400 // hertz)):
        fall = min(1.0, (500 / (partial * hertz)) ** 1.5)
        wander = 1 + 0.01 * np.sin(2 * np.pi * 3 * t + rng.uniform(0, 6))
        sound += fall * np.sin(2 * np.pi * partial * hertz * wander * t + rng.uniform(0, 6))
    spoken = np.repeat(rng.random(int(seconds * 5) + 1) > 0.3, RATE // 5)[: t.size]
    return (3000 * sound * spoken).astype(np.float32)


@pytest.mark.parametrize("decibels", [-10.0, -30.0, -50.0])
def test_noise_is_as_loud_as_it_says_and_the_same_each_time(decibels: float) -> None:
    made = noise(4 * RATE, decibels)
    assert level_db(made) == pytest.approx(decibels, abs=0.01)
    assert np.array_equal(made, noise(4 * RATE, decibels))
    assert not np.array_equal(made, noise(4 * RATE, decibels, seed=2))


def test_pauses_do_not_make_a_voice_quieter() -> None:
    voice = syllables(4)
    with_pause = np.concatenate([voice, np.zeros(8 * RATE, np.float32)])
    assert voice_level_db(with_pause) == pytest.approx(voice_level_db(voice), abs=0.5)
    assert level_db(with_pause) < level_db(voice) - 4


def test_a_voice_is_brought_to_a_level_and_silence_stays() -> None:
    assert voice_level_db(voice_at(syllables(2), -26)) == pytest.approx(-26, abs=0.1)
    assert not voice_at(np.zeros(RATE, np.float32), -26).any()


@pytest.mark.parametrize("below", [0.0, 10.0, 25.0])
def test_what_is_mixed_in_is_so_far_below(below: float) -> None:
    voice, other = syllables(3), noise(RATE, -40)
    under = mixed_at(voice, other, below) - voice
    assert voice_level_db(voice) - level_db(under) == pytest.approx(below, abs=1)


def test_a_crowd_is_at_its_level_and_is_not_one_of_its_voices() -> None:
    voices = [syllables(3, hertz, seed) for seed, hertz in enumerate((110.0, 160.0, 210.0, 240.0))]
    crowd = babble(voices, 6 * RATE, -35)
    assert crowd.size == 6 * RATE
    assert voice_level_db(crowd) == pytest.approx(-35, abs=0.1)
    loudness = [level_db(crowd[at : at + RATE // 2]) for at in range(0, crowd.size, RATE // 2)]
    assert max(loudness) - min(loudness) < 8, "it has no pauses"


@pytest.mark.parametrize("room_ms", [0, 120, 300, 600])
@pytest.mark.parametrize("decibels", [-10.0, -45.0])
def test_a_room_rings_so_long_and_leaves_the_level(decibels: float, room_ms: int) -> None:
    response, voice = echo_response(decibels, room_ms), voice_at(syllables(4), VOICE_DB)
    echo = np.convolve(voice, response)[: voice.size].astype(np.float32)
    assert level_db(echo) - level_db(voice) == pytest.approx(decibels, abs=1)
    assert response.size == max(1, round(room_ms * 8 * 40 / 60))


def test_louder_by_so_many_decibels() -> None:
    sound = noise(RATE, -30)
    assert level_db(amplified(sound, 6)) == pytest.approx(-24, abs=0.01)
