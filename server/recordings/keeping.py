"""Writes pieces of recordings down, away from calls: a call hands one over and goes on.

Nothing is kept that nobody agreed to: a piece is written only where the agreement stands in its row
already. While the database is away pieces wait in memory, up to a bound, beyond which the oldest
are lost. Knows nothing of what a call decides.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from db import recordings
from db.calls import CallRow
from db.core.failures import is_away, loggable
from db.recordings import NewPiece
from media.audio.two_tracks import Keep, Piece
from server.core.node import Node
from server.core.times import utc

log = structlog.get_logger(__name__)

MOST_BYTES = 64 * 1024 * 1024  # an hour and more of one call, a minute of sixty
RETRY_SECONDS = 1.0


class Keeping:
    """The node's one writer of sound. `settled` waits until what calls decided is written."""

    def __init__(self, node: Node, settled: Callable[[], Awaitable[None]]) -> None:
        self._node = node
        self._settled = settled
        self._waiting: deque[NewPiece] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def of(self, row: CallRow) -> Keep:
        """What keeps the pieces of a call that runs here under the row's epoch."""
        numbers = iter(range(2**31))

        def keep(piece: Piece) -> None:
            self._add(
                NewPiece(
                    row.id, row.user_id, row.lease_epoch, next(numbers), utc(piece.at),
                    len(piece.caller), piece.caller + piece.agent,
                )
            )  # fmt: skip

        return keep

    def _add(self, piece: NewPiece) -> None:
        self._waiting.append(piece)
        self._bytes += len(piece.sound)
        while self._bytes > MOST_BYTES and len(self._waiting) > 1:
            lost = self._waiting.popleft()
            self._bytes -= len(lost.sound)
            log.error("recording_lost", call_id=str(lost.call_id), piece=lost.number)
        self._empty.clear()
        self._wake.set()

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                pieces = tuple(self._waiting)
                await self._settled()  # lest sound is there before what its call agreed to
                for piece in pieces:
                    while self._waiting and self._waiting[0] is piece:  # neither written nor lost
                        await self._write(piece)
            self._empty.set()

    async def written(self) -> None:
        """Wait until nothing waits."""
        await self._empty.wait()

    async def _write(self, piece: NewPiece) -> None:
        try:
            async with self._node.pools.as_service() as connection:
                kept = await recordings.add(connection, piece)
            if not kept:
                log.info("recording_refused", call_id=str(piece.call_id), piece=piece.number)
        except Exception as error:  # one piece must never hold up all others for ever
            if is_away(error):
                log.warning("recording_waits", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                return
            log.error("recording_failed", call_id=str(piece.call_id), exc_info=loggable(error))
        if self._waiting and self._waiting[0] is piece:  # or it was lost meanwhile
            self._waiting.popleft()
            self._bytes -= len(piece.sound)
