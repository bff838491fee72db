"""Asking more than once: while it is wanted, and no oftener than that."""

from media.jobs import MOST_TIMES, insist


class Wish:
    """Something that is given once it was asked for often enough."""

    def __init__(self, after: int) -> None:
        self.asked = 0
        self._after = after

    async def ask(self) -> None:
        self.asked += 1

    def is_wanted(self) -> bool:
        return self.asked < self._after


async def test_what_is_given_is_asked_for_no_more() -> None:
    for after, asked in ((0, 0), (1, 1), (2, 2), (100, MOST_TIMES)):
        wish = Wish(after)
        await insist(wish.ask, wish.is_wanted, 0.0)
        assert wish.asked == asked
