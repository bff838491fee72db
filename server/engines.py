"""Builds the engines a node runs on from its configuration, and warms them before the first call.

It knows the offline engines; services are lines of `media.providers.registry`. Several of a kind
become one, which asks them in their order. Those of calls' own language are made at the start, a
service's for another language when the first call needs it: that asks nothing of anybody.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from media.engines.aloud_voice import AloudVoice
from media.engines.base import (
    AUTO,
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
from media.languages.language import LANGUAGES
from media.providers import registry
from server.core.config import Config

T = TypeVar("T", bound=SpeechToText | TextToSpeech | LanguageModel)
Several: TypeAlias = Callable[[str, Mapping[str, T]], T]


class Engine(msgspec.Struct, frozen=True):
    """The engines, and what they stand on."""

    engines: Engines
    workers: Workers
    phrases: dict[str, bytes]
    others: tuple["ByLanguage[Any]", ...] = ()

    async def close(self) -> None:
        """Free everything."""
        async with AsyncExitStack() as stack:
            stack.callback(self.workers.close)
            stack.push_async_callback(self.engines.close)
            for made in self.others:
                stack.push_async_callback(made.close)


class ByLanguage(Generic[T]):
    """Engines of a kind for each language that one of them knows, by the name of the one to ask
    first; calls' own language, which may be one that we have no words of, has all."""

    def __init__(
        self,
        config: Config,
        kind: registry.Kind,
        own: Mapping[str, T],
        ordered: Callable[[Mapping[str, T]], Mapping[str, T]],
        make: Callable[[str, str], T],
    ) -> None:
        """`own` are those of calls' own language, `make` makes a service for another."""
        self._config, self._kind, self._own = config, kind, own
        self._ordered, self._make = ordered, make
        self._made: list[T] = []
        self._found: dict[str, Mapping[str, T]] = {config.language: ordered(own)}

    def __call__(self, language: str) -> Mapping[str, T]:
        """Those of a language, or ears of "auto"; made if they were not. None where none knows
        it."""
        if language not in self._found:
            names = in_language(self._config, self._kind, tuple(self._own), language)
            engines = {name: self._one(name, language) for name in names}
            self._found[language] = self._ordered(engines) if engines else {}
        return self._found[language]

    def _one(self, name: str, language: str) -> T:
        if name not in registry.PROVIDERS[self._kind]:
            return self._own[name]  # one on this machine: there is one of it
        engine = self._make(name, language)
        self._made.append(engine)
        return engine

    async def close(self) -> None:
        """Close those that were made, whatever one of them raises."""
        async with AsyncExitStack() as stack:
            for engine in self._made:
                stack.push_async_callback(engine.close)


async def start(config: Config) -> Engine:
    """Load the models and speak our fixed sentences in advance, so that they are never waited for.

    Raises EngineError when a model is missing; the message says what to install.
    """
    workers = Workers(config.speech.threads or os.cpu_count() or 1)
    recognisers, (voices, phrases) = await asyncio.gather(
        _recognisers(config, workers), _voices(config, workers)
    )
    own_ears, own_voices = recognisers(config.language), voices(config.language)
    models = {name: one_language_model(name, config) for name in config.thinker.engine}
    engines = Engines(
        speech_to_text=own_ears[""],
        text_to_speech=own_voices[""],
        llm=_one("thinker", models, FallbackLanguageModel),
        new_detector=_detector(config),
        turn_end=await _turn_end(config, workers),
        recognisers=recognisers,
        voices=voices,
        language_models=in_orders("thinker", models, FallbackLanguageModel),
        speech_to_speech=speech_to_speech(config),
    )
    return Engine(engines, workers, phrases, (recognisers, voices))


async def _recognisers(config: Config, workers: Workers) -> ByLanguage[SpeechToText]:
    names = config.speech.recogniser
    own = {name: await one_speech_to_text(name, config, workers) for name in names}
    ordered = partial(in_orders, "recogniser", several=FallbackSpeechToText)
    make = partial(_service, "speech_to_text", config)
    return ByLanguage(config, "speech_to_text", own, ordered, make)


async def _voices(
    config: Config, workers: Workers
) -> tuple[ByLanguage[TextToSpeech], dict[str, bytes]]:
    """The voices, and what the first of all says of our fixed sentences."""
    names = config.speech.voice
    own = {name: await one_text_to_speech(name, config, workers) for name in names}
    ordered = partial(in_orders, "voice", several=FallbackTextToSpeech)
    found = ByLanguage(config, "text_to_speech", own, ordered, partial(service_voice, config))
    return found, await _phrases(config, found(config.language)[""])


def in_language(
    config: Config, kind: registry.Kind, names: Sequence[str], language: str
) -> tuple[str, ...]:
    """Which of these engines know the language; of "auto", which ears tell what they hear."""
    if language == AUTO:
        return tuple(name for name in names if registry.tells_language(name, config))
    return tuple(
        name for name in names if language in registry.languages_of(kind, name, config, LANGUAGES)
    )


def call_languages(config: Config) -> tuple[str, ...]:
    """In which languages calls can be: those that configured ears, voices and language models know,
    and the configuration's own."""
    kinds: tuple[tuple[registry.Kind, tuple[str, ...]], ...] = (
        ("speech_to_text", config.speech.recogniser),
        ("text_to_speech", config.speech.voice),
        ("llm", config.thinker.engine),
    )
    return tuple(
        one
        for one in LANGUAGES
        if one == config.language
        or all(in_language(config, kind, names, one) for kind, names in kinds)
    )


def caller_languages(config: Config, recogniser: str | None = None) -> tuple[str, ...]:
    """To which of those a call may change when its caller speaks one, as ears tell it: those that
    are named, or else any; none where no ears do."""
    ears = config.speech.recogniser if recogniser is None else (recogniser,)
    telling = in_language(config, "speech_to_text", ears, AUTO)
    return tuple(
        one for one in call_languages(config) if in_language(config, "speech_to_text", telling, one)
    )


def in_orders(kind: str, engines: Mapping[str, T], several: Several[T]) -> dict[str, T]:
    """By the name of each engine: it, with the others standing by in their order; and by "" all of
    them in that order."""
    own = {name: _one(kind, {name: engine, **engines}, several) for name, engine in engines.items()}
    first = next(iter(engines))
    return {**own, "": own[first]}


def _one(kind: str, engines: Mapping[str, T], several: Several[T]) -> T:
    return next(iter(engines.values())) if len(engines) == 1 else several(kind, engines)


async def one_speech_to_text(name: str, config: Config, workers: Workers) -> SpeechToText:
    """The recogniser of that name in calls' own language, ready. Raises EngineError."""
    match name:
        case "scripted":
            return ScriptedSpeechToText(lambda _: "That sounds good, please go on.")
        case "moonshine":
            moonshine = Moonshine(workers)
            await moonshine.warm()
            return moonshine
        case _:
            service: SpeechToText = _service("speech_to_text", config, name)
            return service


async def one_text_to_speech(name: str, config: Config, workers: Workers) -> TextToSpeech:
    """The voice of that name in calls' own language, ready. Raises EngineError."""
    match name:
        case "scripted":
            return ScriptedTextToSpeech()
        case "hibari":
            hibari = HibariVoice(workers)
            await hibari.warm()
            return hibari
        case _:
            return service_voice(config, name)


def service_voice(config: Config, name: str, language: str | None = None) -> TextToSpeech:
    """A service's voice in a language, or calls' own; nothing is asked of it yet."""
    service: TextToSpeech = _service("text_to_speech", config, name, language)
    spoken = language or config.speech.language
    has_words = spoken in LANGUAGES and spoken != "en"
    return AloudVoice(service, spoken) if has_words else service


def _service(kind: registry.Kind, config: Config, name: str, language: str | None = None) -> Any:
    return registry.make(kind, name, config, language or config.speech.language)


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
    service: SpeechToSpeech = _service("speech_to_speech", config, name)
    return service


def language_model(config: Config) -> LanguageModel:
    """Those that are configured, as one; nothing is asked of them yet."""
    engines = {name: one_language_model(name, config) for name in config.thinker.engine}
    return _one("thinker", engines, FallbackLanguageModel)


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
            service: LanguageModel = _service("llm", config, name)
            return service


async def _phrases(config: Config, text_to_speech: TextToSpeech) -> dict[str, bytes]:
    talk = config.call_settings.conversation
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
