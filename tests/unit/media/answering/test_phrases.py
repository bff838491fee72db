"""Phrases of people and machines: words in, what they point to."""

import pytest

from media.answering.phrases import matches, normal
from media.languages.language import LANGUAGES


def points_to(text: str, language: str = "en") -> set[str]:
    return {one.verdict for one in matches(language, text)}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Hello?", "human"), ("Hi, this is me.", "human"), ("Who is calling, please?", "human"),
        ("Acme Dental, how may I help you?", "human"),
        ("Please leave a message after the tone.", "machine"),
        ("I can't come to the phone right now.", "machine"),
        ("You have reached the Millers.", "machine"),
        ("Please say your name and why you're calling.", "screening"),
        ("We are sorry, messages can not be left for this number.", "machine"),
        ("For sales, press one.", "ivr"), ("Press 2 for more options.", "ivr"),
        ("Dial too.", "ivr"),
        ("The number you have dialed is not in service.", "intercept"),
        ("The number you dialed has recently been changed.", "intercept"),
        ("The customer you are calling is not available. Please try later.", "intercept"),
        ("The person you are calling cannot accept calls at this time.", "intercept"),
        ("You missed me.", "machine"), ("Name, number, reason.", "machine"),
        ("Gone fishing, back at two.", "machine"), ("Leave us a note.", "machine"),
        ("Well, it's not me, it's the machine.", "machine"),
        ("Can I ring you back in five?", "human"), ("I'm in a meeting.", "human"),
        ("Please hold while I try to connect you.", "hold"),
    ],
)  # fmt: skip
def test_what_people_and_machines_say_is_known(text: str, verdict: str) -> None:
    assert verdict in points_to(text)


@pytest.mark.parametrize(
    "text", ["I would like to talk about roses.", "They have had yellow leaves.", ""]
)
def test_other_words_point_nowhere(text: str) -> None:
    assert matches("en", text) == ()


def strongest(text: str) -> str:
    weights: dict[str, float] = {}
    for one in matches("en", text):
        weights[one.verdict] = weights.get(one.verdict, 0.0) + one.weight
    return max(weights, key=lambda verdict: weights[verdict])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Sorry, I miss your call earlier.", "human"),  # as a recogniser may hear it
        ("Sorry, I missed your call.", "machine"),
        ("Say who you are and what this is about, then wait.", "screening"),
        ("Before your call is connected, tell us your name after the tone.", "screening"),
        ("What is your name and the purpose of the call?", "screening"),
        ("Calls to this number are screened.", "screening"),
        ("Hello, who's calling? What is this about?", "human"),
        ("Tell us who you are after the beep, and we'll be in touch.", "machine"),
    ],
)
def test_who_asks_before_putting_through_is_neither_a_person_nor_a_mailbox(
    text: str, verdict: str
) -> None:
    assert strongest(text) == verdict


def test_who_offers_to_take_a_message_is_a_person() -> None:
    found = matches("en", "He is not in. Would you like to leave a message?")
    human = sum(one.weight for one in found if one.verdict == "human")
    assert human > sum(one.weight for one in found if one.verdict == "machine")


def test_who_missed_a_call_earlier_is_a_person() -> None:
    found = matches("en", "Hello, sorry, I missed your call earlier.")
    human = sum(one.weight for one in found if one.verdict == "human")
    assert human > sum(one.weight for one in found if one.verdict == "machine")


@pytest.mark.parametrize(
    "text",
    [
        "The mailbox is full.",
        "This mailbox cannot accept any messages.",
        "Voicemail has not been set up yet.",
        "No more messages can be recorded.",
    ],
)
def test_a_mailbox_that_takes_no_message_says_so(text: str) -> None:
    assert any(one.takes_no_message for one in matches("en", text))
    assert not any(one.takes_no_message for one in matches("en", "Please leave a message."))


@pytest.mark.parametrize(
    ("language", "text", "takes_none"),
    [
        ("en", "Voicemail is disabled for this number.", True),
        ("de", "Diese Sprachbox nimmt keine Nachrichten entgegen.", True),
        ("fr", "Cette messagerie ne peut plus enregistrer de nouveaux messages.", True),
        ("es", "El usuario no ha configurado su buzón de voz.", True),
        ("en", "I can't take calls, leave messages.", False),
        ("fr", "Je ne peux pas répondre, laissez un message.", False),
        ("fr", "Je ne peux pas décrocher. Enregistrez un message.", False),
        ("es", "Juan no puede contestar, deje mensajes.", False),
    ],
)
def test_who_cannot_answer_takes_messages_and_a_mailbox_may_not(
    language: str, text: str, *, takes_none: bool
) -> None:
    assert any(one.takes_no_message for one in matches(language, text)) == takes_none


def test_only_what_speaks_of_a_tone_promises_one() -> None:
    assert any(one.promises_tone for one in matches("en", "Speak after the beep."))
    assert not any(one.promises_tone for one in matches("en", "Leave me a message."))


def test_apostrophes_and_punctuation_do_not_matter() -> None:
    assert normal("You’ve reached, um, John's!") == "youve reached um johns"


@pytest.mark.parametrize(
    ("language", "text", "verdict"),
    [
        ("de", "Hinterlassen Sie eine Nachricht nach dem Signalton.", "machine"),
        ("es", "Deje su mensaje después del tono.", "machine"),
        ("fr", "Laissez un message après le bip.", "machine"), ("de", "Hallo?", "human"),
        ("es", "¿Quién habla?", "human"), ("fr", "Ne quittez pas.", "hold"),
        ("en", "To continue this call, press any key.", "ivr"),
        ("de", "Drücken Sie eine beliebige Taste.", "ivr"),
        ("de", "Wenn du deinen Namen und den Grund deines Anrufs nennst.", "screening"),
        ("de", "Sie sind Anrufer vier in der Warteschlange.", "hold"),
        ("fr", "Il n'y a pas d'abonné à ce numéro.", "intercept"),
        ("es", "Para hablar con un representante, diga agente.", "ivr"),
    ],
)  # fmt: skip
def test_other_languages_have_lists_of_their_own(language: str, text: str, verdict: str) -> None:
    assert verdict in points_to(text, language)
    assert language in LANGUAGES
