"""Turning the caller's words round: grammar that must hold, and silence where it would not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.engines.llm.reflection import echo, reflect


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("I am late", "you are late"),
        ("I'm sure my dog saw me", "you are sure your dog saw you"),
        ("I was there when you were ill", "you were there when I was ill"),
        ("my mother was kind to us", "your mother was kind to you"),
        ("you told me", "I told you"),
        ("they told you", "they told me"),
        ("I wish you were here", "you wish I was here"),
        ("you are right", "I am right"),
        ("I’ve lost mine", "you have lost yours"),
    ],
)
def test_words_change_sides(said: str, turned: str) -> None:
    assert reflect(said) == turned


@pytest.mark.parametrize(
    ("said", "said_back"),
    [
        ("Well, um, I grow tomatoes on my balcony.", "you grow tomatoes on your balcony"),
        ("My train was late because of the snow.", "your train was late"),
        ("The garden is small, but we like it.", "the garden is small"),
    ],
)
def test_the_first_clause_of_a_statement_is_said_back(said: str, said_back: str) -> None:
    assert echo(said) == said_back


@pytest.mark.parametrize(
    "said",
    [
        "Yes.",
        "",
        "...",
        "Running away again",
        "I see.",
        "I never in all those years went there",
    ],
)
def test_what_would_sound_wrong_is_said_back_as_nothing(said: str) -> None:
    assert echo(said, most_words=5) == ""


@given(st.text(max_size=200))
def test_an_echo_is_never_longer_than_asked_for(said: str) -> None:
    assert len(echo(said, most_words=10).split()) <= 10
