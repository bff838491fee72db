"""Engines beside the first ones, which an agent can have."""

import msgspec
import pytest

from media.engines.aloud_voice import AloudVoice
from media.engines.base import Engines, TextToSpeech
from media.engines.scripted import (
    Behaviour,
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToSpeech,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.engines.threads import Workers
from media.fallback.engines import FallbackTextToSpeech
from server.core.config import load
from server.engines import call_languages, in_orders, one_text_to_speech

FAILS = Behaviour(fails=True)
SECRETS = {
    "TALKING_TWILIO__AUTH_TOKEN": "a" * 32,
    "TALKING_DEEPGRAM__API_KEY": "k",
    "TALKING_ELEVENLABS__API_KEY": "k",
    "TALKING_ANTHROPIC__API_KEY": "k",
}


async def spoken(voice: TextToSpeech) -> int:
    """How many bytes of sound it makes of a word."""
    return sum([len(chunk) async for chunk in voice.speak("Hello.")])


def engines(*voices: tuple[str, TextToSpeech]) -> Engines:
    orders = in_orders("voice", dict(voices), FallbackTextToSpeech)
    return Engines(
        ScriptedSpeechToText([]), orders[""], ScriptedLanguageModel(["Yes."]), ScriptedDetector,
        voices={("en", name): voice for name, voice in orders.items()},
    )  # fmt: skip


async def test_the_voice_that_is_wanted_speaks_and_nobody_elses_changes() -> None:
    all_of_them = engines(
        ("slow", ScriptedTextToSpeech(400)), ("quick", ScriptedTextToSpeech(100)),
    )  # fmt: skip
    other = all_of_them.chosen("en", voice="quick")
    assert await spoken(other.text_to_speech) < await spoken(all_of_them.text_to_speech)
    assert other.llm is all_of_them.llm


async def test_the_first_voice_stands_by_for_another() -> None:
    other = engines(
        ("first", ScriptedTextToSpeech(400)), ("broken", ScriptedTextToSpeech(behaviour=FAILS)),
    ).chosen("en", voice="broken")  # fmt: skip
    assert await spoken(other.text_to_speech) == 3200


@pytest.mark.parametrize("voice", [None, "first", "nobody"])
def test_who_wants_no_other_voice_has_the_first(voice: str | None) -> None:
    both = engines(("first", ScriptedTextToSpeech()), ("second", ScriptedTextToSpeech()))
    assert both.chosen("en", voice=voice).text_to_speech is both.text_to_speech


def test_ears_voices_and_language_models_are_those_of_the_language_and_of_the_name() -> None:
    ears, spanish, anthropic = (
        ScriptedSpeechToText([]), ScriptedTextToSpeech(), ScriptedLanguageModel([]),
    )  # fmt: skip
    one = msgspec.structs.replace(
        engines(("first", ScriptedTextToSpeech())),
        recognisers={("es", "deepgram"): ears},
        voices={("es", ""): spanish},
        language_models={"anthropic": anthropic},
    )
    found = one.chosen("es", "deepgram", "first", "anthropic")
    assert (found.speech_to_text, found.text_to_speech, found.llm) == (ears, spanish, anthropic)
    assert one.chosen("fr").speech_to_text is one.speech_to_text


def test_who_names_an_engine_is_heard_by_and_hears_no_model_that_does_all() -> None:
    one = engines(("first", ScriptedTextToSpeech()))
    both = msgspec.structs.replace(one, speech_to_speech=ScriptedSpeechToSpeech(["Hm."]))
    assert both.chosen("en").speech_to_speech is both.speech_to_speech
    for named in ({"voice": "first"}, {"recogniser": "x"}, {"language_model": "x"}):
        assert both.chosen("en", **named).speech_to_speech is None


@pytest.mark.parametrize(
    ("chosen", "languages"),
    [
        ({}, ("en",)),
        ({"SPEECH__RECOGNISER": "deepgram", "SPEECH__VOICE": "elevenlabs"}, ("en",)),
        ({"SPEECH__RECOGNISER": "deepgram", "SPEECH__VOICE": "elevenlabs,hibari",
          "THINKER__ENGINE": "anthropic"}, ("de", "en", "es", "fr")),
        ({"SPEECH__RECOGNISER": "deepgram", "SPEECH__VOICE": "deepgram",
          "THINKER__ENGINE": "anthropic"}, ("en",)),
        ({"SPEECH__RECOGNISER": "deepgram", "SPEECH__VOICE": "deepgram",
          "THINKER__ENGINE": "anthropic", "DEEPGRAM__TTS_MODEL": "aura-2-nestor-es"}, None),
        ({"SPEECH__RECOGNISER": "deepgram", "DEEPGRAM__STT_MODEL": "flux-general-en",
          "SPEECH__VOICE": "elevenlabs", "THINKER__ENGINE": "anthropic"}, ("en",)),
    ],
)  # fmt: skip
def test_calls_can_be_in_what_ears_voices_and_language_models_know(
    chosen: dict[str, str], languages: tuple[str, ...] | None
) -> None:
    env = SECRETS | {f"TALKING_{name}": value for name, value in chosen.items()}
    if languages is None:
        with pytest.raises(Exception, match="deepgram knows the language of its model only"):
            load(None, env)
        return
    assert call_languages(load(None, env)) == languages


async def test_engines_are_made_for_a_language_that_we_have_no_words_of_and_for_those_we_have() -> (
    None
):
    env = SECRETS | {
        "TALKING_SPEECH__RECOGNISER": "assemblyai", "TALKING_ASSEMBLYAI__API_KEY": "k",
        "TALKING_SPEECH__VOICE": "elevenlabs", "TALKING_THINKER__ENGINE": "anthropic",
    }  # fmt: skip
    workers = Workers(1)
    try:
        for own, aloud in (("it", False), ("de", True), ("en", False)):
            config = load(None, env | {"TALKING_SPEECH__LANGUAGE": own})
            voice = await one_text_to_speech("elevenlabs", config, workers)
            assert isinstance(voice, AloudVoice) == aloud
            spanish = await one_text_to_speech("elevenlabs", config, workers, "es")
            assert isinstance(spanish, AloudVoice)
            await voice.close()
            await spanish.close()
    finally:
        workers.close()
