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
from server.engines import (
    call_languages,
    caller_languages,
    in_orders,
    one_text_to_speech,
    service_voice,
    start,
)

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
        voices=lambda language: orders if language == "en" else {},
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
        recognisers=lambda language: {"deepgram": ears} if language == "es" else {},
        voices=lambda language: {"": spanish} if language == "es" else {},
        language_models={"anthropic": anthropic},
    )
    found = one.chosen("es", "deepgram", "first", "anthropic")
    assert (found.speech_to_text, found.text_to_speech, found.llm) == (ears, spanish, anthropic)
    assert one.chosen("fr").speech_to_text is one.speech_to_text


def test_who_names_an_engine_is_heard_by_and_hears_no_model_that_does_all() -> None:
    one = engines(("first", ScriptedTextToSpeech()))
    both = msgspec.structs.replace(one, speech_to_speech=ScriptedSpeechToSpeech(["Hm."]))
    assert both.chosen("en").speech_to_speech is both.speech_to_speech
    for named in (("x", None, None), (None, "first", None), (None, None, "x")):
        assert both.chosen("en", *named).speech_to_speech is None


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
            spanish = service_voice(config, "elevenlabs", "es")
            assert isinstance(spanish, AloudVoice)
            await voice.close()
            await spanish.close()
    finally:
        workers.close()


LISTENED = {"SPEECH__VOICE": "elevenlabs", "THINKER__ENGINE": "anthropic", "OPENAI__API_KEY": "k"}


@pytest.mark.parametrize(
    ("chosen", "recogniser", "languages"),
    [
        ({"SPEECH__RECOGNISER": "moonshine"}, None, ()),
        ({"SPEECH__RECOGNISER": "deepgram,openai"}, None, ("de", "en", "es", "fr")),
        ({"SPEECH__RECOGNISER": "deepgram,openai"}, "openai", ("de", "en", "es", "fr")),
        ({"SPEECH__RECOGNISER": "deepgram,moonshine"}, "moonshine", ()),
        ({"SPEECH__RECOGNISER": "deepgram", "DEEPGRAM__STT_MODEL": "nova-2"}, None, ()),
        ({"SPEECH__RECOGNISER": "openai", "OPENAI__STT_MODEL": "gpt-4o-transcribe"}, None, ()),
        ({"SPEECH__RECOGNISER": "deepgram", "SPEECH__VOICE": "hibari"}, None, ("en",)),
    ],
)  # fmt: skip
def test_a_call_can_follow_its_caller_to_what_ears_tell_and_voices_and_models_know(
    chosen: dict[str, str], recogniser: str | None, languages: tuple[str, ...]
) -> None:
    env = SECRETS | {f"TALKING_{name}": value for name, value in (LISTENED | chosen).items()}
    assert caller_languages(load(None, env), recogniser) == languages


async def test_engines_of_another_language_are_made_once_when_they_are_needed() -> None:
    env = SECRETS | {
        "TALKING_SPEECH__RECOGNISER": "deepgram,scripted",
        "TALKING_SPEECH__VOICE": "scripted,elevenlabs", "TALKING_THINKER__ENGINE": "scripted",
    }  # fmt: skip
    started = await start(load(None, env))
    try:
        engines = started.engines
        spanish = engines.chosen("es")
        assert spanish.text_to_speech is engines.chosen("es").text_to_speech
        assert spanish.text_to_speech is not engines.text_to_speech
        assert spanish.voice_in("en") is engines.text_to_speech
        telling = engines.chosen("es", tells_language=True).speech_to_text
        assert telling is engines.chosen("en", tells_language=True).speech_to_text
        assert telling not in (engines.speech_to_text, spanish.speech_to_text)
        assert engines.chosen("es", "scripted").speech_to_text is not engines.speech_to_text
        assert engines.chosen("xx").speech_to_text is engines.speech_to_text
    finally:
        await started.close()
