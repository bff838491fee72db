"""Engines that do as they are told, for tests, load benchmarks and drills: no model, no network.

Each can be slow, fail or hang on demand, so that what happens around an engine can be tried out.
Nothing is random, and a hang ends only by cancellation.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TypeVar

import msgspec
import numpy as np

from media.audio.mulaw import SAMPLE_RATE, SILENCE, encode_float, steps
from media.consumption import consumed, consumed_sound
from media.dialogue import Prompt, split_sentences
from media.engines.base import EngineError, Spoken


class Behaviour(msgspec.Struct, frozen=True):
    """How an engine misbehaves once it has given some pieces: it waits, then fails or hangs."""

    after_pieces: int = 0  # of sound or text; a recogniser has none
    delay_seconds: float = 0.0
    fails: bool = False
    hangs: bool = False
    raises: BaseException | None = None  # anything but the EngineError that is allowed


GOOD = Behaviour()
T = TypeVar("T")


async def _behave(behaviour: Behaviour) -> None:
    if behaviour.delay_seconds:
        await asyncio.sleep(behaviour.delay_seconds)
    if behaviour.fails:
        raise EngineError("scripted failure")
    if behaviour.raises is not None:
        raise behaviour.raises
    if behaviour.hangs:
        await asyncio.Event().wait()


async def _stream(pieces: Sequence[T], behaviour: Behaviour) -> AsyncIterator[T]:
    given = min(behaviour.after_pieces, len(pieces))
    for piece in pieces[:given]:
        yield piece
    await _behave(behaviour)
    for piece in pieces[given:]:
        yield piece


class ScriptedSpeechToText:
    """Hears the next of a list of texts, or what a function makes of the sound."""

    def __init__(
        self, texts: Iterable[str] | Callable[[bytes], str], behaviour: Behaviour = GOOD
    ) -> None:
        self._texts = texts if callable(texts) else iter(texts)
        self.behaviour = behaviour

    async def recognise(self, mulaw: bytes) -> str:
        """The next text; "" when there is none left."""
        consumed_sound("scripted.stt", len(mulaw))
        await _behave(self.behaviour)
        return self._texts(mulaw) if callable(self._texts) else next(self._texts, "")

    async def glimpse(self, mulaw: bytes) -> str | None:
        """What a function makes of it; a list of texts has nothing for show."""
        await _behave(self.behaviour)
        return self._texts(mulaw) if callable(self._texts) else None

    async def close(self) -> None:
        """Nothing is held."""


class ScriptedTextToSpeech:
    """Voice of tone bursts, one a word: as long as speech, loud enough for any detector."""

    def __init__(self, word_ms: int = 300, behaviour: Behaviour = GOOD) -> None:
        burst = np.arange(SAMPLE_RATE * (word_ms - word_ms // 4) // 1000) / SAMPLE_RATE
        gap = bytes([SILENCE]) * (SAMPLE_RATE * (word_ms // 4) // 1000)
        tone = (0.3 * np.sin(2 * np.pi * 400 * burst)).astype(np.float32)
        self._word = encode_float(tone) + gap
        self.behaviour = behaviour

    def speak(self, text: str) -> AsyncIterator[bytes]:
        """One chunk a word, each of `word_ms`."""
        consumed("scripted.tts", len(text))
        return _stream([self._word] * len(text.split()), self.behaviour)

    async def close(self) -> None:
        """Nothing is held."""


class ScriptedLanguageModel:
    """LanguageModel that gives a list of replies in turn, starting again at its end."""

    def __init__(self, replies: Sequence[str], behaviour: Behaviour = GOOD) -> None:
        self._replies = replies
        self._given = 0
        self.behaviour = behaviour
        self.prompts: deque[Prompt] = deque(maxlen=1000)

    def think(self, prompt: Prompt) -> AsyncIterator[str]:
        """The next reply, a sentence at a time; `prompts` keeps the latest that were asked."""
        self.prompts.append(prompt)
        reply = self._replies[self._given % len(self._replies)]
        self._given += 1
        sentences, rest = split_sentences(reply)
        pieces = [f"{sentence} " for sentence in sentences] + [rest] * bool(rest)
        return _stream(pieces, self.behaviour)

    async def close(self) -> None:
        """Nothing is held."""


class ScriptedDetector:
    """SpeechDetector by loudness alone: certain when a frame is louder than `steps` on average."""

    def __init__(self, steps: int = 20) -> None:
        """`steps` from silence; 20 is about -44 dBFS, under speech and above line noise."""
        self._limit = steps

    def probability(self, mulaw: bytes) -> float:
        """1.0 or 0.0, of this frame alone."""
        return float(steps(mulaw) > self._limit * len(mulaw))


class ScriptedSession:
    """A session that is open as soon as it is run: a word of the next reply, then its sound."""

    seconds = 3600.0
    expires_at: float | None = None

    def __init__(self, replies: Iterable[str], word_ms: int, behaviour: Behaviour) -> None:
        self._replies = iter(replies)
        self._word_ms = word_ms
        self._behaviour = behaviour
        self.heard = bytearray()
        self.cuts: list[int] = []
        self.prompts: list[Prompt] = []
        self.is_open = self.is_over = self.is_replying = False

    def begin(self) -> None:
        """Another utterance."""
        self.heard.clear()

    def hear(self, mulaw: bytes) -> None:
        """More of it."""
        self.heard += mulaw

    def cut(self, heard_bytes: int) -> None:
        """Kept."""
        self.cuts.append(heard_bytes)

    async def reply(self, prompt: Prompt) -> AsyncIterator[Spoken]:
        """The next of the list."""
        self.prompts.append(prompt)
        sound = Spoken(mulaw=bytes([SILENCE]) * (self._word_ms * SAMPLE_RATE // 1000))
        words = next(self._replies, "").split()
        pieces = [piece for word in words for piece in (Spoken(f"{word} "), sound)]
        async for piece in _stream(pieces, self._behaviour):
            yield piece

    async def run(self, prompt: Prompt) -> None:
        """Until it is cancelled."""
        self.prompts.append(prompt)
        self.is_open = True
        try:
            await asyncio.Event().wait()
        finally:
            self.is_open, self.is_over = False, True


class ScriptedSpeechToSpeech:
    """Each session gives these replies in turn."""

    def __init__(
        self, replies: Iterable[str], word_ms: int = 40, behaviour: Behaviour = GOOD
    ) -> None:
        self._replies = tuple(replies)
        self._word_ms = word_ms
        self.behaviour = behaviour
        self.sessions: list[ScriptedSession] = []

    def open(self) -> ScriptedSession:
        """A new one."""
        self.sessions.append(ScriptedSession(self._replies, self._word_ms, self.behaviour))
        return self.sessions[-1]

    async def close(self) -> None:
        """Nothing is held."""
