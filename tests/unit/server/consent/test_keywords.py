"""Words that mean stop: the carrier's keywords exactly, plain language generously, talk never."""

import pytest

from server.consent.keywords import asks_to_stop, keyword, refuses_contact


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STOP", "stop"), ("stop", "stop"), (" Stop ", "stop"), ("StopAll", "stop"),
        ("UNSUBSCRIBE", "stop"), ("END", "stop"), ("quit", "stop"), ("Cancel", "stop"),
        ("REVOKE", "stop"), ("OPTOUT", "stop"), ("START", "start"), ("yes", "start"),
        ("UNSTOP", "start"), ("HELP", "help"), ("info", "help"),
        ("STOP please", None), ("Stop.", None), ("", None), ("yes, gladly", None), ("stopp", None),
    ],
)  # fmt: skip
def test_a_keyword_is_the_whole_message_in_any_case(text: str, found: str | None) -> None:
    assert keyword(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "Stop.", "stop!!!", "STOP 🛑", "s t o p", "S.T.O.P", "ЅТОР", "ＳＴＯＰ", "stop it",
        "please stop", "Stop please", "just stop", "stop texting me", "Please stop texting me!",
        "Stop sending me these messages", "quit texting me", "don't text me again",
        "Don’t message me anymore", "do not contact me", "never call me back", "no more texts",
        "take me off this list", "Remove me from your list", "unsubscribe me", "opt out", "opt-out",
        "I want to opt out", "leave me alone", "Wrong number", "delete my number", "lose my number",
        "I revoke my consent", "go away", "cancel", "CANCEL.", "End", "stop these calls",
    ],
)  # fmt: skip
def test_refusing_in_any_reasonable_way_counts(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't stop thinking about it", "Yes", "I stopped smoking", "How do I stop worrying?",
        "Cancel my dinner plans", "I want to quit smoking", "I will never call her again",
        "Don't call my mother", "Can we stop here for today?", "I don't write much",
        "I have to stop calling her", "the end of the story", "It was the wrong road",
        "The bus did not stop", "Please stop by on Friday",
        "I'll text you later", "", "My number is 5", "What do you mean?",
    ],
)  # fmt: skip
def test_talking_is_not_refusing(text: str) -> None:
    assert not asks_to_stop(text)


@pytest.mark.parametrize(
    "said", ["Please stop calling me.", "Take me off your list.", "You have the wrong number."]
)
def test_on_the_phone_a_refusal_is_heard(said: str) -> None:
    assert refuses_contact(said)


@pytest.mark.parametrize("said", ["Stop.", "Please stop, let me talk.", "End of story."])
def test_on_the_phone_a_mere_stop_only_interrupts(said: str) -> None:
    assert not refuses_contact(said)
