"""Tones of mailboxes, faxes and networks, out of 8 kHz mu-law."""

import numpy as np
import pytest

from media.audio.call_tones import LEAST_MS, Tone, ToneDetector, ToneKind
from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, Float32, encode_float

RNG = np.random.default_rng(7)
SIT = ((985.2, 380), (1370.6, 274), (1776.7, 380))


def quiet(ms: int) -> Float32:
    return np.zeros(SAMPLE_RATE * ms // 1000, np.float32)


def tone(*hz: float, ms: int, db: float = -12.0) -> Float32:
    at = np.arange(SAMPLE_RATE * ms // 1000) / SAMPLE_RATE
    waves = sum(np.sin(2 * np.pi * one * at) for one in hz)
    return np.asarray(10 ** (db / 20) / len(hz) * waves, np.float32)


def heard(*parts: Float32, noise: float = 0.0) -> list[Tone]:
    sound = np.concatenate([quiet(333), *parts, quiet(500)])
    sound = sound + np.asarray(noise * RNG.standard_normal(sound.size), np.float32)
    mulaw, detector = encode_float(sound), ToneDetector()
    frames = (mulaw[at : at + FRAME_BYTES] for at in range(0, len(mulaw), FRAME_BYTES))
    return [found for frame in frames if (found := detector.push(frame)) is not None]


@pytest.mark.parametrize("hz", [440, 555, 700, 1000, 1400, 2000])
@pytest.mark.parametrize("db", [-6, -30, -48])
def test_a_beep_is_heard_whatever_its_pitch_and_level(hz: int, db: int) -> None:
    (found,) = heard(tone(hz, ms=430, db=db))
    assert found.kind == "beep"
    assert abs(found.hz - hz) <= 5
    assert abs(found.ms - 430) <= 40
    assert 20 <= found.ended_ms <= 80


@pytest.mark.parametrize("ms", [LEAST_MS, 160, 250, 1000, 4000])
def test_a_beep_may_be_short_or_long(ms: int) -> None:
    assert [found.kind for found in heard(tone(900, ms=ms))] == ["beep"]


@pytest.mark.parametrize("hz", [555, 700, 850, 1000])
@pytest.mark.parametrize("db", [6, 20])
def test_a_beep_too_loud_for_its_line_is_one(hz: int, db: int) -> None:
    (found,) = heard(np.clip(tone(hz, ms=430, db=db), -0.9, 0.9))
    assert found.kind == "beep"


def test_what_is_too_short_or_too_deep_is_no_beep() -> None:
    assert heard(tone(900, ms=60)) == []
    assert heard(tone(200, ms=800)) == []


def test_a_beep_is_heard_through_noise_and_a_lost_frame() -> None:
    assert [one.kind for one in heard(tone(900, ms=430), noise=0.01)] == ["beep"]
    holed = np.concatenate([tone(900, ms=200), quiet(20), tone(900, ms=200)])
    assert [one.kind for one in heard(holed)] == ["beep"]


@pytest.mark.parametrize(
    ("kind", "hz", "ms"),
    [
        ("fax", (1100.0,), 500), ("fax", (2100.0,), 3000), ("ringback", (440.0, 480.0), 2000),
        ("ringback", (400.0, 450.0), 900), ("busy", (480.0, 620.0), 500),
        ("busy", (480.0, 620.0), 250),
    ],
)  # fmt: skip
def test_networks_and_faxes_have_tones_of_their_own(
    kind: ToneKind, hz: tuple[float, ...], ms: int
) -> None:
    assert [found.kind for found in heard(tone(*hz, ms=ms))] == [kind]


def test_a_fax_is_told_while_its_tone_goes_on() -> None:
    (found,) = heard(tone(2100, ms=3000))
    assert (found.ms, found.ended_ms) == (500, 0)


@pytest.mark.parametrize(
    ("kind", "hz", "ms", "pause"),
    [
        ("busy", (425.0,), 480, 480), ("busy", (425.0,), 240, 240), ("busy", (400.0,), 375, 375),
        ("busy", (440.0,), 500, 500), ("busy", (480.0, 620.0), 500, 500),
        ("ringback", (425.0,), 1000, 4000), ("ringback", (440.0,), 1500, 3500),
        ("ringback", (400.0,), 1000, 2000),
    ],
)  # fmt: skip
def test_what_other_countries_networks_signal_by_is_told_by_its_rhythm(
    kind: ToneKind, hz: tuple[float, ...], ms: int, pause: int
) -> None:
    found = [one.kind for one in heard(*[tone(*hz, ms=ms), quiet(pause)] * 3)]
    assert found[-1] == kind


def test_a_low_beep_once_or_twice_is_a_mailboxs() -> None:
    assert [one.kind for one in heard(tone(440, ms=1000))] == ["beep"]
    twice = heard(*[tone(440, ms=200), quiet(200)] * 2)
    assert [one.kind for one in twice] == ["beep", "beep"]
    apart = heard(*[tone(440, ms=300), quiet(2000)] * 4)
    assert {one.kind for one in apart} == {"beep"}


@pytest.mark.parametrize("hz", [1062, 1138, 2085, 2115])
def test_a_faxs_tone_may_be_off_as_far_as_the_standard_lets_it(hz: int) -> None:
    assert [one.kind for one in heard(tone(hz, ms=500), quiet(300))] == ["fax"]


@pytest.mark.parametrize("off", [-50, 0, 50])
def test_an_intercepts_tones_may_be_off_as_far_as_the_standard_lets_them(off: int) -> None:
    found = heard(*(tone(hz + off, ms=330) for hz in (950, 1400, 1800)))
    assert [one.kind for one in found] == ["intercept"]


def test_three_tones_in_a_row_are_the_networks_intercept() -> None:
    (found,) = heard(*(tone(hz, ms=ms) for hz, ms in SIT))
    assert found.kind == "intercept"


def test_a_melody_is_no_beep() -> None:
    assert heard(*(tone(hz, ms=300) for hz in (523, 659, 784, 1046))) == []


def test_keys_are_no_beep() -> None:
    assert heard(tone(697, 1209, ms=200)) == []


def test_a_voice_with_its_harmonics_is_no_tone() -> None:
    at = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    glides = (np.sin(2 * np.pi * n * (180 + 20 * at) * at) / n for n in range(1, 9))
    assert heard(np.asarray(0.1 * sum(glides), np.float32)) == []


def test_frames_of_any_length_give_the_same() -> None:
    mulaw, detector = encode_float(np.concatenate([tone(900, ms=400), quiet(300)])), ToneDetector()
    pieces = [mulaw[at : at + 333] for at in range(0, len(mulaw), 333)]
    assert [one.kind for piece in pieces if (one := detector.push(piece))] == ["beep"]
