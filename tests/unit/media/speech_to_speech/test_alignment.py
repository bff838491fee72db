"""Which words of a reply were heard: by its letters, and by where the voice pauses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio.mulaw import SAMPLE_RATE, encode
from media.speech_to_speech.alignment import words_heard

TEXT = "I see. What matters most to you about that?"
SECOND = SAMPLE_RATE


def voice(seconds: float) -> bytes:
    samples = 8000 * np.sin(np.arange(int(seconds * SECOND)) * 0.3)
    return encode(samples.astype(np.int16))


def pause(seconds: float) -> bytes:
    return b"\xff" * int(seconds * SECOND)


SPOKEN = voice(0.5) + pause(0.3) + voice(1.5) + pause(0.3)  # the first sentence is slow


def heard(seconds: float, sound: bytes = SPOKEN, *, is_whole: bool = True) -> str:
    return words_heard(TEXT, sound, int(seconds * SECOND), is_whole=is_whole)


@pytest.mark.parametrize("seconds", [0.5, 0.6, 0.7, 0.8, 0.85])
def test_in_the_pause_after_a_sentence_that_was_heard_and_nothing_of_the_next(
    seconds: float,
) -> None:
    assert heard(seconds) == "I see."
    assert heard(seconds, is_whole=False) == "I see."


def test_words_of_a_sentence_take_time_by_their_letters() -> None:
    assert heard(0.25) == "I"
    assert heard(1.45) == "I see. What matters"
    assert heard(2.4) == "I see. What matters most to you about that?"


def test_before_the_end_of_the_sound_is_there_the_pace_of_speech_tells() -> None:
    assert heard(1.9, voice(3.0), is_whole=False) == "I see. What matters most to"


def test_a_pause_somewhere_else_is_no_sentences_end() -> None:
    sound = voice(1.6) + pause(0.3) + voice(0.4)
    assert heard(0.3, sound) == "I see."
    assert heard(1.75, sound) == "I see. What matters most to you"


def test_nothing_is_heard_of_nothing() -> None:
    assert words_heard("", b"", 0, is_whole=True) == ""
    assert words_heard(TEXT, b"", 0, is_whole=False) == ""
    assert words_heard(TEXT, pause(1), 4000, is_whole=False) == ""


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 6), st.booleans())
def test_what_was_heard_is_a_beginning_and_never_shrinks(
    lengths: list[float], seconds: float, is_whole: bool
) -> None:
    sound = b"".join(voice(one) + pause(one / 2) for one in lengths)
    first, later = (
        heard(seconds, sound, is_whole=is_whole),
        heard(seconds + 0.1, sound, is_whole=is_whole),
    )
    assert TEXT.startswith(first)
    assert later.startswith(first)
