"""One customer at a time, for as long as Stripe takes to answer, and no connection is held for it.

Within a node those who come later wait in memory; between nodes a row says whose turn it is and
until when. Whoever writes what it read looks at that row in the same transaction, so a turn that
went to another writes nothing: an older reading never overwrites a newer one. Knows no Stripe.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import msgspec

from db.cluster import turns
from db.core.failures import DATABASE_ERRORS
from server.core.errors import AwayError
from server.core.keyed_locks import KeyedLocks
from server.core.node import Node
from server.core.transaction import Transaction

_GRACE_SECONDS = 5.0  # a turn lasts longer than the work in it may take
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.5


class BusyError(AwayError):
    """No turn in time, or it was over before the work was done; nothing was written."""


class Turn(msgspec.Struct, frozen=True):
    """The right to work on a customer just now."""

    customer: str
    holder: uuid.UUID

    @asynccontextmanager
    async def transaction(self, deps: Node) -> AsyncIterator[Transaction]:
        """A transaction that nobody else's turn can come before. Raises BusyError."""
        async with deps.transaction() as tx:
            if not await turns.holds(tx.connection, self.customer, self.holder):
                raise BusyError("turn_lost")
            yield tx


class Turns:
    """Those under way on this node; bounded, apart for people who wait and for work that can."""

    def __init__(self) -> None:
        self._locks = KeyedLocks()
        self._under_way: Counter[str] = Counter()

    @asynccontextmanager
    async def of(
        self, deps: Node, customer: str, *, for_someone: bool = True
    ) -> AsyncIterator[Turn]:
        """A turn on this customer. Raises BusyError, also when the work in it takes too long."""
        seconds, turn = deps.config.stripe.work_seconds, Turn(customer, uuid.uuid4())
        limit = asyncio.timeout(seconds)
        try:
            async with limit, self._locks.of(customer):
                kind = "for somebody" if for_someone else "by jobs"
                with self._counted(kind, deps.config.stripe.at_once):
                    try:  # also what was cut off while it was taken is given back
                        await _take(deps, turn, seconds + _GRACE_SECONDS)
                        yield turn
                    finally:
                        await _give_back(deps, turn)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise BusyError("too_long") from error

    @asynccontextmanager
    async def asking(self, deps: Node, user_id: uuid.UUID) -> AsyncIterator[None]:
        """What somebody waits for that changes no customer: of one person one request at a time, of
        so many people at once, for no longer than a turn's work. Raises BusyError."""
        limit = asyncio.timeout(deps.config.stripe.work_seconds)
        try:
            async with limit, self._locks.of(f"asking:{user_id}"):
                with self._counted("asking", deps.config.stripe.at_once):
                    yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise BusyError("too_long") from error

    @contextmanager
    def _counted(self, kind: str, most: int) -> Iterator[None]:
        if self._under_way[kind] >= most:
            raise BusyError("at_once")
        self._under_way[kind] += 1
        try:
            yield
        finally:
            self._under_way[kind] -= 1


async def _take(deps: Node, turn: Turn, seconds: float) -> None:
    pause = _FIRST_PAUSE_SECONDS
    while True:
        async with deps.pools.as_service() as connection:
            if await turns.take(connection, turn.customer, turn.holder, seconds):
                return
        await asyncio.sleep(pause)  # another node's, which tells nobody when it is done
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def _give_back(deps: Node, turn: Turn) -> None:
    with suppress(*DATABASE_ERRORS):  # it ends by itself
        async with deps.pools.as_service() as connection:
            await turns.give_back(connection, turn.customer, turn.holder)
