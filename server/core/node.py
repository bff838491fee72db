"""A node as every room knows it: configuration, database, clock, and the way to its listeners.

What one room needs beyond that stands in a Struct of that room, which holds the node. Knows no
room, no vendor and no socket.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from db.event_streams import EventRow
from db.pool import Pools
from server.core.config import Config
from server.core.times import utc
from server.core.transaction import Transaction


class Publisher(Protocol):
    """Whoever hands events to those who listen on this node."""

    def publish_committed(self, rows: Sequence[EventRow]) -> None:
        """Offer events that are committed now, and have them numbered among everybody's."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What every room stands on. `clock` is epoch seconds that never step back."""

    config: Config
    pools: Pools
    clock: Callable[[], float]
    hub: Publisher

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction with the service's rights; what it emits is published after its commit.

        Raises what the database raises, with nothing done and nothing told.
        """
        async with self.pools.as_service() as connection:
            tx = Transaction(connection, utc(self.clock()))
            yield tx
            rows = await tx.flush()
        if rows:
            self.hub.publish_committed(rows)
