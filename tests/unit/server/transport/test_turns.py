"""Peers that wait for a turn: one each, or as many as a busy loop's time allows."""

import asyncio
from collections.abc import Callable

import pytest

from server.transport import turns
from server.transport.turns import BEGIN_AT_ONCE, Turns


class Clock:
    """What the module knows of time; it passes when somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(turns, "time", made)
    return made


def peers(clock: Clock, waiting: Turns, count: int, taken: list[int]) -> list[Callable[[], None]]:
    """Each takes a tenth of a second."""

    def peer(number: int) -> Callable[[], None]:
        def take() -> None:
            clock.now += 0.1
            taken.append(number)

        return take

    made = [peer(number) for number in range(count)]
    for take in made:
        waiting.ask(take)
    return made


async def test_where_nothing_else_is_done_each_has_a_turn_of_its_own(clock: Clock) -> None:
    taken: list[int] = []
    peers(clock, Turns(), 3, taken)
    for turn in range(3):
        await asyncio.sleep(0)
        assert taken == list(range(turn + 1))


async def test_of_a_busy_loop_they_have_a_third(clock: Clock) -> None:
    taken: list[int] = []
    peers(clock, Turns(), 8, taken)
    clock.now += 1.0  # others' work in this turn
    await asyncio.sleep(0)
    assert taken == [0, 1, 2, 3, 4]
    await asyncio.sleep(0)
    assert taken == [0, 1, 2, 3, 4, 5], "others did nothing meanwhile"


async def test_one_that_asks_again_waits_for_all_others(clock: Clock) -> None:
    taken: list[int] = []
    waiting = Turns()
    first = peers(clock, waiting, 2, taken)[0]
    waiting.ask(lambda: waiting.ask(first))
    clock.now += 1.0
    await asyncio.sleep(0)
    assert taken == [0, 1, 0]


async def test_a_few_begin_in_a_turn_of_the_loop_and_who_comes_alone_at_once() -> None:
    waiting, begun = Turns(), list[int]()

    async def begin(number: int) -> None:
        await waiting.begin()
        begun.append(number)

    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(begin(number)) for number in range(BEGIN_AT_ONCE * 3)]
        await asyncio.sleep(0)
        assert begun == list(range(BEGIN_AT_ONCE))
        asking[BEGIN_AT_ONCE].cancel()  # nobody waits for its turn any more
        before = len(begun)
        while len(begun) < len(asking) - 1:  # each turn of the loop looks once
            await asyncio.sleep(0)
            assert len(begun) - before <= BEGIN_AT_ONCE
            before = len(begun)
    assert begun == [number for number in range(len(asking)) if number != BEGIN_AT_ONCE]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    alone = waiting.begin()
    with pytest.raises(StopIteration):  # without waiting
        alone.send(None)
