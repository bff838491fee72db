"""The border around engines: errors of any kind, odd results, cancellation and closing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media.dialogue import Prompt
from media.engines import guard
from media.engines.base import EngineError, Engines
from media.engines.scripted import (
    Behaviour,
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedTextToSpeech,
)

PROMPT = Prompt("tea", ())


class Odd:
    """An engine that is told what to give, by `think`, `speak` and `recognise` alike."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def think(self, _prompt: Prompt) -> Any:
        return self.given() if callable(self.given) else self.given

    def speak(self, _text: str) -> Any:
        return self.think(PROMPT)

    async def recognise(self, _mulaw: bytes) -> Any:
        return self.given

    async def glimpse(self, _mulaw: bytes) -> Any:
        return self.given

    async def complete(self, _mulaw: bytes) -> Any:
        return self.given

    async def close(self) -> None:
        raise KeyError("close")


async def numbers() -> AsyncIterator[int]:
    yield 1


def fails_at_once() -> AsyncIterator[str]:
    raise KeyError("what you said")


@pytest.mark.parametrize("given", [None, numbers, fails_at_once, ["a list"]])
async def test_a_stream_of_the_wrong_kind_is_an_engine_error(given: Any) -> None:
    with pytest.raises(EngineError, match=r"thinker failed with (Type|Key)Error$"):
        [piece async for piece in guard.thought(Odd(given), PROMPT)]
    with pytest.raises(EngineError, match=r"voice failed with (Type|Key)Error$"):
        [chunk async for chunk in guard.spoken(Odd(given), "Hello.")]


async def test_ears_that_return_no_text_have_failed() -> None:
    with pytest.raises(EngineError, match="recogniser failed with TypeError"):
        await guard.recognised(Odd(None), b"")


async def test_what_may_be_missing_is_of_its_own_kind_or_none() -> None:
    assert await guard.glimpsed(Odd(None), b"") is None
    assert await guard.complete(Odd(None), b"") is None
    assert await guard.complete(Odd(0.5), b"") == 0.5
    with pytest.raises(EngineError, match="recogniser failed with TypeError"):
        await guard.glimpsed(Odd(1), b"")
    with pytest.raises(EngineError, match="turn_end failed with TypeError"):
        await guard.complete(Odd("yes"), b"")


async def test_an_engines_own_timeout_and_error_are_told_as_they_are() -> None:
    late = ScriptedLanguageModel(["Yes."], Behaviour(raises=TimeoutError()))
    with pytest.raises(EngineError, match="TimeoutError"):
        [piece async for piece in guard.thought(late, PROMPT)]
    failing = ScriptedLanguageModel(["Yes."], Behaviour(fails=True))
    with pytest.raises(EngineError, match="scripted failure"):
        [piece async for piece in guard.thought(failing, PROMPT)]


async def test_a_time_limit_ends_an_engine_as_a_timeout() -> None:
    hanging = ScriptedLanguageModel(["Yes."], Behaviour(hangs=True))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            [piece async for piece in guard.thought(hanging, PROMPT)]


async def test_cancelling_passes_even_when_the_engine_answers_it_with_an_error() -> None:
    begun = asyncio.Event()

    async def stubborn() -> AsyncIterator[str]:
        try:
            begun.set()
            await asyncio.Event().wait()
            yield ""
        finally:
            raise ValueError("while closing")

    async def consume() -> None:
        async for _ in guard.thought(Odd(stubborn), PROMPT):
            pass

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(consume())
        await begun.wait()
        task.cancel()
    assert task.cancelled()


async def test_closing_early_closes_the_engines_stream() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[str]:
        try:
            while True:
                yield "more"
        finally:
            closed.set()

    stream = guard.thought(Odd(endless), PROMPT)
    assert await anext(stream) == "more"
    await stream.aclose()
    assert closed.is_set()


async def test_an_engine_that_fails_to_close_keeps_no_other_open() -> None:
    closed: list[str] = []

    class TextToSpeech(ScriptedTextToSpeech):
        async def close(self) -> None:
            closed.append("voice")

    class LanguageModel(ScriptedLanguageModel):
        async def close(self) -> None:
            closed.append("thinker")

    broken: Any = Odd(None)
    with pytest.raises(KeyError):
        await Engines(broken, TextToSpeech(), LanguageModel([]), ScriptedDetector).close()
    assert closed == ["voice", "thinker"]


class FailsAfter:
    """A detector that hears a few frames and then no more."""

    def __init__(self, frames: int, error: BaseException | None = None) -> None:
        self._left = frames
        self._error = error or IndexError("this may quote what was said")

    def probability(self, _mulaw: bytes) -> float:
        if not self._left:
            raise self._error
        self._left -= 1
        return 0.25


LOUD, QUIET = bytes([0x80]) * 160, bytes([0xFF]) * 160


def test_a_detector_that_fails_gives_way_to_loudness(capsys: pytest.CaptureFixture[str]) -> None:
    detector = guard.detector(lambda: FailsAfter(2))
    assert [detector.probability(QUIET) for _ in range(2)] == [0.25, 0.25]
    heard = [detector.probability(frame) for frame in (LOUD, QUIET, LOUD)]
    assert heard == [1.0, 0.0, 1.0]
    said = capsys.readouterr().out
    assert said.count("engine_raised") == 1
    assert "quote" not in said


def test_a_detector_that_cannot_be_made_or_gives_nonsense_gives_way_too() -> None:
    def none_is_made() -> ScriptedDetector:
        raise OSError

    for new in (none_is_made, lambda: Nonsense()):
        assert guard.detector(new).probability(LOUD) == 1.0


class Nonsense:
    def probability(self, _mulaw: bytes) -> Any:
        return "speech"
