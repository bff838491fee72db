"""What every engine promises: SpeechToText, Voice, LanguageModel and SpeechDetector.

Audio crosses these borders as raw mu-law bytes, 8 kHz mono, the form the carrier speaks; an
engine that wants something else converts for itself. Engines know nothing of calls, phases,
sockets or rows. Work that takes over a millisecond must not run on the event loop.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import msgspec

from media.dialogue import Prompt

__all__ = [
    "EngineError",
    "Engines",
    "LanguageModel",
    "Prompt",
    "SpeechDetector",
    "SpeechToText",
    "TextToSpeech",
    "TurnEndModel",
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
    """The engines a node runs on, built once and shared by its calls."""

    speech_to_text: SpeechToText
    text_to_speech: TextToSpeech
    llm: LanguageModel
    new_detector: Callable[[], SpeechDetector]
    turn_end: TurnEndModel | None = None

    async def close(self) -> None:
        """Close all three engines, whatever one of them raises; the last error is raised then."""
        async with AsyncExitStack() as stack:
            for engine in (self.llm, self.text_to_speech, self.speech_to_text):
                stack.push_async_callback(engine.close)
