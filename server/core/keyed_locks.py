"""One at a time: work on the same key takes turns within this node, without holding anything else.

Between nodes it is the database's locks that count; this only keeps waiters off its connections.
"""

import asyncio
from weakref import WeakValueDictionary


class KeyedLocks:
    """Locks by key; one that nobody uses is forgotten."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        """The key's lock, to be entered with `async with`."""
        return self._locks.setdefault(key, asyncio.Lock())
