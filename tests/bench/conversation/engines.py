"""The product's engines with stated times, and a language model as fast or slow as is asked.

Models run for real, in threads; what they take on the call's clock is said here, so that figures do
not depend on the machine. The times are those of one core that nobody else uses.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

import msgspec

from media.dialogue import Prompt, split_sentences
from media.engines import guard
from media.engines.base import (
    Engines,
    LanguageModel,
    SpeechDetector,
    SpeechToText,
    TextToSpeech,
    TurnEndModel,
    text_of,
)
from media.engines.detector import detectors
from media.engines.hibari import HibariVoice
from media.engines.moonshine import Moonshine
from media.engines.silero import Silero
from media.engines.threads import Workers
from tests.bench.conversation.clock import held, worked

BYTES_PER_SECOND = 8000


class Times(msgspec.Struct, frozen=True):
    """What engines take, in seconds; of Moonshine tiny and Hibari, as measured on this kind of
    machine."""

    recognise: float = 0.06
    recognise_per_second: float = 0.025  # of sound
    speak: float = 0.03  # to the first sound
    speak_per_second: float = 0.01


class TimedSpeechToText:
    """A recogniser whose time is charged; `heard` keeps what it was given and what it answered."""

    def __init__(self, engine: SpeechToText, times: Times) -> None:
        self._engine, self._times = engine, times
        self.heard: list[tuple[float, str]] = []  # seconds of sound, text

    async def recognise(self, mulaw: bytes) -> str:
        """As the engine does."""
        seconds = len(mulaw) / BYTES_PER_SECOND
        took = self._times.recognise + seconds * self._times.recognise_per_second
        text = text_of(await worked(guard.recognised(self._engine, mulaw), took))
        self.heard.append((seconds, text))
        return text

    async def glimpse(self, _mulaw: bytes) -> str | None:
        """Nobody watches."""
        return None

    async def close(self) -> None:
        """The engine is shared by many calls."""


class TimedTurnEnd:
    """A model of how finished turns sound, whose time is charged."""

    def __init__(self, engine: TurnEndModel, seconds: float = 0.05) -> None:
        self._engine, self._seconds = engine, seconds

    async def complete(self, mulaw: bytes) -> float | None:
        """As the engine does."""
        return await worked(self._engine.complete(mulaw), self._seconds)


class TimedTextToSpeech:
    """A voice whose time is charged; what it once said it remembers, for the bench's sake only."""

    def __init__(self, engine: TextToSpeech, times: Times) -> None:
        self._engine, self._times = engine, times
        self._said: dict[str, list[bytes]] = {}

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """As the engine does, in the same chunks."""
        if text not in self._said:
            with held():
                self._said[text] = [chunk async for chunk in self._engine.speak(text)]
        await asyncio.sleep(self._times.speak)
        for chunk in self._said[text]:
            await asyncio.sleep(len(chunk) / BYTES_PER_SECOND * self._times.speak_per_second)
            yield chunk

    async def close(self) -> None:
        """The engine is shared by many calls."""


class BenchModel:
    """A small language model: `first_seconds` to the first words, `gap_seconds` between sentences.

    It gives the replies in turn, or what a function makes of the prompt; by default an answer of
    two sentences that differs with what was said. Either time may be a function of the thought's
    number, from 0.
    """

    def __init__(
        self,
        replies: Sequence[str] | Callable[[Prompt], str] = (),
        first_seconds: float | Callable[[int], float] = 0.5,
        gap_seconds: float | Callable[[int], float] = 0.15,
    ) -> None:
        self._replies = replies or _answer
        self._first, self._gap = first_seconds, gap_seconds
        self.prompts: list[Prompt] = []

    async def think(self, prompt: Prompt) -> AsyncIterator[str]:
        """The reply, a sentence at a time."""
        number = len(self.prompts)
        self.prompts.append(prompt)
        sentences, rest = split_sentences(self._reply(prompt, number))
        wait = self._first
        for sentence in [*sentences, *([rest] if rest else [])]:
            await asyncio.sleep(wait(number) if callable(wait) else wait)
            wait = self._gap
            yield f"{sentence} "

    def _reply(self, prompt: Prompt, number: int) -> str:
        if callable(self._replies):
            return self._replies(prompt)
        return self._replies[number % len(self._replies)]

    async def close(self) -> None:
        """Nothing is held."""


_OPENINGS = (
    "That is good to know.", "I see what you mean.", "All right, thank you.", "That makes sense.",
)  # fmt: skip
_QUESTIONS = (
    "What would you like to do about it next?", "How long has it been like that?",
    "Which part of it matters most to you?", "Shall we look at the first step together?",
)  # fmt: skip


def _answer(prompt: Prompt) -> str:
    said = zlib.crc32(repr(prompt).encode())
    return f"{_OPENINGS[said % 4]} {_QUESTIONS[said // 4 % 4]}"


class Models:
    """The real models, loaded once for all calls; each loop may use them, one at a time."""

    def __init__(self, times: Times | None = None, threads: int = 1) -> None:
        self._workers = Workers(threads)
        times = times or Times()
        self.speech_to_text = TimedSpeechToText(Moonshine(self._workers), times)
        self.text_to_speech = TimedTextToSpeech(HibariVoice(self._workers), times)
        self.new_detector: Callable[[], SpeechDetector] = detectors(Silero())

    def engines(self, llm: LanguageModel | None = None) -> Engines:
        """For a call, with a mind of its own."""
        return Engines(
            self.speech_to_text, self.text_to_speech, llm or BenchModel(), self.new_detector
        )

    def close(self) -> None:
        """Let the threads go."""
        self._workers.close()
