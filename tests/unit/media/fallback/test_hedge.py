"""Who answers first among several, when they fail, hang and are slow."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest

from media.engines.base import EngineError
from media.fallback.hedge import first_to_speak


class Stream:
    """Gives a word once it is let, or fails; tells whether it was closed."""

    def __init__(self, word: str = "", *, hangs: bool = False) -> None:
        self._word = word
        self._hangs = hangs
        self.was_closed = False
        self.began = asyncio.Event()

    def start(self) -> AsyncIterator[str]:
        return self._words()

    async def _words(self) -> AsyncGenerator[str, None]:
        self.began.set()
        try:
            if self._hangs:
                await asyncio.Event().wait()
            if not self._word:
                raise EngineError("it failed")
            yield self._word
            yield "more"
        finally:
            self.was_closed = True


Told = list[tuple[int, str]]


def telling(told: Told) -> Callable[[int, Exception | None], None]:
    return lambda index, error: told.append((index, "slow" if error is None else str(error)))


async def asked(*streams: Stream, told: Told) -> tuple[int, str, AsyncIterator[str]]:
    return await first_to_speak([stream.start for stream in streams], 0.01, telling(told))


async def test_only_the_first_is_asked_if_it_answers() -> None:
    told: Told = []
    one, other = Stream("one"), Stream("other")
    index, piece, rest = await asked(one, other, told=told)
    assert (index, piece, [word async for word in rest]) == (0, "one", ["more"])
    assert told == []
    assert not other.was_closed  # nor begun


async def test_the_next_is_asked_at_once_when_one_fails() -> None:
    told: Told = []
    index, piece, _ = await first_to_speak(
        [Stream().start, Stream("b").start], 3600.0, telling(told)
    )
    assert (index, piece, told) == (1, "b", [(0, "it failed")])


async def test_one_that_hangs_is_overtaken_and_closed() -> None:
    told: Told = []
    slow = Stream(hangs=True)
    index, piece, _ = await asked(slow, Stream("quick"), told=told)
    assert (index, piece, told) == (1, "quick", [(0, "slow")])
    assert slow.was_closed


async def test_the_first_error_is_raised_when_all_fail() -> None:
    told: Told = []
    with pytest.raises(EngineError, match="it failed"):
        await asked(Stream(), Stream(), told=told)
    assert [index for index, _ in told] == [0, 1]


async def test_who_gives_up_leaves_nothing_running() -> None:
    hanging = [Stream(hangs=True), Stream(hangs=True)]
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(asked(*hanging, told=[]))
        for stream in hanging:
            await stream.began.wait()
        asking.cancel()
    assert asking.cancelled()
    assert all(stream.was_closed for stream in hanging)


async def test_a_stream_without_a_piece_has_failed() -> None:
    async def nothing() -> AsyncGenerator[str, None]:
        none: tuple[str, ...] = ()
        for word in none:
            yield word

    told: Told = []
    index, _, _ = await first_to_speak([nothing, Stream("b").start], 3600.0, telling(told))
    assert (index, told) == (1, [(0, "nothing came")])
