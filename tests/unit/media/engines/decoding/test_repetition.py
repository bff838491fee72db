"""A decoder that goes round in circles is noticed, and what it says is said once."""

import pytest

from media.engines.decoding.repetition import repeats, said_once


@pytest.mark.parametrize(
    ("tokens", "once"),
    [
        ([5] * 6, [5]),
        ([1, 2, *[7, 8] * 4], [1, 2, 7, 8]),
        ([9, *[1, 2, 3, 4] * 5], [9, 1, 2, 3, 4]),
    ],
)
def test_the_same_again_and_again_is_said_once(tokens: list[int], once: list[int]) -> None:
    assert repeats(tokens)
    assert said_once(tokens) == once


@pytest.mark.parametrize("tokens", [[], [5], [5] * 5, [1, 2] * 3, [1, 1, 2, 2, 1, 1], [3, 4] * 3])
def test_what_people_say_twice_or_thrice_is_left(tokens: list[int]) -> None:
    assert not repeats(tokens)
    assert said_once(tokens) == tokens
