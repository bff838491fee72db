"""Tokens and keys that were refused, in the audit log: a bounded number of rows for any number.

A refusal is counted in memory and waits for no database. Now and then one becomes a row, with how
many came since the row before; what a node counted and had not written when it ends is lost. Rows
hold counts, our own reasons, a request's id and the keyed hash of an address, and nothing shown.
"""

import asyncio
import contextlib
from collections import Counter

import structlog

from db.audit import NewAct
from db.core.failures import DATABASE_ERRORS
from server.audit.acts import Action, Origin
from server.core.node import Node
from server.core.rate_limits import Rates

log = structlog.get_logger(__name__)

ACTION: Action = "auth.refused"
PER_HOUR = 60  # rows of one node: half of them at once, and as many more as that comes back
REST_SECONDS = 60.0  # between two rows of one address, and until the rest is counted in a row
MOST_WAITING = 60
_ANYWHERE = Origin()


class Refusals:
    """Those counted and not yet in a row, and rows that wait to be written."""

    def __init__(self) -> None:
        self.waiting: list[NewAct] = []
        self.reasons: Counter[str] = Counter()
        self._in_all = Rates(PER_HOUR / 2 / 3600, PER_HOUR / 2)
        self._by_address = Rates(1 / REST_SECONDS, 1)
        self._has_more = asyncio.Event()

    def count(self, reason: str, here: Origin, now: float) -> None:
        """One more, for this reason, from there. Never waits, never fails."""
        self.reasons[reason] += 1
        address = (here.address_hash or b"").hex()
        if len(self.waiting) < MOST_WAITING and self._by_address.take(address, now) == 0:
            self._make_row(here, now)

    def count_rest(self, now: float) -> None:
        """Have a row of what no row has counted; its addresses are many."""
        if self.reasons and len(self.waiting) < MOST_WAITING:
            self._make_row(_ANYWHERE, now)

    def _make_row(self, here: Origin, now: float) -> None:
        if self._in_all.take("", now) > 0:
            return
        counted = {"refused": self.reasons.total(), "reasons": dict(self.reasons)}
        self.reasons.clear()
        self.waiting.append(
            NewAct(
                actor_kind="user", actor_id=None, actor_name="stranger", action=ACTION,
                user_id=None, subject="", request_id=here.request_id,
                address_hash=here.address_hash, reason="", data=counted,
            )
        )  # fmt: skip
        self._has_more.set()

    async def run(self, node: Node) -> None:
        """For ever: write what waits; a supervised service."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    await self._has_more.wait()
            self._has_more.clear()
            self.count_rest(node.clock())
            try:
                await self.write(node)
            except DATABASE_ERRORS as error:  # tried again with the next row, or in a while
                log.warning("refusals_wait", rows=len(self.waiting), error=type(error).__name__)

    async def write(self, node: Node) -> None:
        """Write down what waits. Raises what the database raises; then all of it still waits."""
        rows = tuple(self.waiting)
        if not rows:
            return
        async with node.transaction() as tx:
            for row in rows:
                tx.note(row)
        del self.waiting[: len(rows)]
