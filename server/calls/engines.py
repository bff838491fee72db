"""Builds the engines a node runs on from its configuration, and warms them before the first call.

The only place that knows every provider's name; nothing behind it does.
"""

import os
from collections.abc import Callable

import msgspec

from media.engines.base import Engines, LanguageModel, SpeechDetector, SpeechToText, TextToSpeech
from media.engines.detector import detectors
from media.engines.hibari import HibariVoice
from media.engines.llm.offline_llm import OfflineLanguageModel
from media.engines.llm.openai_llm import OpenAILanguageModel, OpenAISettings
from media.engines.moonshine import Moonshine
from media.engines.scripted import (
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.engines.silero import Silero
from media.engines.threads import Workers
from server.core.config import Config, LanguageModelSettings


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
    engines = Engines(
        speech_to_text=await _speech_to_text(config, workers),
        text_to_speech=await _text_to_speech(config, workers),
        llm=_llm(config.thinker),
        new_detector=_detector(config),
    )
    return Engine(engines, workers, await _phrases(config, engines.text_to_speech))


async def _speech_to_text(config: Config, workers: Workers) -> SpeechToText:
    if config.speech.recogniser == "scripted":
        return ScriptedSpeechToText(lambda _: "That sounds good, please go on.")
    moonshine = Moonshine(workers)
    await moonshine.warm()
    return moonshine


async def _text_to_speech(config: Config, workers: Workers) -> TextToSpeech:
    if config.speech.voice == "scripted":
        return ScriptedTextToSpeech()
    hibari = HibariVoice(workers)
    await hibari.warm()
    return hibari


def _detector(config: Config) -> Callable[[], SpeechDetector]:
    return ScriptedDetector if config.speech.recogniser == "scripted" else detectors(Silero())


def _llm(config: LanguageModelSettings) -> LanguageModel:
    match config.engine:
        case "openai":
            return OpenAILanguageModel(
                OpenAISettings(config.base_url, config.api_key.reveal(), config.model)
            )
        case "scripted":
            return ScriptedLanguageModel(["I see. Please tell me a little more about it."])
        case "offline":
            return OfflineLanguageModel()


async def _phrases(config: Config, text_to_speech: TextToSpeech) -> dict[str, bytes]:
    talk = config.conversation
    texts = (
        talk.silence_prompt,
        talk.silence_goodbye,
        talk.time_goodbye,
        talk.line_back,
        talk.sorry_again,
        talk.sorry_goodbye,
    )
    return {text: b"".join([chunk async for chunk in text_to_speech.speak(text)]) for text in texts}
