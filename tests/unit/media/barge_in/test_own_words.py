"""Recognised words that were the agent's own."""

import pytest

from media.barge_in.own_words import without_own_words

AUDIBLE = "You should water them early in the morning, and never on the leaves."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Water them early in the morning.", ""),
        ("water them early and the morning", ""),
        ("Should water them early. Wait, what about tulips?", "Wait, what about tulips?"),
        ("Stop.", "Stop."),
        ("In the morning?", ""),
        ("Morning?", "Morning?"),
        ("The leaves?", "The leaves?"),
        ("What about the roses in the garden?", "What about the roses in the garden?"),
        ("", ""),
    ],
)
def test_a_few_in_a_row_are_an_echo(text: str, left: str) -> None:
    assert without_own_words(text, AUDIBLE) == left


def test_nothing_audible_takes_nothing_away() -> None:
    assert without_own_words("Water them early.", "") == "Water them early."
