"""Numbers said in groups: counted, and joined where a turn is nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.turn_taking.dictation import DIGITS, digits, joined, wanted

ASKED = "What is your phone number?"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Two, zero, two. 555.", "202555"),
        ("double five, oh one", "5501"),
        ("720-555-3391.", "7205553391"),
        ("triple nine", "999"),
        ("twenty two, fifty five", "2255"),
        ("Two hundred two, five five five", "202555"),
        ("eight hundred five five five", "800555"),
        ("fifteen fourteen thirty", "151430"),
        ("uh, seven hundred and two, um, five thousand", "7025000"),
    ],
)
def test_groups_become_one_number(text: str, number: str) -> None:
    assert joined(text, ASKED) == number


@pytest.mark.parametrize(
    "text", ["It is 555 0143.", "Two.", "For you two.", "Two or three", "a b c"]
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert joined(text, ASKED) == text


def test_amounts_that_nobody_asked_the_digits_of_stay_amounts() -> None:
    assert joined("Twenty two", "How old are you?") == "Twenty two"


def test_misheard_digits_are_believed_only_where_digits_were_asked_for() -> None:
    assert joined("For zero two four", ASKED) == "4024"
    assert joined("For zero two four", "What else?") == "For zero two four"


@given(st.lists(st.sampled_from(sorted(DIGITS)), min_size=3, max_size=16))
def test_no_digit_is_lost_or_added(said: list[str]) -> None:
    number = "".join(DIGITS[word] for word in said)
    assert digits(", ".join(said)) == number == joined(". ".join(said), ASKED)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "How are you?",
        "Is that your phone number?",
        "How many digits are left?",
        "What number of guests?",
    ],
)
def test_other_questions_want_no_dictation(asked: str) -> None:
    assert wanted(asked) is None
