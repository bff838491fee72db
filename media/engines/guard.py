"""The one border between engines and those who use them: whatever an engine raises is EngineError.

An engine is somebody else's code, at least in part, so no exception type of its own gets past here
and neither does a result of the wrong type. Its type and place are logged, never its text, which
may quote what was said. It knows engines only by their protocols.
"""

import asyncio
import time
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import structlog
from msgspec.structs import replace

from media.dialogue import Prompt, storable
from media.engines.base import (
    EngineError,
    LanguageModel,
    SpeechDetector,
    SpeechSession,
    SpeechStream,
    SpeechToText,
    Spoken,
    TextToSpeech,
    TurnEndModel,
    Understood,
)
from media.engines.scripted import ScriptedDetector
from media.measures import ENGINE_FAILURES, ENGINE_SECONDS
from media.tools import ToolCall

log = structlog.get_logger(__name__)
T = TypeVar("T")
_RAISED = (Exception, asyncio.CancelledError)


async def recognised(speech_to_text: SpeechToText, mulaw: bytes) -> Understood:
    """Words of one utterance. Raises EngineError and nothing else; cancelling drops the work."""
    with _OnlyEngineErrors("recogniser", speech_to_text) as asked:
        heard = await speech_to_text.recognise(mulaw)
        asked.answered()
        if isinstance(heard, Understood):
            return replace(heard, settled=storable(heard.settled), pending=storable(heard.pending))
        return Understood(storable(_checked(heard, str)))


async def carried(stream: SpeechStream) -> None:
    """A stream at work, until it is cancelled or has failed. Raises nothing of its own."""
    try:
        with _OnlyEngineErrors("recogniser"):
            await stream.run()
    except EngineError:
        return  # whoever finishes it is told


async def finished(stream: SpeechStream) -> Understood:
    """Words of what was fed of an utterance. Raises EngineError and nothing else."""
    with _OnlyEngineErrors("recogniser"):
        return _checked(await stream.finish(), Understood)


async def glimpsed(speech_to_text: SpeechToText, mulaw: bytes) -> str | None:
    """Words so far, or None when the engine is busy. Raises EngineError and nothing else."""
    with _OnlyEngineErrors("recogniser"):
        words = await speech_to_text.glimpse(mulaw)
        return None if words is None else storable(_checked(words, str))


async def complete(model: TurnEndModel, mulaw: bytes) -> float | None:
    """How probably a turn is over, or None. Raises EngineError and nothing else."""
    with _OnlyEngineErrors("turn_end"):
        probability = await model.complete(mulaw)
        return None if probability is None else _checked(probability, float)


def spoken(text_to_speech: TextToSpeech, text: str) -> AsyncGenerator[bytes, None]:
    """Mu-law chunks of the text as they are made. Raises EngineError and nothing else."""
    return _streamed(
        "voice", text_to_speech, lambda: text_to_speech.speak(text), partial(_checked, kind=bytes)
    )


async def thought(llm: LanguageModel, prompt: Prompt) -> AsyncGenerator[str | ToolCall, None]:
    """Pieces of the reply in order, then its tool calls. Raises EngineError and nothing else."""
    stream = _streamed("thinker", llm, lambda: llm.think(prompt), _word_or_call)
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            yield piece


async def replied(
    session: SpeechSession, prompt: Prompt
) -> AsyncGenerator[Spoken | ToolCall, None]:
    """Words and sound of the reply in order, and its tool calls. Raises EngineError and nothing
    else."""
    ask = partial(session.reply, prompt)
    async with aclosing(_streamed("speech_to_speech", session, ask, _spoken_or_call)) as pieces:
        async for piece in pieces:
            yield piece


async def connected(session: SpeechSession, prompt: Prompt) -> None:
    """A session at work, until it is cancelled or over. Raises EngineError and nothing else."""
    with _OnlyEngineErrors("speech_to_speech", session):
        await session.run(prompt)


def told(call: Callable[[], T], otherwise: T, engine: str = "speech_to_speech") -> T:
    """A plain call into an engine, which raises nothing: `otherwise` where it failed."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - somebody else's code
        name = type(error).__name__
        log.error("engine_raised", engine=engine, error=name, where=_where(error))
        return otherwise


def aloud(read: Callable[[str], str], text: str) -> str:
    """The text as `read` says it aloud; as it is written where our own rules fail on it."""
    return told(partial(read, text), text, "normalization")


def detector(new: Callable[[], SpeechDetector]) -> SpeechDetector:
    """A call's speech detector that raises nothing: if it fails, loudness decides from then on."""
    return _GuardedDetector(new)


class _GuardedDetector:
    def __init__(self, new: Callable[[], SpeechDetector]) -> None:
        self._detector: SpeechDetector
        try:
            self._detector = new()
        except Exception as error:  # noqa: BLE001 - somebody else's code, as below
            self._go_by_loudness(error)

    def probability(self, mulaw: bytes) -> float:
        """As the detector has it, or of this frame's loudness."""
        try:
            return _checked(self._detector.probability(mulaw), float)
        except Exception as error:  # noqa: BLE001
            return self._go_by_loudness(error).probability(mulaw)

    def _go_by_loudness(self, error: Exception) -> SpeechDetector:
        log.error(
            "engine_raised", engine="detector", error=type(error).__name__, where=_where(error)
        )
        self._detector = ScriptedDetector()
        return self._detector


async def _streamed(
    engine: str, of: object, start: Callable[[], AsyncIterator[T]], check: Callable[[object], T]
) -> AsyncGenerator[T, None]:
    with _OnlyEngineErrors(engine, of) as asked:
        pieces = start()
        try:
            async for piece in pieces:
                asked.answered()
                yield check(piece)
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()


def _word_or_call(value: object) -> str | ToolCall:
    if isinstance(value, ToolCall):
        return _call(value)
    return storable(_checked(value, str))


def _call(value: ToolCall) -> ToolCall:
    return ToolCall(storable(value.id), storable(value.name), storable(value.arguments))


def _spoken_or_call(value: object) -> Spoken | ToolCall:
    if isinstance(value, ToolCall):
        return _call(value)
    spoken = _checked(value, Spoken)
    return Spoken(storable(spoken.text), spoken.mulaw)


def _checked(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(kind.__name__)
    return value


class _OnlyEngineErrors:
    """Cancellation passes if somebody asked for it; one that an engine made up is a failure.

    What `of` takes to answer, and its failures, are measured under the name of its class.
    """

    def __init__(self, engine: str, of: object = None) -> None:
        self._engine = engine
        self._maker = "" if of is None else type(of).__name__
        self._asked_at: float | None = None

    def __enter__(self) -> "_OnlyEngineErrors":
        self._asked_before = _cancellations()
        self._asked_at = time.perf_counter()
        return self

    def answered(self) -> None:
        """The first of the answer is there; what follows it is not counted."""
        if self._asked_at is not None:
            seconds, self._asked_at = time.perf_counter() - self._asked_at, None
            ENGINE_SECONDS.labels(self._engine, self._maker).observe(seconds)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if isinstance(error, EngineError):
            ENGINE_FAILURES.labels(self._engine, self._maker).inc()
        if isinstance(error, EngineError) or not isinstance(error, _RAISED):
            return
        if _cancellations() > self._asked_before:  # even if the engine's answer is another error
            raise asyncio.CancelledError from None
        name = type(error).__name__
        ENGINE_FAILURES.labels(self._engine, self._maker).inc()
        log.error("engine_raised", engine=self._engine, error=name, where=_where(error))
        raise EngineError(f"{self._engine} failed with {name}") from None


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
