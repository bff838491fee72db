"""Webhooks about calls that could not be recorded while the database was away; tried again.

The carrier was told that they arrived. It knows nothing of what they mean.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from db.core.failures import is_away, is_cancelled, loggable

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


def wish_key(call_id: uuid.UUID | str, wish: str) -> str:
    """The key of what is wanted of a call, which is told like a fact about it."""
    return f"{call_id}:{wish}"


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
                fact = self._facts[0]
                try:
                    await record(fact)
                except Exception as error:  # one fact must never hold up all others for ever
                    if is_cancelled():
                        raise
                    if is_away(error):
                        await asyncio.sleep(RETRY_SECONDS)
                        continue
                    kind = type(error).__name__
                    log.error("webhook_refused", error=kind, exc_info=loggable(error))
                if self._facts[0] is fact:  # or it was lost among too many
                    self._facts.popleft()
            self._wake.clear()
