"""An answer thought of ahead: posted whole if it is asked for, else nothing of it is ever seen."""

from msgspec.structs import replace

from media.dialogue import Prompt, Turn
from media.events import EngineFailed, Event, GenerationFinished, Sentence
from media.thinking.ahead import Ahead

ASKED = Prompt("roses", (Turn("caller", "How?", "How?", 1.0),))
LATER = Prompt("roses", (Turn("caller", "How?", "How?", 1.4),))


def test_what_came_and_what_comes_is_posted_for_the_turn() -> None:
    first: list[str] = []
    posted: list[Event] = []
    ahead = Ahead(ASKED, first.append)
    ahead.take(Sentence(0, "Slowly."))
    ahead.take(Sentence(0, "From the root."))
    assert first == ["Slowly."]
    assert ahead.release(LATER, 5, posted.append)
    assert posted == [Sentence(5, "Slowly."), Sentence(5, "From the root.")]
    ahead.take(GenerationFinished(0))
    ahead.take(EngineFailed("thinker", 0))
    assert posted[2:] == [GenerationFinished(5), EngineFailed("thinker", 5)]


def test_another_prompt_gets_nothing_of_it() -> None:
    posted: list[Event] = []
    ahead = Ahead(ASKED, lambda _: None)
    ahead.take(Sentence(0, "Slowly."))
    assert not ahead.release(replace(LATER, hint="urgent"), 5, posted.append)
    assert posted == []


def test_one_that_failed_is_asked_for_again() -> None:
    posted: list[Event] = []
    ahead = Ahead(ASKED, lambda _: None)
    ahead.take(EngineFailed("thinker", 0))
    assert not ahead.release(LATER, 5, posted.append)
    assert posted == []


def test_it_answers_once() -> None:
    ahead = Ahead(ASKED, lambda _: None)
    assert ahead.release(LATER, 5, lambda _: None)
    assert not ahead.release(LATER, 6, lambda _: None)
