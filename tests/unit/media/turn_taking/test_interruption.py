"""A "yes" over a question's end is an answer, anywhere else a sign to go on."""

import pytest

from media.turn_taking.interruption import is_sign_to_go_on


@pytest.mark.parametrize("text", ["Yes.", "Yeah.", "Okay.", "Sure.", "Right, yes."])
@pytest.mark.parametrize("left", ["it?", "want to hear more about it?", 'called "Aida"?'])
def test_it_answers_a_question_of_which_little_is_left(text: str, left: str) -> None:
    assert not is_sign_to_go_on(text, left)


@pytest.mark.parametrize("left", ["want to hear a lot more about it?", "and so on.", "it? Or not."])
def test_else_it_only_wants_us_to_go_on(left: str) -> None:
    assert is_sign_to_go_on("Yes.", left)


@pytest.mark.parametrize(
    "text", ["Got it.", "Great.", "Makes sense.", "Exactly.", "Alright.", "Oh wow.", "Really?"]
)
def test_whoever_follows_says_so_in_many_ways(text: str) -> None:
    assert is_sign_to_go_on(text, "and so on.")


@pytest.mark.parametrize("text", ["No.", "Wait.", "What?", "Not true.", "Okay, stop.", "Hello?"])
def test_whoever_wants_a_word_is_let_in(text: str) -> None:
    assert not is_sign_to_go_on(text, "and so on.")


def test_other_words_and_silence_are_never_one() -> None:
    assert not is_sign_to_go_on("Stop that.", "and so on.")
    assert not is_sign_to_go_on("Yes.", "")
