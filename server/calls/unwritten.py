"""Webhooks about calls that could not be recorded while the database was away; tried again.

The carrier was told that they arrived. It knows nothing of what they mean.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from db.core.failures import DATABASE_ERRORS, is_away

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.5
MOST = 50_000  # some hours of a busy node


class CarrierFact(msgspec.Struct, frozen=True):
    """A webhook of `kind` "status" or "amd" about a call, as it came."""

    call_id: uuid.UUID
    kind: str
    form: dict[str, str]

    def encode(self) -> bytes:
        """As other nodes read it."""
        return msgspec.msgpack.encode(self)


def decode(body: bytes) -> CarrierFact:
    """What `encode` made."""
    return msgspec.msgpack.decode(body, type=CarrierFact)


class Unwritten:
    """Them, oldest first."""

    def __init__(self) -> None:
        self._facts: deque[CarrierFact] = deque(maxlen=MOST)
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, fact: CarrierFact) -> None:
        """Keep one."""
        self._facts.append(fact)
        self._wake.set()

    async def run(self, record: Callable[[CarrierFact], Awaitable[None]]) -> None:
        """Record them for ever, in order, once the database is there."""
        while True:
            await self._wake.wait()
            while self._facts:
                try:
                    await record(self._facts[0])
                except DATABASE_ERRORS as error:
                    if not is_away(error):
                        log.error("webhook_refused", error=type(error).__name__)
                        self._facts.popleft()
                    else:
                        await asyncio.sleep(RETRY_SECONDS)
                    continue
                self._facts.popleft()
            self._wake.clear()
