"""Deletes what is older than its period, kind by kind in pieces, and says what it did.

Each piece is a transaction of its own: nobody waits long for it, and what is done stays done,
whatever happens to the node. One run at a time, in the whole cluster; a run that fell silent is
given up, and the next one goes on where it stopped, as what it deleted is not there any more.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog

from db import retention
from db.retention import Piece
from server.audit.acts import Actor
from server.audit.notes import note
from server.core.node import Node
from server.retention.periods import Period, periods
from server.retention.piece_size import FIRST, LEAST, next_size, smaller

log = structlog.get_logger(__name__)

COUNTED_AT_ONCE = 10_000  # rows; a count locks nothing
_WAIT_SECONDS = 0.2  # for whoever holds a row
_IN_THE_WAY = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)
_PAUSE = 2.0  # times as long as a piece took others have the database for themselves


class KindReport(msgspec.Struct, frozen=True):
    """What became of a kind: how many rows were due before, kept by a hold, kept because they are
    still at work, deleted, and due after; `longest_seconds` is that of its pieces. Of a kind
    without records at most 10,000 are counted. `unfinished` says why, if it is."""

    kind: str
    older_than_hours: int
    due: int = 0
    held: int = 0
    in_use: int = 0
    deleted: int = 0
    left: int = 0
    longest_seconds: float = 0.0
    unfinished: str | None = None


class GivenUpError(Exception):
    """The run was silent for too long, and is another's now."""


Tell = Callable[[KindReport], None]


async def count(node: Node) -> list[KindReport]:
    """What a run would delete; changes nothing."""
    return [await _counted(node, period) for period in periods(node.config.retention)]


async def delete(
    node: Node, by: str, chosen: Sequence[Period], tell: Tell = lambda _: None
) -> list[KindReport] | None:
    """Delete what is older than its period; each kind is told once it is done. None: another node
    is at it. Raises GivenUpError, and what the database raises while it is away."""
    async with node.pools.as_service() as connection:
        run = await retention.begin_run(connection, by)
    if run is None:
        log.info("retention_elsewhere")
        return None
    done: list[KindReport] = []
    for period in chosen:
        report = await _Deletion(node, run, done, await _counted(node, period)).go_on(period)
        done.append(report)
        if report.deleted or report.unfinished:
            log.info("retention", **msgspec.structs.asdict(report))
        tell(report)
    deleted = {report.kind: report.deleted for report in done if report.deleted}
    async with node.transaction() as tx:
        await retention.note_run(tx.connection, run, _noted(done), is_over=True)
        if deleted:
            note(
                tx, "retention.ran", by=Actor("system", name=by), subject=f"retention:{run}",
                data=deleted,
            )  # fmt: skip
    return done


class _Deletion:
    """One kind of a run."""

    def __init__(
        self, node: Node, run: uuid.UUID, done: Sequence[KindReport], counted: KindReport
    ) -> None:
        self._node = node
        self._run = run
        self._done = done
        self._report = msgspec.structs.replace(counted, held=0, in_use=0)  # seen on the way
        self._size = FIRST
        self._after: list[str] | None = None

    async def go_on(self, period: Period) -> KindReport:
        """Piece after piece until nothing is left, then count again."""
        while True:
            began_at = self._node.clock()
            try:
                piece = await self._piece(period)
            except _IN_THE_WAY as error:
                if (size := smaller(self._size)) is None:
                    return msgspec.structs.replace(self._report, unfinished=type(error).__name__)
                self._size = size
                await asyncio.sleep(_WAIT_SECONDS)
                continue
            took = self._node.clock() - began_at
            if piece.seen == 0:
                break
            self._after = piece.last
            self._size = next_size(self._size, took)
            await asyncio.sleep(took * _PAUSE)
        left = await _counted(self._node, period, self._after)
        return msgspec.structs.replace(self._report, left=left.due)

    async def _piece(self, period: Period) -> Piece:
        """One transaction, with how far the run is now, which tells others that it lives."""
        began_at = self._node.clock()
        async with self._node.pools.as_service() as connection:
            piece = await retention.delete_piece(
                connection,
                period.kind,
                period.older_than,
                self._size,
                self._after,
                limit_ms=retention.LOCK_MS if self._size > LEAST else retention.STATEMENT_MS,
            )
            report = msgspec.structs.replace(
                self._report,
                held=self._report.held + piece.held,
                in_use=self._report.in_use + piece.in_use,
                deleted=self._report.deleted + piece.deleted,
            )
            if not await retention.note_run(connection, self._run, _noted([*self._done, report])):
                raise GivenUpError
        longest = max(report.longest_seconds, self._node.clock() - began_at)
        self._report = msgspec.structs.replace(report, longest_seconds=longest)
        return piece


async def _counted(node: Node, period: Period, after: list[str] | None = None) -> KindReport:
    """How many are due, held and at work, from this place on. Records are gone through in pieces,
    as gently as they are deleted: a count of many would be in everybody's way, too."""
    due = held = in_use = 0
    size = COUNTED_AT_ONCE
    while True:
        began_at = node.clock()
        async with node.pools.as_service() as connection:
            piece = await retention.delete_piece(
                connection, period.kind, period.older_than, size, after, only_count=True
            )
        due += piece.deleted
        held += piece.held
        in_use += piece.in_use
        if piece.last is None:
            break
        after = piece.last
        took = node.clock() - began_at
        size = next_size(size, took)
        await asyncio.sleep(took * _PAUSE)
    hours = int(period.older_than / dt.timedelta(hours=1))
    return KindReport(period.kind, hours, due=due, held=held, in_use=in_use)


def _noted(reports: Sequence[KindReport]) -> dict[str, Any]:
    """The reports as the run's row keeps them, by kind."""
    return {report.kind: msgspec.to_builtins(report) for report in reports}
