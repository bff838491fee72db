"""Records are opened together, and one that is damaged holds up no other."""

from collections.abc import Sequence

import pytest

from db.core.sealed import open_each
from db.core.sealing import Unsealable


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
