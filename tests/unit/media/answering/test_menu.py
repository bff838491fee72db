"""Menus of keys: which key leads to a person."""

import pytest

from media.answering.menu import Choice, choose, options


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("For sales, press one. For support, press two. For an operator, press zero.", "0"),
        ("For sales press 1 for support press 2 to speak to someone press 9", "9"),
        ("Press one for parts, press two to talk to an agent.", "2"),
        ("To leave a message, press one. For anything else, press two.", "2"),
        ("If you know your party's extension, you may dial it at any time. "
         "To reach the operator, press the pound key.", "#"),
        ("Press 1 to accept this call.", "1"),
        ("You have a call from an outside number. Press one to take it.", "1"),
        ("To buy a lamp. Press one. To speak with an advocate. Press two. Bye.", "2"),
        ("Thank you for calling. Press one for parts. Press two for reception.", "2"),
        ("To book a service, dial two. If you want to talk to sales, dial three.", "3"),
        ("For the pharmacy, press one, or press zero to speak with a representative.", "0"),
        ("For opening hours, press one. For anything else, please stay on the line.", ""),
        ("Say schedules, or press one. To talk with a customer agent. Press nine.", "9"),
        ("Press 1 for sales, 2 for support, or 0 for the operator.", "0"),
        ("For sales press 1, for a representative 2. We are open from 9 to 5.", "2"),
        ("To accept press 1, to decline 2.", "1"),
        ("Press star to speak to an operator. Otherwise please hold the line.", "*"),
        ("To be connected, press any key.", "1"),
        ("Select any option to hear more. For an agent press 5.", "5"),
        ("To prove you are human, press 7.", "7"),
        ("Please press the number 4 to reach this person.", "4"),
    ],
)  # fmt: skip
def test_the_key_that_leads_to_a_person_is_chosen(text: str, key: str) -> None:
    choice = choose(text)
    assert choice is not None
    assert choice.key == key


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("de", "Für den Vertrieb drücken Sie die Eins, für die Zentrale die Null.", "0"),
        ("es", "Marque uno para ventas, dos para hablar con un agente.", "2"),
        ("fr", "Pour les ventes, tapez 1, pour l'accueil, 2.", "2"),
        ("es", "Para hablar con un agente, pulse cualquier tecla.", "1"),
    ],
)
def test_a_verb_said_once_is_meant_for_each_key(language: str, text: str, key: str) -> None:
    assert choose(text, language) == Choice(key, is_sure=True)


@pytest.mark.parametrize(
    "text",
    [
        "For prescriptions, press one. For opening hours, press two.",
        "Press one to leave a message. Press two to repeat these options.",
        "To decline this call, press three.",
        "Hello, who is this?",
        "",
    ],
)
def test_where_no_key_leads_to_a_person_none_is_chosen(text: str) -> None:
    assert choose(text) is None


def test_what_a_key_is_for_is_said_before_or_after_it() -> None:
    before = options("For sales, press one. For rent, press 2, or press 3 for anything else.")
    assert before == [("For sales", "1"), ("For rent", "2"), ("for anything else", "3")]
    after = options("Press one for sales. Press 2 for rent.")
    assert after == [("for sales", "1"), ("for rent", "2")]


def test_a_key_for_anything_else_may_be_followed_by_a_better_one() -> None:
    assert choose("For sales, press one.") == Choice("1", is_sure=False)
    assert choose("For an operator, press zero.") == Choice("0", is_sure=True)
