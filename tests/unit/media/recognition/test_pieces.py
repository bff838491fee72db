"""Long speech is cut where it is quiet, and its words are put together again."""

import pytest

from media.audio.mulaw import FRAME_BYTES
from media.recognition.pieces import LONG_BYTES, cut, together

LOUD, QUIET = b"\x10" * FRAME_BYTES, b"\xff" * FRAME_BYTES


@pytest.mark.parametrize("frame", [400, 431, 500, 594])
def test_it_is_cut_in_a_pause_of_the_last_third(frame: int) -> None:
    sound = LOUD * frame + QUIET * 6 + LOUD * (600 - frame - 6)
    assert len(sound) == LONG_BYTES
    assert frame <= cut(sound) // FRAME_BYTES <= frame + 6


def test_speech_without_a_pause_is_cut_all_the_same() -> None:
    sound = (QUIET * 10 + LOUD * 590) * 2
    assert 400 <= cut(sound[:LONG_BYTES]) // FRAME_BYTES < 600


@pytest.mark.parametrize(
    ("settled", "text", "whole"),
    [
        ("", "I like roses.", "I like roses."),
        ("I like roses.", "And tulips.", "I like roses. And tulips."),
        ("I like roses.", "and tulips.", "I like roses and tulips."),
        ("I like", "", "I like"),
    ],
)
def test_words_are_put_together(settled: str, text: str, whole: str) -> None:
    assert together(settled, text) == whole
