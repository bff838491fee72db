"""Who may read on in the next turn of the loop: of all peers that sent a heap at once, one.

So a hundred floods cost a turn of the loop no more than one does. Knows nothing of what is read.
"""

import asyncio
from collections.abc import Callable


class Turns:
    """Calls those who ask, one a turn, in the order in which they asked."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Callable[[], None], None] = {}
        self._is_due = False

    def ask(self, take: Callable[[], None]) -> None:
        """Have this called once; asking again before that changes nothing."""
        self._waiting[take] = None
        self._go_on()

    def drop(self, take: Callable[[], None]) -> None:
        """It need not be called any more."""
        self._waiting.pop(take, None)

    def _go_on(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._next)

    def _next(self) -> None:
        self._is_due = False
        if self._waiting:
            take = next(iter(self._waiting))
            del self._waiting[take]
            take()
        self._go_on()
