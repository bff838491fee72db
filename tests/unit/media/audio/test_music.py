"""Music is told from speech, noise and tones."""

import numpy as np
import pytest

from media.audio.call_tones import ToneDetector
from media.audio.mulaw import SAMPLE_RATE, Float32, encode_float
from media.audio.music import BLOCK_MS, LEAST_BLOCKS

NOTES = (262.0, 330.0, 392.0, 523.0, 440.0, 349.0)


def at(seconds: float) -> Float32:
    return (np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def chords(seconds: float) -> Float32:
    """Three notes with overtones, another three each half second, over a beat of noise."""
    parts: list[Float32] = []
    for number in range(round(seconds / 0.5)):
        chord = np.zeros(SAMPLE_RATE // 2, np.float32)
        for hz in (NOTES[(number + step) % len(NOTES)] for step in (0, 2, 4)):
            for over in (1, 2, 3):
                chord += np.sin(2 * np.pi * hz * over * at(0.5)) / over
        parts.append(chord)
    beat = np.random.default_rng(1).standard_normal(len(parts) * parts[0].size)
    return (0.08 * np.concatenate(parts) + 0.01 * beat).astype(np.float32)


def told(sound: Float32) -> list[int]:
    """For how long music was told to go on, whenever it was told."""
    detector, mulaw = ToneDetector(), encode_float(sound)
    frames = (mulaw[start : start + 160] for start in range(0, len(mulaw), 160))
    tones = [tone for frame in frames if (tone := detector.push(frame)) is not None]
    return [tone.ms for tone in tones if tone.kind == "music"]


def test_music_is_told_after_two_seconds_and_while_it_lasts() -> None:
    least = LEAST_BLOCKS * BLOCK_MS
    assert told(chords(4.0)) == list(range(least, 4001, BLOCK_MS))


def test_a_long_gap_begins_it_anew_and_a_short_one_does_not() -> None:
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    parts = [chords(1.5), quiet[: SAMPLE_RATE // 10], chords(1.5)]
    assert told(np.concatenate(parts))
    assert told(np.concatenate([chords(1.5), quiet[: SAMPLE_RATE // 2], chords(1.5)])) == []


def test_some_half_seconds_of_another_kind_are_part_of_it() -> None:
    noise = 0.1 * np.random.default_rng(3).standard_normal(SAMPLE_RATE // 2).astype(np.float32)
    assert told(np.concatenate([chords(1.0), noise, chords(1.0)]))
    assert told(np.concatenate([chords(1.0), *[noise] * 4, chords(1.0)])) == []


@pytest.mark.parametrize("hz", [440.0, 1000.0, 2100.0])
def test_a_tone_is_no_music(hz: float) -> None:
    assert told((0.3 * np.sin(2 * np.pi * hz * at(5.0))).astype(np.float32)) == []


def test_noise_is_no_music() -> None:
    noise = np.random.default_rng(2).standard_normal(5 * SAMPLE_RATE)
    assert told((0.1 * noise).astype(np.float32)) == []


def test_what_comes_in_syllables_is_no_music() -> None:
    time = at(5.0)
    swelling = np.clip(np.sin(2 * np.pi * 4 * time), 0, None)
    vowel = sum(np.sin(2 * np.pi * 130 * over * time) / over for over in range(1, 12))
    assert told((0.1 * swelling * vowel).astype(np.float32)) == []
