"""Levels of sound, and of what was sent by when it is heard."""

import numpy as np
import pytest

from media.audio.mulaw import FRAME_BYTES, encode_float
from media.barge_in.levels import FLOOR_DB, SentLevels, Smooth, decibels, powers

SILENCE = b"\xff" * FRAME_BYTES


def tone(db: float, frames: int = 1) -> bytes:
    wave = np.sin(np.arange(FRAME_BYTES * frames) * 0.3) * 2**0.5 * 10 ** (db / 20)
    return encode_float(wave.astype(np.float32))


@pytest.mark.parametrize("db", [-10.0, -20.0, -40.0])
def test_a_tone_has_the_level_it_was_made_with(db: float) -> None:
    (power,) = powers(tone(db))
    assert decibels(power) == pytest.approx(db, abs=0.5)


def test_only_whole_frames_count_and_silence_is_the_floor() -> None:
    assert powers(SILENCE + b"\xff") == [0.0]
    assert decibels(0.0) == FLOOR_DB


def test_a_click_is_smoothed_away() -> None:
    smooth = Smooth()
    assert smooth.push(powers(tone(-10))[0]) == pytest.approx(-17, abs=0.5)
    assert [smooth.push(0.0) for _ in range(5)][-1] == FLOOR_DB


def test_what_was_sent_may_come_back_from_when_it_is_heard_and_for_so_long() -> None:
    sent = SentLevels(1.0)
    sent.sent(tone(-20, 10), at=5.0)
    assert sent.loudest(4.9) is None
    assert sent.loudest(5.2) == pytest.approx(-20, abs=0.5)
    assert sent.loudest(6.1) == pytest.approx(-20, abs=0.5)
    assert sent.loudest(6.3) is None


def test_the_loudest_counts_until_it_is_too_old() -> None:
    sent = SentLevels(1.0)
    sent.sent(tone(-10, 10) + tone(-30, 60), at=0.0)
    assert sent.loudest(0.9) == pytest.approx(-10, abs=0.5)
    assert sent.loudest(1.39) == pytest.approx(-30, abs=0.5)


def test_what_was_cleared_is_never_heard() -> None:
    sent = SentLevels(1.0)
    sent.sent(SILENCE * 5 + tone(-20, 50), at=0.0)
    sent.cleared(0.05)
    assert sent.loudest(0.5) == FLOOR_DB
    assert sent.loudest(1.5) is None
