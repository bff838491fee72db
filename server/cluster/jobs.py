"""What a node works off by itself: durable jobs, and chores at their times.

A job that fails for any reason is tried again, later each time, and never given up; two nodes may
have the same job at once after one fell silent, so handlers act under locks on what rows say.
Knows no job's meaning: `server/work.py` lists them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from db.cluster import jobs
from db.cluster.jobs import Chore, Handler
from db.core.failures import DATABASE_ERRORS, is_away, is_cancelled, loggable
from server.core.errors import AwayError, NotYetError
from server.core.measures import JOB_SECONDS
from server.core.node import Node

log = structlog.get_logger(__name__)

D = TypeVar("D", bound=Node)
T = TypeVar("T")
RECONNECT_SECONDS = 1.0


class Work(msgspec.Struct, frozen=True):
    """Who looks at which kind of subject, and what is done when (cron, UTC; one node does it)."""

    handlers: dict[str, Handler]
    chores: dict[str, tuple[str, Chore]]


async def run(node: Node, work: Work) -> None:
    """Work for ever; while the database is away, wait for it."""
    settings = node.config.jobs
    while True:
        try:
            await jobs.run(
                node.pools.queue,
                work.handlers,
                work.chores,
                poll_seconds=settings.poll_seconds,
                can_listen=not node.config.database.pooled,
                at_once=settings.at_once,
            )
        except (*DATABASE_ERRORS, jobs.DeafError) as error:
            is_expected = isinstance(error, jobs.DeafError) or is_away(error)
            if is_cancelled() or not is_expected:
                raise
            log.error("jobs_unattended", error=type(error).__name__)
        await asyncio.sleep(RECONNECT_SECONDS)


def handler(deps: D, name: str, handle: Callable[[D, str], Awaitable[None]]) -> Handler:
    """Try the work on one subject; whatever goes wrong, have it tried again later."""

    async def attempt(subject: str, attempts: int) -> None:
        settings = deps.config.jobs
        pause = settings.first_retry_seconds * 2.0 ** min(attempts, 30)
        begun, outcome, reason = time.perf_counter(), "failed", ""
        try:
            await handle(deps, subject)
            outcome = "done"
        except NotYetError as error:
            reason, outcome = error.reason, "later"
            pause = pause if error.after_seconds is None else error.after_seconds
        except Exception as error:  # a fault in one job must stop no other, nor lose its own
            reason = type(error).__name__
            if is_away(error) or isinstance(error, AwayError):
                log.error("job_waits", job=name, attempts=attempts, error=reason)
            elif isinstance(error, DATABASE_ERRORS):  # whose message may hold what was written
                log.error("job_refused", job=name, attempts=attempts, error=reason)
            else:
                log.error("job_failed", job=name, attempts=attempts, exc_info=error)
        finally:
            JOB_SECONDS.labels(name, outcome).observe(time.perf_counter() - begun)
        if outcome == "done":
            return
        raise jobs.again(min(pause, settings.longest_retry_seconds), reason)

    return attempt


def chore(deps: T, name: str, work: Callable[[T], Awaitable[None]]) -> Chore:
    """Do the work once; whatever goes wrong is logged, and its next time comes."""

    async def do() -> None:
        try:
            await work(deps)
        except Exception as error:  # its next time comes
            kind = type(error).__name__
            log.error("chore_failed", chore=name, error=kind, exc_info=loggable(error))

    return do
