"""Items that become due later, in the order of their time.

Durations are real time. Knows nothing of what the items are.
"""

import asyncio
import heapq
import itertools
import time
from typing import Generic, TypeVar

T = TypeVar("T")


class Scheduler(Generic[T]):
    """Build it inside a running loop; one task takes what is due."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, T]] = []
        self._added = asyncio.Event()

    def add(self, item: T, seconds: float) -> None:
        """Have it due in this many seconds."""
        heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._numbers), item))
        self._added.set()

    async def due(self, batch_seconds: float = 0.0) -> list[T]:
        """Wait until an item is due and `batch_seconds` more; take all that are due by then."""
        while not self._waiting or self._waiting[0][0] > time.monotonic():
            self._added.clear()
            wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
            try:
                async with asyncio.timeout(wait):
                    await self._added.wait()
            except TimeoutError:
                continue
        await asyncio.sleep(batch_seconds)
        taken, now = [], time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            taken.append(heapq.heappop(self._waiting)[2])
        return taken
