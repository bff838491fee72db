"""Builds the engines a node runs on from its configuration, and warms them before the first call.

The only place that knows every provider's name; nothing behind it does.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from media.engines.base import (
    EngineError,
    Engines,
    LanguageModel,
    SpeechDetector,
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
    speech_to_text, (text_to_speech, phrases) = await asyncio.gather(
        _speech_to_text(config, workers), _text_to_speech(config, workers)
    )
    engines = Engines(
        speech_to_text=speech_to_text,
        text_to_speech=text_to_speech,
        llm=language_model(config.thinker),
        new_detector=_detector(config),
        turn_end=await _turn_end(config, workers),
    )
    return Engine(engines, workers, phrases)


async def _speech_to_text(config: Config, workers: Workers) -> SpeechToText:
    if config.speech.recogniser == "scripted":
        return ScriptedSpeechToText(lambda _: "That sounds good, please go on.")
    moonshine = Moonshine(workers)
    await moonshine.warm()
    return moonshine


async def _text_to_speech(
    config: Config, workers: Workers
) -> tuple[TextToSpeech, dict[str, bytes]]:
    """The voice, and what it says of our fixed sentences."""
    if config.speech.voice == "scripted":
        scripted = ScriptedTextToSpeech()
        return scripted, await _phrases(config, scripted)
    hibari = HibariVoice(workers)
    await hibari.warm()
    return hibari, await _phrases(config, hibari)


def _detector(config: Config) -> Callable[[], SpeechDetector]:
    return ScriptedDetector if config.speech.recogniser == "scripted" else detectors(Silero())


async def _turn_end(config: Config, workers: Workers) -> SmartTurn | None:
    """How finished turns sound, where the model is: everything works without."""
    if config.speech.recogniser == "scripted":
        return None
    try:
        path = Path(config.speech.turn_end_model) if config.speech.turn_end_model else weights()
    except EngineError:
        return None
    return await workers.run(SmartTurn, workers, path)


def language_model(config: LanguageModelSettings) -> LanguageModel:
    """The one that is configured; nothing is asked of it yet."""
    match config.engine:
        case "openai":
            # Its library takes a second to import, which no other node should wait for.
            from media.engines.llm.openai_llm import (  # noqa: PLC0415
                OpenAILanguageModel,
                OpenAISettings,
            )

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
        talk.line_resumed,
        talk.stopping_goodbye,
        talk.sorry_again,
        talk.sorry_goodbye,
        talk.disclosure,
        *talk.fillers,
    )
    return {text: b"".join([chunk async for chunk in text_to_speech.speak(text)]) for text in texts}
