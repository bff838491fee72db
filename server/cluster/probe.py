"""Whether the database answers, for those who cannot wait until it does not.

It is asked by a service of its own: a statement that hangs cannot be left quickly, since asyncpg
waits for its end before the connection is anybody else's. Costs nothing while nobody asks.
"""

import asyncio

from db.core.failures import DATABASE_ERRORS
from db.core.pool import Pools

ANSWER_SECONDS = 0.8


class DatabaseProbe:
    """`answers` needs `run` beside it."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._asked = asyncio.Event()
        self._answered = asyncio.Event()  # another one for each answer
        self._answers = False

    async def run(self) -> None:
        """Look for ever, whenever somebody asks."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self._pools.check()
                self._answers = True
            except DATABASE_ERRORS:
                self._answers = False
            self._answered.set()
            self._answered = asyncio.Event()

    async def answers(self) -> bool:
        """Whether it answers within `ANSWER_SECONDS`."""
        self._asked.set()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._answered.wait()
        except TimeoutError:
            return False
        return self._answers
