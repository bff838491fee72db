"""Builds the engines a node runs on from its configuration, and warms them before the first call.

It knows the offline engines; services are lines of `media.providers.registry`. Several of a kind
become one, which asks them in their order.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from media.engines.base import (
    EngineError,
    Engines,
    LanguageModel,
    SpeechDetector,
    SpeechToSpeech,
    SpeechToText,
    TextToSpeech,
)
from media.engines.detector import detectors
from media.engines.hibari import HibariVoice
from media.engines.llm.offline_llm import OfflineLanguageModel
from media.engines.moonshine import Moonshine
from media.engines.scripted import (
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.engines.silero import Silero
from media.engines.smart_turn import SmartTurn, weights
from media.engines.threads import Workers
from media.fallback.engines import (
    FallbackLanguageModel,
    FallbackSpeechToSpeech,
    FallbackSpeechToText,
    FallbackTextToSpeech,
)
from media.providers import registry
from server.core.config import Config

T = TypeVar("T")


class Engine(msgspec.Struct, frozen=True):
    """The engines, and what they stand on."""

    engines: Engines
    workers: Workers
    phrases: dict[str, bytes]

    async def close(self) -> None:
        """Free everything."""
        await self.engines.close()
        self.workers.close()


async def start(config: Config) -> Engine:
    """Load the models and speak our fixed sentences in advance, so that they are never waited for.

    Raises EngineError when a model is missing; the message says what to install.
    """
    workers = Workers(config.speech.threads or os.cpu_count() or 1)
    speech_to_text, (text_to_speech, voices, phrases) = await asyncio.gather(
        _speech_to_text(config, workers), _text_to_speech(config, workers)
    )
    engines = Engines(
        speech_to_text=speech_to_text,
        text_to_speech=text_to_speech,
        llm=language_model(config),
        new_detector=_detector(config),
        turn_end=await _turn_end(config, workers),
        voices=voices,
        speech_to_speech=speech_to_speech(config),
    )
    return Engine(engines, workers, phrases)


async def _speech_to_text(config: Config, workers: Workers) -> SpeechToText:
    engines = {
        name: await one_speech_to_text(name, config, workers) for name in config.speech.recogniser
    }
    return _only(engines) or FallbackSpeechToText("recogniser", engines)


async def _text_to_speech(
    config: Config, workers: Workers
) -> tuple[TextToSpeech, dict[str, TextToSpeech], dict[str, bytes]]:
    """The voice, those that would go first instead, and what it says of our fixed sentences."""
    engines = {
        name: await one_text_to_speech(name, config, workers) for name in config.speech.voice
    }
    voice = _only(engines) or FallbackTextToSpeech("voice", engines)
    return voice, other_voices(engines), await _phrases(config, voice)


def other_voices(engines: Mapping[str, TextToSpeech]) -> dict[str, TextToSpeech]:
    """Each but the first, with the others standing by in their order."""
    return {
        name: FallbackTextToSpeech("voice", {name: engine, **engines})
        for name, engine in list(engines.items())[1:]
    }


async def one_speech_to_text(name: str, config: Config, workers: Workers) -> SpeechToText:
    """The recogniser of that name, ready. Raises EngineError."""
    match name:
        case "scripted":
            return ScriptedSpeechToText(lambda _: "That sounds good, please go on.")
        case "moonshine":
            moonshine = Moonshine(workers)
            await moonshine.warm()
            return moonshine
        case _:
            service: SpeechToText = _service("speech_to_text", name, config)
            return service


async def one_text_to_speech(name: str, config: Config, workers: Workers) -> TextToSpeech:
    """The voice of that name, ready. Raises EngineError."""
    match name:
        case "scripted":
            return ScriptedTextToSpeech()
        case "hibari":
            hibari = HibariVoice(workers)
            await hibari.warm()
            return hibari
        case _:
            service: TextToSpeech = _service("text_to_speech", name, config)
            return service


def _service(kind: registry.Kind, name: str, config: Config) -> Any:
    return registry.make(kind, name, config, config.speech.language)


def _only(engines: dict[str, T]) -> T | None:
    return next(iter(engines.values())) if len(engines) == 1 else None


def _detector(config: Config) -> Callable[[], SpeechDetector]:
    is_scripted = config.speech.recogniser[0] == "scripted"
    return ScriptedDetector if is_scripted else detectors(Silero())


async def _turn_end(config: Config, workers: Workers) -> SmartTurn | None:
    """How finished turns sound, where the model is: everything works without."""
    if config.speech.recogniser[0] == "scripted":
        return None
    try:
        path = Path(config.speech.turn_end_model) if config.speech.turn_end_model else weights()
    except EngineError:
        return None
    return await workers.run(SmartTurn, workers, path)


def speech_to_speech(config: Config) -> SpeechToSpeech | None:
    """Those that are configured, as one, if any; nothing is asked of them yet."""
    engines = {name: one_speech_to_speech(name, config) for name in config.speech.realtime}
    return FallbackSpeechToSpeech("speech_to_speech", engines) if engines else None


def one_speech_to_speech(name: str, config: Config) -> SpeechToSpeech:
    """The model of that name; nothing is asked of it yet."""
    service: SpeechToSpeech = _service("speech_to_speech", name, config)
    return service


def language_model(config: Config) -> LanguageModel:
    """Those that are configured, as one; nothing is asked of them yet."""
    engines = {name: one_language_model(name, config) for name in config.thinker.engine}
    return _only(engines) or FallbackLanguageModel("thinker", engines)


def one_language_model(name: str, config: Config) -> LanguageModel:
    """The language model of that name; nothing is asked of it yet."""
    match name:
        case "openai":
            # Its library takes a second to import, which no other node should wait for.
            from media.engines.llm.openai_llm import (  # noqa: PLC0415
                OpenAILanguageModel,
                OpenAISettings,
            )

            thinker = config.thinker
            return OpenAILanguageModel(
                OpenAISettings(thinker.base_url, thinker.api_key.reveal(), thinker.model)
            )
        case "scripted":
            return ScriptedLanguageModel(["I see. Please tell me a little more about it."])
        case "offline":
            return OfflineLanguageModel()
        case _:
            service: LanguageModel = _service("llm", name, config)
            return service


async def _phrases(config: Config, text_to_speech: TextToSpeech) -> dict[str, bytes]:
    talk = config.conversation
    texts = (
        talk.silence_prompt,
        talk.silence_goodbye,
        talk.time_goodbye,
        talk.line_back,
        talk.line_resumed,
        talk.stopping_goodbye,
        talk.sorry_again,
        talk.sorry_goodbye,
        talk.disclosure,
        *talk.fillers,
    )
    return {text: b"".join([chunk async for chunk in text_to_speech.speak(text)]) for text in texts}
