"""When a short sound is looked at again, and what is believed."""

import numpy as np
import pytest

from media.audio.mulaw import SAMPLE_RATE, Float32
from media.engines.decoding.second_look import (
    are_believed,
    are_letters,
    hum,
    is_a_word_alone,
    is_believed,
    is_laughter,
    is_noise,
    is_surer,
    is_whole_number,
    spelled_out,
    spoken_seconds,
)


def sound(seconds: float, noise: float = 0.0) -> Float32:
    """A loud tone of that length in the middle of two seconds of quiet or noise."""
    samples = noise * np.random.default_rng(1).standard_normal(2 * SAMPLE_RATE)
    length = int(seconds * SAMPLE_RATE)
    samples[4000 : 4000 + length] += 0.5 * np.sin(np.arange(length))
    return samples.astype(np.float32)


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_how_long_somebody_spoke_leaves_out_what_is_around(noise: float) -> None:
    assert spoken_seconds(sound(0.6, noise)) == pytest.approx(0.6, abs=0.05)
    assert spoken_seconds(np.zeros(100, np.float32)) == 0


@pytest.mark.parametrize(
    ("text", "seconds", "again"),
    [
        ("Yeast.", 0.4, True),
        ("- - -", 0.4, True),
        ("Yes.", 0.4, False),
        ("Yes, please.", 0.6, False),
        ("B.", 0.3, False),
        ("Mm-hmm.", 0.5, False),
        ("Yeast.", 1.45, False),
        ("I have some yeast here.", 0.9, False),
    ],
)
def test_a_short_sound_that_is_no_known_answer_is_looked_at_again(
    text: str, seconds: float, again: bool
) -> None:
    assert is_a_word_alone(text, sound(seconds)) == again


def test_an_answer_is_believed_if_it_is_not_much_less_likely() -> None:
    assert is_believed("Yeast.", -1.0, -6.5)
    assert not is_believed("Yeast.", -1.0, -7.5)
    assert not is_believed("Two say.", -1.0, -6.5)


@pytest.mark.parametrize(
    ("read", "heard"),
    [("Aha.", "Uh-huh."), ("Mum.", "Mm-hmm."), ("M. H. M.", "Mm-hmm."), ("No.", "No.")],
)
def test_a_hum_is_a_backchannel(read: str, heard: str) -> None:
    assert hum(read, sound(0.5)) == heard


@pytest.mark.parametrize(
    ("chosen", "read", "surer"),
    [
        ("Eight zero zero five.", "800-5", True),
        ("Four two zero.", "For two zero", True),
        ("Two zero five nine.", "Two, zero. Five-nine", False),
        ("Four eight eight five.", "Four, eight, five.", True),  # the second of two is lost
        ("Four eight five.", "Four, eight, eight, five.", False),
        ("Four nine eight five.", "Four, eight, five.", False),
    ],
)
def test_digits_chosen_are_surer_than_figures_and_than_words_without_a_second(
    chosen: str, read: str, surer: bool
) -> None:
    assert is_surer(chosen, read) == surer


@pytest.mark.parametrize(
    ("text", "whole"),
    [("Two, zero, two, five-five-five, oh.", True), ("Two, zero, two.", False), ("8005550", False)],
)
def test_a_number_of_a_usual_length_needs_no_second_look(text: str, whole: bool) -> None:
    assert is_whole_number(text) == whole


@pytest.mark.parametrize(
    ("letters", "score", "is_like", "said"),
    [("I-V-A.", -4.0, False, True), ("I-V-A.", -5.0, False, False), ("I-V-A.", -5.0, True, True),
     ("I-V.", -1.0, False, False)],
)  # fmt: skip
def test_letters_that_were_read_as_words_must_be_likelier(
    letters: str, score: float, is_like: bool, said: bool
) -> None:
    assert spelled_out(letters.replace("-", " ")) == letters
    assert are_letters(letters, score, is_like=is_like) == said


def test_digits_are_believed_only_if_they_are_likely() -> None:
    assert are_believed(-1.0)
    assert not are_believed(-1.5)


def bursts(*starts: float) -> Float32:
    """Short sounds that begin at these seconds."""
    samples = np.zeros(2 * SAMPLE_RATE, np.float32)
    for start in starts:
        at = int(start * SAMPLE_RATE) + np.arange(SAMPLE_RATE // 10)
        samples[at] = np.sin(np.linspace(0, np.pi, at.size)) * np.sin(at)
    return samples


EVEN = bursts(0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.mark.parametrize(
    ("samples", "mean_score", "laughs"),
    [
        (EVEN, -1.0, True),
        (EVEN, -0.2, False),  # "No, no, no, no." is read for sure
        (bursts(0.2, 0.34, 0.7, 0.84, 1.3), -1.0, False),
        (bursts(0.2, 0.4), -1.0, False),
        (np.zeros(100, np.float32), -1.0, False),
    ],
)
def test_laughter_is_even_and_no_word_of_it_is_sure(
    samples: Float32, mean_score: float, laughs: bool
) -> None:
    assert is_laughter(samples, mean_score) == laughs


@pytest.mark.parametrize(("text", "noise"), [("You", True), ("You.", False), ("© Anybody", True)])
def test_what_coughs_are_read_as_is_no_word(text: str, noise: bool) -> None:
    assert is_noise(text) == noise
