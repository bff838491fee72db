"""How long silence must last: by how words end, what they answer, and who says them."""

import pytest

from media.settings import SpeechSettings
from media.turn_taking.ending import Ending
from media.turn_taking.pauses import Pauses
from media.turn_taking.silence import ending, silence_ms

SPEECH = SpeechSettings()
OPEN = "What would you like to talk about?"


@pytest.mark.parametrize(
    ("end", "asked", "texts"),
    [
        ("dangling", OPEN, ["I want to go to the", "My dog and.", "We met, um,", "It is my."]),
        ("dangling", OPEN, ["Because.", "I think that.", "She told me that.", "Well,"]),
        ("dangling", OPEN, ["What I need is.", "You know,", "It was really.", "They live at"]),
        ("unfinished", OPEN, ["If I leave at noon.", "When the rain stopped.", "I went home,"]),
        ("unfinished", OPEN, ["It is on the table by.", "My room is number.", "To learn to sing."]),
        ("announced", OPEN, ["I have three wishes and a question.", "Let me tell you something."]),
        ("announced", OPEN, ["It's about my son.", "I am not sure.", "Here is the plan."]),
        ("short", OPEN, ["Football.", "The moon.", "Yes, please."]),
        ("dangling", "Is it raining?", ["No, it's", "Yes, they're", "Yes, I'm."]),
        ("finished", "What is your address?", ["I live on Oak Street."]),
        ("short", "Is it raining?", ["It is.", "I think so.", "No, it isn't.", "Yes, I do."]),
        ("question", OPEN, ["What is that for?", "Where are you from?", "Can you sing a tune?"]),
        ("finished", OPEN, ["I sleep badly these days.", "Hello.", "Nobody told me so."]),
        ("finished", OPEN, ["That is the book I was thinking of last night again, my dear."]),
        ("finished", OPEN, ["I don't know why.", "That is how it was.", "It was nice, though."]),
        ("finished", OPEN, ["This is all I want.", "Excuse me.", "It was in June 2024, I think."]),
        ("unfinished", OPEN, ["There is nothing to worry about.", "It is what I look for."]),
        ("dictation", OPEN, ["It is 5 5 5 1.", "Nine nine zero", "My phone is 555 01 43."]),
        ("dictated", OPEN, ["My phone number is 202 555 0143."]),
    ],
)  # fmt: skip
def test_words_end_in_one_of_eight_ways(end: Ending, asked: str, texts: list[str]) -> None:
    assert {text: ending(text, asked) for text in texts} == dict.fromkeys(texts, end)


@pytest.mark.parametrize(
    ("asked", "open_texts", "whole_texts"),
    [
        ("What's your mobile number?", ["Five five", "555 0143", "0."],
         ["555 014 3388", "one 555 014 33 88", "Double two 5, 555, 01 43."]),
        ("Your zip code, please?", ["9", "9 4 1"], ["94107", "nine four one oh seven"]),
        ("The last four digits of the card?", ["1 2"], ["12 34", "For to won ate"]),
        ("A six-digit code was sent to you. What is the code?", ["123"], ["123 456"]),
        ("Can you read me the account number?", ["4471", "4471 9023"], ["4471, that's it."]),
        ("May I have your phone number? Slowly, please.", ["555"], ["202 555 0143"]),
        ("How do you spell that?", ["S M I", "It's B", "Double L"], []),
        ("And your e-mail address?", ["joe at", "joe at mail dot", "joe"], ["joe at mail dot com"]),
    ],
)  # fmt: skip
def test_what_was_asked_for_tells_when_a_dictation_is_whole(
    asked: str, open_texts: list[str], whole_texts: list[str]
) -> None:
    assert {ending(text, asked) for text in open_texts} == {"dictation"}
    assert {ending(text, asked) for text in whole_texts} <= {"dictated"}


@pytest.mark.parametrize("asked", ["What's your phone number?", "Can you spell your name?"])
@pytest.mark.parametrize("text", ["No, sorry.", "Why do you want that?", "I don't have one."])
def test_a_refusal_to_dictate_is_a_turn_like_any_other(asked: str, text: str) -> None:
    assert ending(text, asked) in {"short", "question", "finished"}


@pytest.mark.parametrize("asked", ["How many people?", "How old are you?", "Is 555 0100 right?"])
def test_one_number_is_a_short_answer(asked: str) -> None:
    assert ending("Four.", asked) == "short"


def test_more_is_waited_for_the_more_there_is_to_come() -> None:
    texts = ["Yes.", "Can you help me with that?", "I sleep badly these days.", "If I am in town.",
             "Let me explain.", "I want to"]  # fmt: skip
    waits = [silence_ms(text, OPEN, Pauses(), None, SPEECH) for text in texts]
    assert waits == sorted(waits)
    assert waits[0] == SPEECH.short_silence_ms
    assert waits[-1] < SPEECH.longest_silence_ms


def test_who_tells_a_long_story_is_given_time_to_breathe() -> None:
    story = "We had booked a room by the lake, and when we came nobody knew of it. " * 2
    wait = silence_ms(story, OPEN, Pauses(), None, SPEECH)
    assert SPEECH.finished_silence_ms < wait < SPEECH.unfinished_silence_ms
    assert silence_ms(story[:70], OPEN, Pauses(), None, SPEECH) == SPEECH.finished_silence_ms


def test_what_sounds_unfinished_holds_and_what_sounds_finished_changes_nothing() -> None:
    def wait(sounds_complete: float | None, text: str = "I sleep badly.") -> int:
        return silence_ms(text, OPEN, Pauses(), sounds_complete, SPEECH)

    assert wait(0.09) == SPEECH.longest_silence_ms
    assert wait(0.1) == wait(0.99) == wait(None) == SPEECH.finished_silence_ms
    assert wait(0.01, "Yes.") == SPEECH.short_silence_ms


def test_pauses_within_turns_are_learnt_and_bounded() -> None:
    pauses = Pauses()
    for _ in range(20):
        pauses = pauses.paused(700).turn_taken()
    assert silence_ms("I sleep badly.", OPEN, pauses, None, SPEECH) == pytest.approx(910, abs=5)
    for _ in range(20):
        pauses = pauses.paused(1900)
    assert silence_ms("I sleep badly.", OPEN, pauses, None, SPEECH) == SPEECH.unfinished_silence_ms
    assert silence_ms("Yes.", OPEN, pauses, None, SPEECH) == SPEECH.short_silence_ms


def test_a_dictations_own_pauses_tell_when_it_is_over() -> None:
    asked = "What is the account number?"
    first = silence_ms("44", asked, Pauses(), None, SPEECH)
    quick = silence_ms("44 71", asked, Pauses().paused(300), None, SPEECH)
    slow = silence_ms("44 71", asked, Pauses().paused(850), None, SPEECH)
    assert quick < first < slow <= SPEECH.longest_silence_ms
    assert silence_ms("44 71", asked, Pauses().paused(300).turn_taken(), None, SPEECH) == first
