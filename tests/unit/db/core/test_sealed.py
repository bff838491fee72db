"""Records are opened together, and one that is damaged holds up no other."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from db.core import sealing
from db.core.sealed import AT_ONCE, Sealed, open_all, open_each
from db.core.sealing import Key, Unsealable


class Opening:
    """Opens numbers as words, but for those that are damaged, and keeps how many at a time."""

    def __init__(self, *damaged: int) -> None:
        self._damaged = set(damaged)
        self.asked: list[int] = []

    async def __call__(self, numbers: Sequence[int]) -> list[str]:
        self.asked.append(len(numbers))
        if self._damaged.intersection(numbers):
            raise Unsealable("a value is damaged")
        return [str(number) for number in numbers]


async def test_where_none_is_damaged_all_are_opened_at_once() -> None:
    opening = Opening()
    assert await open_each([1, 2, 3], opening) == ["1", "2", "3"]
    assert opening.asked == [3]


@pytest.mark.parametrize("damaged", [(1,), (2,), (3,), (1, 3), (1, 2, 3)])
async def test_the_place_of_a_damaged_one_is_empty(damaged: tuple[int, ...]) -> None:
    opening = Opening(*damaged)
    found = await open_each([1, 2, 3], opening)
    assert found == [None if number in damaged else str(number) for number in (1, 2, 3)]
    assert opening.asked == [3, 1, 1, 1]


async def test_any_other_error_is_the_callers() -> None:
    async def away(numbers: Sequence[int]) -> list[str]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await open_each([1, 2], away)


async def test_many_values_are_opened_in_several_turns_of_the_loop() -> None:
    notes, key = Sealed("app.notes", text=("words",)), sealing.key("k" * 12, bytes(32))
    rows = [
        {"id": n, "words": sealing.seal(key, b"hello", sealing.place("app.notes", "words", n))}
        for n in range(AT_ONCE * 3)
    ]

    async def with_ids(_: object) -> dict[str, Key]:
        return {key.id: key}

    loop, turns = asyncio.get_running_loop(), 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        loop.call_soon(turn)

    loop.call_soon(turn)
    connection = SimpleNamespace(keyring=SimpleNamespace(with_ids=with_ids))
    opened = await open_all(connection, rows, notes)
    assert [row["words"] for row in opened] == ["hello"] * len(rows)
    assert turns == 3
