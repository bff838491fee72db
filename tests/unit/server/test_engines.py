"""Voices beside the first one, which an agent can have."""

import msgspec
import pytest

from media.engines.base import Engines, TextToSpeech
from media.engines.scripted import (
    Behaviour,
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToSpeech,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from server.engines import other_voices

FAILS = Behaviour(fails=True)


async def spoken(voice: TextToSpeech) -> int:
    """How many bytes of sound it makes of a word."""
    return sum([len(chunk) async for chunk in voice.speak("Hello.")])


def engines(*voices: tuple[str, TextToSpeech]) -> Engines:
    return Engines(
        ScriptedSpeechToText([]), voices[0][1], ScriptedLanguageModel(["Yes."]), ScriptedDetector,
        voices=other_voices(dict(voices)),
    )  # fmt: skip


async def test_the_voice_that_is_wanted_speaks_and_nobody_elses_changes() -> None:
    all_of_them = engines(
        ("slow", ScriptedTextToSpeech(400)), ("quick", ScriptedTextToSpeech(100)),
    )  # fmt: skip
    other = all_of_them.speaking_as("quick")
    assert await spoken(other.text_to_speech) < await spoken(all_of_them.text_to_speech)
    assert other.llm is all_of_them.llm


async def test_the_first_voice_stands_by_for_another() -> None:
    other = engines(
        ("first", ScriptedTextToSpeech(400)), ("broken", ScriptedTextToSpeech(behaviour=FAILS)),
    ).speaking_as("broken")  # fmt: skip
    assert await spoken(other.text_to_speech) == 3200


@pytest.mark.parametrize("voice", [None, "first", "nobody"])
def test_who_wants_no_other_voice_has_the_first(voice: str | None) -> None:
    both = engines(("first", ScriptedTextToSpeech()), ("second", ScriptedTextToSpeech()))
    assert both.speaking_as(voice).text_to_speech is both.text_to_speech


def test_a_voice_of_ones_own_is_heard_in_no_models() -> None:
    one = engines(("first", ScriptedTextToSpeech()))
    both = msgspec.structs.replace(one, speech_to_speech=ScriptedSpeechToSpeech(["Hm."]))
    assert both.speaking_as(None).speech_to_speech is both.speech_to_speech
    assert both.speaking_as("first").speech_to_speech is None
    assert both.speaking_as(None, with_tools=True).speech_to_speech is None, "it calls none"
