"""What every engine promises: SpeechToText, TextToSpeech, LanguageModel, SpeechToSpeech and others.

Audio crosses these borders as raw mu-law bytes, 8 kHz mono, the form the carrier speaks; an
engine that wants something else converts for itself. Engines know nothing of calls, phases,
sockets or rows. Work that takes over a millisecond must not run on the event loop.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from media.dialogue import Prompt
from media.tools import ToolCall

__all__ = [
    "AUTO",
    "EngineError",
    "Engines",
    "LanguageModel",
    "Prompt",
    "SpeechDetector",
    "SpeechSession",
    "SpeechStream",
    "SpeechToSpeech",
    "SpeechToText",
    "Spoken",
    "StreamingSpeechToText",
    "TextToSpeech",
    "TurnEndModel",
    "Understood",
    "opened_stream",
    "text_of",
]


E = TypeVar("E")
AUTO = "auto"  # the language of ears that tell in which they are spoken to


class EngineError(Exception):
    """An engine could not do its work. The message is for logs and never holds what was said."""


class SpeechToText(Protocol):
    """One utterance in, its words out."""

    async def recognise(self, mulaw: bytes) -> "str | Understood":
        """Words of one utterance, punctuated; "" when nothing intelligible was said. Understood
        where the engine tells their language.

        Raises EngineError when the engine fails. Cancelling drops the work.
        """

    async def glimpse(self, mulaw: bytes) -> str | None:
        """The same of an utterance that goes on, only for show: None when anybody else needs the
        engine. It gives way to whatever comes meanwhile."""

    async def close(self) -> None:
        """Free what the engine holds; safe to call twice."""


class Understood(msgspec.Struct, frozen=True):
    """Words of an utterance: those that stay as they are and how many bytes of it they cover, and
    those that may still change; how probably it is a whole turn, and in which language (as "es"),
    where the service tells."""

    settled: str = ""
    settled_bytes: int = 0
    pending: str = ""
    complete: float | None = None
    language: str = ""


class SpeechStream(Protocol):
    """One side's speech on its way to a service that listens all the time, utterance by utterance.

    Whatever goes wrong is raised by `finish`; the sound is still with who fed it.
    """

    def begin(self) -> None:
        """What is fed from now on is another utterance."""

    def feed(self, mulaw: bytes) -> None:
        """More of the utterance. A plain call, for every frame: no I/O happens in it."""

    @property
    def understood(self) -> Understood:
        """Of the utterance, so far."""

    async def finish(self) -> Understood:
        """All of what was fed of the utterance; more may follow, and be finished again.

        Raises EngineError when the service is gone, refuses or fails.
        """

    async def run(self) -> None:
        """Carry sound there and words back until cancelled, or until the service is gone."""


class StreamingSpeechToText(SpeechToText, Protocol):
    """A service that takes sound as it comes, so that little is left to wait for at a pause."""

    def open(self) -> SpeechStream | None:
        """A stream for one side of a call, to be run; None while it is better done without."""


def text_of(understood: Understood) -> str:
    """All words of an utterance."""
    return f"{understood.settled} {understood.pending}".strip()


def opened_stream(speech_to_text: SpeechToText) -> SpeechStream | None:
    """A stream of this engine's; None where it takes whole utterances only."""
    opened: Callable[[], SpeechStream | None] | None = getattr(speech_to_text, "open", None)
    return opened() if opened is not None else None


class TurnEndModel(Protocol):
    """How finished an utterance sounds."""

    async def complete(self, mulaw: bytes) -> float | None:
        """Probability (0 to 1) that the speaker has finished; None when it is not to be had now.

        Raises EngineError when the engine fails.
        """


class TextToSpeech(Protocol):
    """Text in, sound out as it is made."""

    def speak(self, text: str) -> AsyncIterator[bytes]:
        """Yield mu-law chunks of any length until the whole text is spoken.

        Raises EngineError when the engine fails. Closing the iterator drops the rest.
        """

    async def close(self) -> None:
        """Free what the engine holds; safe to call twice."""


class LanguageModel(Protocol):
    """A conversation so far in, the next words of the agent out."""

    def think(self, prompt: Prompt) -> AsyncIterator[str | ToolCall]:
        """Yield pieces of the reply (tokens, words or sentences) in order; then, of an engine that
        can, its calls of `prompt.tools`.

        Raises EngineError when the engine fails. Closing the iterator drops the rest.
        """

    async def close(self) -> None:
        """Free what the engine holds; safe to call twice."""


class Spoken(msgspec.Struct, frozen=True, gc=False):
    """More of a reply: words, sound (mu-law), or both. Words come with their sound or before it."""

    text: str = ""
    mulaw: bytes = b""


class SpeechSession(Protocol):
    """One call's talk with a model that hears and speaks itself; connected while it is run.

    What it holds is made to be what `Prompt.turns` hold whenever it is asked for a reply. Who uses
    it decides when a turn is over and when the model is silent.
    """

    @property
    def is_open(self) -> bool:
        """Whether it can be asked now."""

    @property
    def is_over(self) -> bool:
        """Whether it failed or ended, for good."""

    @property
    def is_replying(self) -> bool:
        """Whether a reply is being made, of which more may come."""

    @property
    def seconds(self) -> float:
        """How long it may last, from when it opened."""

    @property
    def expires_at(self) -> float | None:
        """When the service will end it (epoch seconds), where it tells."""

    def begin(self) -> None:
        """What is heard from now on is another utterance; what nobody asked about was no turn."""

    def hear(self, mulaw: bytes) -> None:
        """More of what the caller says. A plain call, for every frame: no I/O happens in it."""

    def reply(self, prompt: Prompt) -> AsyncIterator[Spoken | ToolCall]:
        """Answer, or call `prompt.tools`; the sound of the utterance so far belongs to the prompt's
        last turn.

        Raises EngineError when the service refuses, fails, falls silent or is gone. Closing the
        iterator stops the model.
        """

    def cut(self, heard_bytes: int) -> None:
        """The latest reply was cut off: so much of its sound was heard. Told again, it counts."""

    async def run(self, prompt: Prompt) -> None:
        """Connect, make known what was said before, and carry sound until cancelled, or until its
        time is over.

        Raises EngineError when the service cannot be reached, fails or is gone.
        """


class SpeechToSpeech(Protocol):
    """A model that takes sound and gives sound, beside which the other three stand by."""

    def open(self) -> SpeechSession | None:
        """A session of its own for each call, to be run; None while it is better done without."""

    async def close(self) -> None:
        """Free what the engine holds; safe to call twice."""


class SpeechDetector(Protocol):
    """Voice activity of one call; holds that call's state, so each call has its own."""

    def probability(self, mulaw: bytes) -> float:
        """Probability (0 to 1) that these 20 ms (160 bytes) continue or start speech.

        Called on the event loop for every frame: must cost well under a millisecond.
        """


class Engines(msgspec.Struct, frozen=True):
    """The engines a node runs on, shared by its calls. `recognisers` and `voices` give those of a
    language (ears also of "auto", which tell it), by the name of the one to ask first ("" for the
    language's own order), `language_models` are by that name. `speech_to_speech` goes before ears,
    language model and voice, where it is there. `voice_name` is the voice that was named."""

    speech_to_text: SpeechToText
    text_to_speech: TextToSpeech
    llm: LanguageModel
    new_detector: Callable[[], SpeechDetector]
    turn_end: TurnEndModel | None = None
    recognisers: Callable[[str], Mapping[str, SpeechToText]] = lambda _: {}
    voices: Callable[[str], Mapping[str, TextToSpeech]] = lambda _: {}
    language_models: Mapping[str, LanguageModel] = MappingProxyType({})
    speech_to_speech: SpeechToSpeech | None = None
    voice_name: str | None = None

    def chosen(
        self,
        language: str,
        recogniser: str | None = None,
        voice: str | None = None,
        language_model: str | None = None,
        *,
        tells_language: bool = False,
    ) -> "Engines":
        """The same engines for a call in this language, with those that are named first, and ears
        that tell the caller's where they have to. Who named one has it, so no model that hears,
        thinks and speaks itself."""
        is_own = any((recogniser, voice, language_model))
        ears = self.recognisers(AUTO if tells_language else language)
        return replace(
            self,
            speech_to_text=_first(ears, recogniser, self.speech_to_text),
            text_to_speech=_first(self.voices(language), voice, self.text_to_speech),
            llm=self.language_models.get(language_model or "", self.llm),
            speech_to_speech=None if is_own else self.speech_to_speech,
            voice_name=voice,
        )

    def voice_in(self, language: str) -> TextToSpeech:
        """The voice of a call that goes on in this language."""
        return _first(self.voices(language), self.voice_name, self.text_to_speech)

    async def close(self) -> None:
        """Close all engines, whatever one of them raises; the last error is raised then."""
        engines = (self.speech_to_speech, self.llm, self.text_to_speech, self.speech_to_text)
        async with AsyncExitStack() as stack:
            for engine in engines:
                if engine is not None:
                    stack.push_async_callback(engine.close)


def _first(engines: Mapping[str, E], name: str | None, otherwise: E) -> E:
    return engines.get(name or "", engines.get("", otherwise))
