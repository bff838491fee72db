"""A bus that loses, doubles, delays and so shuffles what goes over a real one.

What it does is drawn from a seed. It stands between a node and its bus.
"""

import asyncio
import random
from collections.abc import Callable

from server.core.bus import ANSWER_SECONDS, Answerer, Bus, Follower

MOST_LATE_SECONDS = 0.3


class ChaoticBus:
    """In front of `bus`; a fifth of all messages is lost, and as many come twice."""

    def __init__(self, bus: Bus, seed: int) -> None:
        self._bus = bus
        self._random = random.Random(seed)
        self.lost = self.doubled = self.late = 0

    @property
    def is_connected(self) -> bool:
        return self._bus.is_connected

    async def request(
        self, node: str, name: str, body: bytes, *, seconds: float = ANSWER_SECONDS
    ) -> bytes | None:
        fate = self._random.random()
        await asyncio.sleep(self._random.random() * MOST_LATE_SECONDS / 2)  # it is late
        if fate < 0.1:  # the request is lost
            self.lost += 1
            return None
        if fate < 0.3:
            self.doubled += 1
            first, _ = await asyncio.gather(
                *(self._bus.request(node, name, body, seconds=seconds) for _ in range(2))
            )
            return first
        answer = await self._bus.request(node, name, body, seconds=seconds)
        if fate < 0.4:  # the answer is
            self.lost += 1
            return None
        return answer

    def answer(self, name: str, handler: Answerer) -> None:
        self._bus.answer(name, handler)

    def tell(self, subject: str, body: bytes) -> None:
        fate = self._random.random()
        if fate < 0.2:
            self.lost += 1
            return
        for _ in range(1 + (fate < 0.4)):
            self.late += 1
            delay = self._random.random() ** 3 * MOST_LATE_SECONDS
            asyncio.get_running_loop().call_later(delay, self._bus.tell, subject, body)
        self.doubled += fate < 0.4

    def follow(self, subject: str, handler: Follower) -> Callable[[], None]:
        return self._bus.follow(subject, handler)

    async def run(self) -> None:
        await self._bus.run()
