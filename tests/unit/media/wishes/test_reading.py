"""Wishes to stop, read in four languages and three channels, against labelled phrases."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.wishes import reading
from media.wishes.reading import Channel, confirmed, wish_so_far, wish_to_stop
from media.wishes.wish import Wish

FOLDER = Path(__file__).parent
FEWEST_RIGHT = 0.97


class Labelled(msgspec.Struct, frozen=True):
    """What somebody said, and what they want."""

    wish: Wish
    channel: Channel
    phrase: str


def labelled(name: str) -> list[Labelled]:
    """The phrases of a file."""
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    rows = ([part.strip() for part in line.split("|", 2)] for line in lines if line[:1] != "#")
    return [
        msgspec.convert(
            {"wish": wish, "channel": channel, "phrase": phrase.replace("\\n", "\n")}, Labelled
        )
        for wish, channel, phrase in rows
    ]


def wrong(phrases: list[Labelled]) -> list[tuple[Wish, Labelled]]:
    """What was read otherwise than it was meant."""
    read = ((wish_to_stop(one.phrase, one.channel), one) for one in phrases)
    return [(wish, one) for wish, one in read if wish != one.wish]


@pytest.mark.parametrize(
    "name", ["phrases.txt", "phrases_more.txt", "phrases_de.txt", "phrases_neighbours.txt"]
)
def test_wishes_are_read_as_they_are_meant(name: str) -> None:
    assert wrong(labelled(name)) == []


HELD_BACK = ["held_back.txt", "held_back_de.txt", "held_back_de_2.txt"]


@pytest.mark.parametrize("name", HELD_BACK)
def test_of_what_was_held_back_hardly_any_is_misread_and_no_clear_wish_missed(name: str) -> None:
    phrases = labelled(name)
    misread = wrong(phrases)
    right = 1 - len(misread) / len(phrases)
    print(f"held back: {len(phrases)} phrases, {right:.1%} right")  # noqa: T201
    assert right >= FEWEST_RIGHT, misread
    assert [one for wish, one in misread if one.wish == "yes" and wish == "no"] == []


def test_there_are_enough_phrases() -> None:
    names = ("phrases.txt", "phrases_more.txt", "held_back.txt")
    all_of_them = [one for name in names for one in labelled(name)]
    assert len(all_of_them) >= 400
    assert len(labelled("held_back.txt")) >= 150
    german = ("phrases_de.txt", *HELD_BACK[1:])
    assert sum(len(labelled(name)) for name in german) >= 180


@pytest.mark.parametrize(
    ("answer", "wish"),
    [
        ("Yes.", "yes"), ("yeah please", "yes"), ("I do.", "yes"), ("Oui", "yes"), ("sí", "yes"),
        ("STOP", "yes"), ("please stop calling me", "yes"), ("No.", "no"), ("no no, go on", "no"),
        ("Don't stop", "no"), ("keep calling", "no"), ("non", "no"), ("What?", "unsure"),
        ("", "unsure"), ("Bread is nice", "unsure"), ("Ja, genau", "yes"),
        ("Nein, machen Sie weiter", "no"), ("I don't know", "unsure"),
        ("No sé", "unsure"), ("Je ne sais pas", "unsure"),
        ("Ich weiß es nicht", "unsure"), ("No idea", "unsure"),
        ("Pas du tout", "no"), ("Surtout pas", "no"), ("Auf keinen Fall", "no"),
        ("Natürlich nicht", "no"), ("Para nada", "no"), ("Wie bitte?", "unsure"),
        ("Nie wieder", "yes"), ("Plus jamais", "yes"), ("Nunca más", "yes"),
        ("Oui, plus jamais", "yes"), ("No more", "yes"),
        ("Nicht mehr, bitte", "yes"), ("Stop.", "yes"), ("Parar", "yes"),
    ],
)  # fmt: skip
def test_the_answer_to_the_question_is_believed(answer: str, wish: Wish) -> None:
    assert confirmed(answer) == wish


@pytest.mark.parametrize(
    ("turns", "wish"),
    [
        ([(True, "Start calling me."), (False, "Do you want us to stop?"), (True, "Yes.")], "yes"),
        ([(True, "Start calling me."), (False, "Do you want us to stop?"), (True, "No.")], "no"),
        ([(True, "Start calling me."), (False, "Do you want us to stop?")], "unsure"),
        ([(True, "Start calling me."), (True, "Well, the weather.")], "yes"),
        ([(False, "Stop calling me."), (True, "I never said that.")], "no"),
        ([(True, "Stop calling me."), (True, "Bye.")], "yes"),
        ([], "no"),
    ],
)
def test_in_a_talk_the_next_turn_makes_sure(turns: list[tuple[bool, str]], wish: Wish) -> None:
    assert wish_so_far(turns) == wish


@settings(max_examples=30)
@given(st.text(max_size=200), st.sampled_from(["spoken", "text", "mail"]))
def test_whatever_is_said_can_be_read(said: str, channel: Channel) -> None:
    assert wish_to_stop(said, channel) in {"yes", "no", "unsure"}


@pytest.mark.parametrize(
    "piece", ["please ", "stop ", "i don't want ", "you need to ", "no more of ", "a", "ne me ",
              "no me ", "do not do not ", "call me ", "the the "],
)  # fmt: skip
def test_a_wish_at_the_end_of_a_long_text_is_found(piece: str) -> None:
    assert wish_to_stop(piece * 20_000 + "\nPlease stop writing to me", "mail") == "yes"


def test_each_turn_of_a_talk_is_read_once_however_long_it_goes_on() -> None:
    talk = [(True, f"And what of the tomatoes in week {week}?") for week in range(20)]
    read = reading._spoken.cache_info().misses
    for turns in range(1, len(talk) + 1):
        assert wish_so_far(talk[:turns]) == "no"
    assert reading._spoken.cache_info().misses == read + len(talk)
