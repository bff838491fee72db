"""Lines in a language that the offline ears do not know, by their sound."""

import numpy as np

from sandbox.core.audio import encode_mulaw
from sandbox.providers.known_lines import known_words

GERMAN, ENGLISH = "Ich möchte bitte Deutsch sprechen", "I would like to speak English"


def noise(seed: int) -> bytes:
    samples = np.random.default_rng(seed).normal(0, 4000, 8000)
    return encode_mulaw(samples.astype(np.int16))


LINES = [(ENGLISH, noise(1)), (GERMAN, noise(2)), ("Guten Tag, wer ist da?", noise(3))]
SILENCE = b"\xff" * 1234


def test_a_line_is_known_by_its_sound_wherever_it_is() -> None:
    assert known_words(SILENCE + LINES[1][1] + SILENCE, LINES) == GERMAN
    assert known_words(LINES[2][1], LINES) == "Guten Tag, wer ist da?"


def test_a_part_of_it_has_the_words_so_far() -> None:
    assert known_words(SILENCE + LINES[1][1][:4000], LINES) == "Ich möchte bitte"
    assert known_words(LINES[1][1][4800:], LINES) == "Deutsch sprechen"


def test_what_the_ears_know_or_nobody_said_is_left_to_them() -> None:
    assert known_words(LINES[0][1], LINES) == ""
    assert known_words(noise(4), LINES) == known_words(SILENCE, LINES) == ""
