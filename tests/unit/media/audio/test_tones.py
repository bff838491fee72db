"""DTMF: every key is its own pair of tones, as long as it should be."""

import pytest

from media.audio.tones import FREQUENCIES, are_digits, dtmf
from tests.support.sound import share


@pytest.mark.parametrize("key", FREQUENCIES)
def test_a_key_is_two_tones_of_a_tenth_of_a_second_and_a_gap(key: str) -> None:
    sound = dtmf(key)
    tones, gap = sound[:800], sound[800:]
    assert gap == b"\xff" * 480
    assert all(0.4 < share(tones, hertz) < 0.6 for hertz in FREQUENCIES[key])


def test_a_pause_is_half_a_second_of_silence_and_all_is_whole_frames() -> None:
    assert dtmf("w") == b"\xff" * 4000
    assert len(dtmf("1w#")) == 2 * 1280 + 4000
    assert len(dtmf("1w#")) % 160 == 0


@pytest.mark.parametrize("text", ["0123456789*#ABCD", "w", "1" * 32])
def test_keys_are_accepted(text: str) -> None:
    assert are_digits(text)


@pytest.mark.parametrize("text", ["", "x", "1 2", "a", "W", "1" * 33, "1\n", "١"])
def test_what_is_no_key_is_not(text: str) -> None:
    assert not are_digits(text)
