"""A node as every room knows it: configuration, database, clock, and the way to its listeners.

What one room needs beyond that stands in a Protocol of that room, so that a signature says what
it may touch. Here is the order of a transaction's end: what it collected is written, committed,
then published. Knows no room, no vendor and no socket.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import msgspec

from db.cluster.event_streams import EventRow
from db.core.pool import Pools
from server.core.config import Config
from server.core.times import utc
from server.core.transaction import Transaction


class Publisher(Protocol):
    """Whoever hands events to those who listen on this node."""

    def publish_committed(self, rows: Sequence[EventRow]) -> None:
        """Offer events that are committed now, and have them numbered among everybody's."""


class Node(Protocol):
    """What every room stands on; a room that needs more asks for more in a Protocol of its own."""

    @property
    def config(self) -> Config: ...

    @property
    def pools(self) -> Pools: ...

    @property
    def clock(self) -> Callable[[], float]:
        """Epoch seconds that never step back."""

    @property
    def hub(self) -> Publisher: ...

    @property
    def audit_key(self) -> bytes:
        """Signs the audit log's chain and hashes its addresses; empty: neither is done."""

    def transaction(self, *, for_calls: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """A transaction with the service's rights; what it emits is published after its commit.
        `for_calls` as in `Pools`.

        Raises what the database raises, with nothing done and nothing published.
        """


class Draining(Protocol):
    """Whoever knows whether this node still takes what is new."""

    @property
    def draining(self) -> bool: ...


class NodeParts(msgspec.Struct, frozen=True, kw_only=True):
    """A node without rooms. The composition root adds what they need."""

    config: Config
    pools: Pools
    clock: Callable[[], float]
    hub: Publisher
    audit_key: bytes = b""

    @asynccontextmanager
    async def transaction(self, *, for_calls: bool = False) -> AsyncIterator[Transaction]:
        """As `Node` says."""
        async with self.pools.as_service(for_calls=for_calls) as connection:
            tx = Transaction(connection, utc(self.clock()), self.audit_key)
            yield tx
            rows = await tx.flush()
        if rows:
            self.hub.publish_committed(rows)
