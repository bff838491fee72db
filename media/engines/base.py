"""What every engine promises: SpeechToText, Voice, LanguageModel and SpeechDetector.

Audio crosses these borders as raw mu-law bytes, 8 kHz mono, the form the carrier speaks; an
engine that wants something else converts for itself. Engines know nothing of calls, phases,
sockets or rows. Work that takes over a millisecond must not run on the event loop.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Protocol

import msgspec
from msgspec.structs import replace

from media.dialogue import Prompt

__all__ = [
    "EngineError",
    "Engines",
    "LanguageModel",
    "Prompt",
    "SpeechDetector",
    "SpeechStream",
    "SpeechToText",
    "StreamingSpeechToText",
    "TextToSpeech",
    "TurnEndModel",
    "Understood",
    "opened_stream",
    "text_of",
]


class EngineError(Exception):
    """An engine could not do its work. The message is for logs and never holds what was said."""


class SpeechToText(Protocol):
    """One utterance in, its words out."""

    async def recognise(self, mulaw: bytes) -> str:
        """Words of one utterance, punctuated; "" when nothing intelligible was said.

        Raises EngineError when the engine fails. Cancelling drops the work.
        """

    async def glimpse(self, mulaw: bytes) -> str | None:
        """The same of an utterance that goes on, only for show: None when anybody else needs the
        engine. It gives way to whatever comes meanwhile."""

    async def close(self) -> None:
        """Free what the engine holds; safe to call twice."""


class Understood(msgspec.Struct, frozen=True):
    """Words of an utterance: those that stay as they are and how many bytes of it they cover, and
    those that may still change; how probably it is a whole turn, where the service tells."""

    settled: str = ""
    settled_bytes: int = 0
    pending: str = ""
    complete: float | None = None


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

    def think(self, prompt: Prompt) -> AsyncIterator[str]:
        """Yield pieces of the reply (tokens, words or sentences) in order.

        Raises EngineError when the engine fails. Closing the iterator drops the rest.
        """

    async def close(self) -> None:
        """Free what the engine holds; safe to call twice."""


class SpeechDetector(Protocol):
    """Voice activity of one call; holds that call's state, so each call has its own."""

    def probability(self, mulaw: bytes) -> float:
        """Probability (0 to 1) that these 20 ms (160 bytes) continue or start speech.

        Called on the event loop for every frame: must cost well under a millisecond.
        """


class Engines(msgspec.Struct, frozen=True):
    """The engines a node runs on, built once and shared by its calls; `voices` are the other ways
    to speak, by name, which an agent can have."""

    speech_to_text: SpeechToText
    text_to_speech: TextToSpeech
    llm: LanguageModel
    new_detector: Callable[[], SpeechDetector]
    turn_end: TurnEndModel | None = None
    voices: Mapping[str, TextToSpeech] = MappingProxyType({})

    def speaking_as(self, voice: str | None) -> "Engines | None":
        """The same engines with that voice first; None if they speak so anyhow, or have it not."""
        if voice is None or voice not in self.voices:
            return None
        return replace(self, text_to_speech=self.voices[voice])

    async def close(self) -> None:
        """Close all three engines, whatever one of them raises; the last error is raised then."""
        async with AsyncExitStack() as stack:
            for engine in (self.llm, self.text_to_speech, self.speech_to_text):
                stack.push_async_callback(engine.close)
