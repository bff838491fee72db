"""Who may read on, and when: of all peers that sent a heap at once, one in a turn of the loop, and
more while that takes at most a third of it; of all whose messages may wait a moment, all in one;
of all that ask something of the application, a few.

So a hundred floods cost a turn of the loop no more than one does, a hundred calls that a busy loop
kept waiting catch up, and their frames cost much less than each in a turn of its own; a hundred
requests at once are answered as soon as they would be, and nobody's sound waits for all of them.
Knows nothing of what is read or asked.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from media.coalescing import next_slot

BEGIN_AT_ONCE = 4  # requests, some 0.7 ms each; one in a turn would cost a busy node a fifth


class Turns:
    """Calls those who ask, one a turn, in the order in which they asked."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Callable[[], None], None] = {}
        self._is_due = False
        self._due_since = 0.0
        self._gathered: list[Callable[[], None]] = []
        self._to_begin: deque[asyncio.Future[None]] = deque()
        self._begun = 0  # in this turn

    def gather(self, take: Callable[[], None]) -> None:
        """Have this called in the next slot, together with all others'."""
        if not self._gathered:
            self._loop.call_at(next_slot(self._loop.time()), self._take_gathered)
        self._gathered.append(take)

    def _take_gathered(self) -> None:
        gathered, self._gathered = self._gathered, []
        for take in gathered:
            try:
                take()
            except Exception as error:  # noqa: BLE001 - one socket's; the others' turn it is, too
                told = {"message": "a socket failed in its slot", "exception": error}
                self._loop.call_exception_handler(told)

    def ask(self, take: Callable[[], None]) -> None:
        """Have this called once; asking again before that changes nothing."""
        self._waiting[take] = None
        self._go_on()

    def drop(self, take: Callable[[], None]) -> None:
        """It need not be called any more."""
        self._waiting.pop(take, None)

    def _go_on(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due, self._due_since = True, time.monotonic()
            self._loop.call_soon(self._next)

    def _next(self) -> None:
        began_at = time.monotonic()  # the loop's own clock stands still within a turn
        until = began_at + (began_at - self._due_since) / 2
        try:
            while self._waiting:
                take = next(iter(self._waiting))
                del self._waiting[take]
                take()
                if time.monotonic() >= until:
                    break
        finally:
            self._is_due = False
            self._go_on()

    async def begin(self) -> None:
        """Wait until it is one's turn to begin; who comes while few do does not wait."""
        if not self._begun:
            self._loop.call_soon(self._begin_next)
        if self._begun < BEGIN_AT_ONCE:
            self._begun += 1
            return
        mine = self._loop.create_future()
        self._to_begin.append(mine)
        await mine

    def _begin_next(self) -> None:
        self._begun = 0
        while self._to_begin and self._begun < BEGIN_AT_ONCE:
            following = self._to_begin.popleft()
            if not following.done():  # by now nobody may wait for it
                following.set_result(None)
                self._begun += 1
        if self._begun:
            self._loop.call_soon(self._begin_next)
