"""The queue of durable jobs and the calendar of chores: pgqueuer's tables in schema app.

A job is put in inside the transaction it follows from, so it exists exactly when that is true. It
says what to look at, never what to do: whoever handles it reads the rows. Knows no job's meaning.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import asyncpg
import msgspec
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.errors import FailingListenerError as DeafError
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import JOB_STATUS, QueueEntrypoint
from pgqueuer.models import Job, Schedule, TracebackRecord
from pgqueuer.ports.driver import NotifyCallback

from db.core.rows import Connection

Handler: TypeAlias = Callable[[str, int], Awaitable[None]]  # subject, and how often it was tried
Chore: TypeAlias = Callable[[], Awaitable[None]]
_Outcome: TypeAlias = tuple[Job, JOB_STATUS, TracebackRecord | None]

__all__ = [
    "Chore",
    "DeafError",
    "Handler",
    "NewJob",
    "again",
    "enqueue",
    "run",
    "waiting",
]


class NewJob(msgspec.Struct, frozen=True):
    """A job's handler, by name, and what it is to look at; due so many seconds later."""

    name: str
    subject: str
    after_seconds: float = 0.0


_SETTINGS = DBSettings(db_schema="app")
_BUILDERS = (
    qb.QueryBuilderEnvironment(_SETTINGS),
    qb.QueryQueueBuilder(_SETTINGS),
    qb.QuerySchedulerBuilder(_SETTINGS),
)
_BATCH = 10
_STALE = dt.timedelta(seconds=15)  # a job whose node has been silent for so long is another's

# Our own statement: the library's counts on jsonb being text, which on our connections it is not.
_ENQUEUE = """
insert into app.pgqueuer (priority, entrypoint, payload, execute_after, status)
select 0, name, subject, now() + make_interval(secs => after_seconds), 'queued'
from unnest($1::text[], $2::bytea[], $3::float8[]) as job (name, subject, after_seconds)
"""

_WAITING = "select count(*) from app.pgqueuer where entrypoint = $1"
_WAITING_IN_ALL = "select count(*) from app.pgqueuer"
_AGES = """
select entrypoint, count(*),
    greatest(0, coalesce(extract(epoch from now() - min(execute_after)), 0))::float8
from app.pgqueuer group by entrypoint
"""
_NEXT_DUE = """
select min(first.execute_after) - now() as due_in
from unnest($1::text[]) as handled (name), lateral (
    select execute_after from app.pgqueuer where status = 'queued' and entrypoint = handled.name
    order by execute_after limit 1
) as first
"""


async def enqueue(connection: Connection, wanted: Sequence[NewJob]) -> None:
    """Have nodes do these jobs, once this transaction is committed and their seconds later."""
    names, subjects, delays = zip(
        *((job.name, job.subject.encode(), job.after_seconds) for job in wanted), strict=True
    )
    await connection.execute(_ENQUEUE, names, subjects, delays)


async def waiting(connection: Connection, name: str) -> int:
    """How many jobs of this name are not done."""
    count: int = await connection.fetchval(_WAITING, name)
    return count


class Waiting(msgspec.Struct, frozen=True):
    """Jobs of a name that are not done, and how long the oldest has been due."""

    name: str
    count: int
    overdue_seconds: float


async def ages(connection: Connection) -> list[Waiting]:
    """What waits, by name; what failed and waits for its next try is not overdue."""
    return [Waiting(*record) for record in await connection.fetch(_AGES)]


async def waiting_in_all(connection: Connection) -> int:
    """How many jobs of any name are not done."""
    count: int = await connection.fetchval(_WAITING_IN_ALL)
    return count


def again(after_seconds: float, reason: str) -> Exception:
    """What a handler raises to have its job tried again later; the reason is kept in the log."""
    return RetryRequested(dt.timedelta(seconds=after_seconds), reason)


async def run(
    pool: asyncpg.Pool,
    handlers: Mapping[str, Handler],
    chores: Mapping[str, tuple[str, Chore]],
    *,
    poll_seconds: float,
    at_once: int,
    can_listen: bool = True,
) -> None:
    """Work jobs off, so many at once, and chores at their times (cron, UTC), until cancelled.

    New jobs are noticed at once, by the database's notifications; a job to be tried again, and any
    job behind a transaction pooler, which carries none (`can_listen` is False there), within
    `poll_seconds`. A chore is done by one node. Raises asyncpg's errors, OSError and DeafError when
    the database, or only the connection that listens, goes away.
    """
    driver = _Driver(pool)
    manager = PgQueuer(driver, queries=_Queries(driver, *_BUILDERS))
    for name, handler in handlers.items():
        manager.entrypoint(name, accepts_context=False, on_failure="hold")(_job(handler))
    for name, (times, chore) in chores.items():
        manager.schedule(name, times, accepts_context=False)(_chore(chore))
    await manager.run(
        dequeue_timeout=dt.timedelta(seconds=poll_seconds),
        shutdown_on_listener_failure=can_listen,
        batch_size=min(_BATCH, at_once // 2),
        max_concurrent_tasks=at_once,
        heartbeat_timeout=_STALE,
    )


class _Queries(Queries):
    """Looks once for when the next job is due, where the library looks three times each time it
    found nothing to do: that was half of what a node costs that has nothing to do."""

    _due_in = dt.timedelta.max

    async def log_jobs(self, job_status: list[_Outcome]) -> None:
        """Only what was done is done with. What broke off, or could not be put back while the
        database was away, the library would forget or hold for ever: it stays picked, so that
        somebody has it once it is stale."""
        done = [outcome for outcome in job_status if outcome[1] == "successful"]
        if done:
            await super().log_jobs(done)

    async def eligible_queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """How many are due, as far as the library wants to know: none or some."""
        rows = await self.driver.fetch(_NEXT_DUE, entrypoints)
        due_in = rows[0]["due_in"]
        self._due_in = due_in if isinstance(due_in, dt.timedelta) else dt.timedelta.max
        return int(self._due_in <= dt.timedelta())

    async def next_deferred_eta(self, entrypoints: list[QueueEntrypoint]) -> dt.timedelta:  # noqa: ARG002
        """Of the same moment, and never None, with which the library would look a third time, for
        what came to be due between its first two looks: here there is but one."""
        return self._due_in


class _Driver(AsyncpgPoolDriver):
    """Tells nothing before it listens: the library's first probe of its own hearing may be quicker
    than its LISTEN, would be missed, and would end the work ten seconds later."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._listens = asyncio.Event()

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await super().add_listener(channel, callback)
        self._listens.set()

    async def notify(self, channel: str, payload: str) -> None:
        await self._listens.wait()
        await super().notify(channel, payload)


def _job(handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def handle(job: Job) -> None:
        await handler((job.payload or b"").decode(), job.attempts)

    return handle


def _chore(chore: Chore) -> Callable[[Schedule], Awaitable[None]]:
    async def handle(_: Schedule) -> None:
        await chore()

    return handle
