"""One at a time: work on the same key takes turns within this node, without holding anything else.

Between nodes it is the database's locks that count; this only keeps waiters off its connections.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from server.core.errors import AppError

PATIENCE_SECONDS = 5.0  # for those before: a database that hangs lets go of each of them late


class KeyedLocks:
    """Locks by key; one that nobody uses is forgotten."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        """The key's lock, to be entered with `async with`."""
        return self._locks.setdefault(key, asyncio.Lock())

    @asynccontextmanager
    async def all_of(self, *keys: str) -> AsyncIterator[None]:
        """Holds the locks of all keys, taken in this order: whoever shares two of them must name
        them in the same. Raises AppError("unavailable") where those before take too long."""
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    for key in keys:
                        await held.enter_async_context(self.of(key))
            except TimeoutError:
                raise AppError("unavailable", retry_after=1) from None
            yield
