"""Builds the engines a node runs on from its configuration, and warms them before the first call.

The only place that knows every provider's name; nothing behind it does.
"""

import os
from collections.abc import Callable

import msgspec

from media.engines.base import Engines, Recogniser, SpeechDetector, Thinker, Voice
from media.engines.detector import detectors
from media.engines.hibari import HibariVoice
from media.engines.moonshine import Moonshine
from media.engines.offline_thinker import OfflineThinker
from media.engines.openai_thinker import OpenAISettings, OpenAIThinker
from media.engines.scripted import (
    ScriptedDetector,
    ScriptedRecogniser,
    ScriptedThinker,
    ScriptedVoice,
)
from media.engines.silero import Silero
from media.engines.threads import Workers
from server.core.config import Config
from server.core.config import Thinker as ThinkerConfig


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
        recogniser=await _recogniser(config, workers),
        voice=await _voice(config, workers),
        thinker=_thinker(config.thinker),
        new_detector=_detector(config),
    )
    return Engine(engines, workers, await _phrases(config, engines.voice))


async def _recogniser(config: Config, workers: Workers) -> Recogniser:
    if config.speech.recogniser == "scripted":
        return ScriptedRecogniser(lambda _: "That sounds good, please go on.")
    moonshine = Moonshine(workers)
    await moonshine.warm()
    return moonshine


async def _voice(config: Config, workers: Workers) -> Voice:
    if config.speech.voice == "scripted":
        return ScriptedVoice()
    hibari = HibariVoice(workers)
    await hibari.warm()
    return hibari


def _detector(config: Config) -> Callable[[], SpeechDetector]:
    return ScriptedDetector if config.speech.recogniser == "scripted" else detectors(Silero())


def _thinker(config: ThinkerConfig) -> Thinker:
    match config.engine:
        case "openai":
            return OpenAIThinker(
                OpenAISettings(config.base_url, config.api_key.reveal(), config.model)
            )
        case "scripted":
            return ScriptedThinker(["I see. Please tell me a little more about it."])
        case "offline":
            return OfflineThinker()


async def _phrases(config: Config, voice: Voice) -> dict[str, bytes]:
    talk = config.conversation
    texts = (
        talk.silence_prompt,
        talk.silence_goodbye,
        talk.time_goodbye,
        talk.line_back,
        talk.sorry_again,
        talk.sorry_goodbye,
    )
    return {text: b"".join([chunk async for chunk in voice.speak(text)]) for text in texts}
