"""SpeechToText, TextToSpeech, LanguageModel and SpeechToSpeech, each made of several in an order.

What one began and could not end, another goes on with: the rest of a sentence, an utterance's sound
from its start, or nothing where whole sentences of an answer were said already.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Generic, TypeVar

import structlog

from media.audio.mulaw import SAMPLE_RATE
from media.dialogue import CHARACTERS_PER_SECOND, Prompt, cut_at_word, split_sentences
from media.engines import guard
from media.engines.base import (
    EngineError,
    LanguageModel,
    SpeechSession,
    SpeechStream,
    SpeechToSpeech,
    SpeechToText,
    Spoken,
    TextToSpeech,
    Understood,
    opened_stream,
)
from media.fallback.health import Health
from media.fallback.hedge import Report, closed, first_to_speak, unbroken
from media.tools import ToolCall

log = structlog.get_logger(__name__)
E = TypeVar("E", bound=SpeechToText | TextToSpeech | LanguageModel | SpeechToSpeech)

_RECOGNISE_SECONDS = 0.6  # then the next is asked as well
_SPEAK_SECONDS = 0.4
_THINK_SECONDS = 1.5
_THINK_GAP_SECONDS = 1.0  # between words, less than a call waits
_THINK_AGAIN_SECONDS = 0.6  # for a second one, once the first broke off
_MOST_SAID = 0.95  # of a sentence that broke off: something is always left to say


class _Several(Generic[E]):
    """Engines of a kind by name, and how they are."""

    def __init__(self, kind: str, engines: Mapping[str, E]) -> None:
        self._kind = kind
        self._engines: Mapping[str, E] = engines
        self._health = Health(list(engines))

    def _in_order(self) -> list[str]:
        return self._health.order(_now())

    def _failed(self, name: str, error: Exception | None) -> None:
        reason = "too slow" if error is None else str(error)
        log.warning("engine_failed_over", engine=self._kind, name=name, reason=reason)
        self._health.failed(name, _now())

    def _report(self, names: Sequence[str]) -> Report:
        return lambda index, error: self._failed(names[index], error)

    async def close(self) -> None:
        """Close them all, whatever one of them raises."""
        async with AsyncExitStack() as stack:
            for engine in self._engines.values():
                stack.push_async_callback(engine.close)


def _now() -> float:
    return asyncio.get_running_loop().time()


class FallbackSpeechToText(_Several[SpeechToText]):
    """The first that understands."""

    def open(self) -> SpeechStream | None:
        """A stream of the one to ask first; None when it has none."""
        name = self._in_order()[0]
        stream = opened_stream(self._engines[name])
        if stream is None:
            return None
        return _Watched(stream, partial(self._health.worked, name), partial(self._failed, name))

    async def recognise(self, mulaw: bytes) -> Understood:
        """Words of one utterance. Raises EngineError when none can tell."""
        names = self._in_order()
        index, words, _ = await first_to_speak(
            [partial(self._one, name, mulaw) for name in names],
            _RECOGNISE_SECONDS,
            self._report(names),
        )
        self._health.worked(names[index])
        return words

    async def _one(self, name: str, mulaw: bytes) -> AsyncGenerator[Understood, None]:
        yield await guard.recognised(self._engines[name], mulaw)

    async def glimpse(self, mulaw: bytes) -> str | None:
        """Of the one to ask first."""
        return await self._engines[self._in_order()[0]].glimpse(mulaw)


class _Watched:
    """A stream of which it is told whether it works."""

    def __init__(
        self,
        stream: SpeechStream,
        worked: Callable[[], None],
        failed: Callable[[EngineError], None],
    ) -> None:
        self._worked, self._failed = worked, failed
        self._stream = stream
        self.begin, self.feed, self.run = stream.begin, stream.feed, stream.run

    @property
    def understood(self) -> Understood:
        """As the stream has it."""
        return self._stream.understood

    async def finish(self) -> Understood:
        """As the stream does."""
        try:
            understood = await self._stream.finish()
        except EngineError as error:
            self._failed(error)
            raise
        self._worked()
        return understood


class FallbackTextToSpeech(_Several[TextToSpeech]):
    """The first that sounds."""

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Sound of the whole text; where a voice breaks off, another says the rest.

        How far it came is judged by time, at the pace of speech. Raises EngineError when none can.
        """
        names = self._in_order()
        while text:
            index, chunk, stream = await first_to_speak(
                [partial(guard.spoken, self._engines[name], text) for name in names],
                _SPEAK_SECONDS,
                self._report(names),
            )
            heard_bytes = len(chunk)
            try:
                yield chunk
                async for chunk in unbroken(stream, _SPEAK_SECONDS):
                    heard_bytes += len(chunk)
                    yield chunk
            except EngineError as error:
                self._failed(names[index], error)
                names = [name for name in names if name != names[index]]
                if not names:
                    raise
                seconds = heard_bytes / SAMPLE_RATE
                said = cut_at_word(
                    text, min(_MOST_SAID, seconds * CHARACTERS_PER_SECOND / len(text))
                )
                text = text[len(said) :].strip()
            else:
                self._health.worked(names[index])
                return
            finally:
                await closed(stream)


class FallbackLanguageModel(_Several[LanguageModel]):
    """The first that answers."""

    async def think(self, prompt: Prompt) -> AsyncGenerator[str | ToolCall, None]:
        """The reply, whole sentences at a time; an empty piece says only that more is on its way.

        One that breaks off after a whole sentence has answered. Raises EngineError when none can.
        """
        names, patience_seconds = self._in_order(), _THINK_SECONDS
        while True:
            index, piece, stream = await first_to_speak(
                [partial(guard.thought, self._engines[name], prompt) for name in names],
                patience_seconds,
                self._report(names),
            )
            said = False
            try:
                async for text in _in_sentences(
                    piece, unbroken(stream, _THINK_GAP_SECONDS), prompt.language
                ):
                    said = said or bool(text)
                    yield text
            except EngineError as error:
                self._failed(names[index], error)
                names = [name for name in names if name != names[index]]
                if said:
                    return
                if not names:
                    raise
                patience_seconds = _THINK_AGAIN_SECONDS
                yield ""  # another begins
            else:
                self._health.worked(names[index])
                return
            finally:
                await closed(stream)


class FallbackSpeechToSpeech(_Several[SpeechToSpeech]):
    """The first that is well; while none is, a call does without."""

    def open(self) -> SpeechSession | None:
        """A session with it."""
        for name in self._health.fit(_now()):
            try:
                session = self._engines[name].open()
            except Exception as error:  # noqa: BLE001 - somebody else's code
                self._failed(name, EngineError(f"failed with {type(error).__name__}"))
                continue
            if session is not None:
                return _WatchedSession(
                    session, partial(self._health.worked, name), partial(self._failed, name)
                )
        return None


class _WatchedSession:
    """A session of which it is told whether it works."""

    def __init__(
        self,
        session: SpeechSession,
        worked: Callable[[], None],
        failed: Callable[[EngineError], None],
    ) -> None:
        self._worked, self._failed = worked, failed
        self._session = session
        self.begin, self.hear, self.cut = session.begin, session.hear, session.cut

    @property
    def is_open(self) -> bool:
        """As the session has it."""
        return self._session.is_open

    @property
    def is_over(self) -> bool:
        """As the session has it."""
        return self._session.is_over

    @property
    def is_replying(self) -> bool:
        """As the session has it."""
        return self._session.is_replying

    @property
    def seconds(self) -> float:
        """As the session has it."""
        return self._session.seconds

    @property
    def expires_at(self) -> float | None:
        """As the session has it."""
        return self._session.expires_at

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Spoken | ToolCall, None]:
        """As the session does; a failure is told by `run`, which it ends."""
        async with aclosing(guard.replied(self._session, prompt)) as pieces:
            async for piece in pieces:
                yield piece
        self._worked()

    async def run(self, prompt: Prompt) -> None:
        """As the session does."""
        try:
            await guard.connected(self._session, prompt)
        except EngineError as error:
            self._failed(error)
            raise


async def _in_sentences(
    first: str | ToolCall, stream: AsyncIterator[str | ToolCall], language: str
) -> AsyncIterator[str | ToolCall]:
    buffer, piece = "", first
    while True:
        if isinstance(piece, ToolCall):
            yield buffer
            buffer = ""
            yield piece
        else:
            sentences, buffer = split_sentences(buffer + piece, language)
            yield "".join(f"{sentence} " for sentence in sentences)
        try:
            piece = await anext(stream)
        except StopAsyncIteration:
            break
    yield buffer
