"""What a node works off by itself: durable jobs, and chores at their times.

A job that fails for any reason is tried again, later each time, and never given up; two nodes may
have the same job at once after one fell silent, so handlers act under locks on what rows say.
Knows which work there is, not how it is done.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from db import jobs
from db.jobs import Chore, Handler
from server.actions import stripe_events
from server.clients.stripe_shapes import StripeAwayError
from server.deps import BillingDeps
from server.errors import NotYetError

log = structlog.get_logger(__name__)

LOG_DAYS = 7
RECONNECT_SECONDS = 1.0
AWAY = (
    OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, StripeAwayError,
)  # fmt: skip


async def run(deps: BillingDeps) -> None:
    """Work for ever; while the database is away, wait for it."""
    settings = deps.config.jobs
    while True:
        try:
            await jobs.run(
                deps.pools.queue,
                handlers(deps),
                chores(deps),
                poll_seconds=settings.poll_seconds,
                at_once=settings.at_once,
            )
        except AWAY as error:
            log.error("jobs_unattended", error=type(error).__name__)
        await asyncio.sleep(RECONNECT_SECONDS)


def handlers(deps: BillingDeps) -> dict[str, Handler]:
    """Who looks at which kind of subject."""
    found: dict[str, Callable[[BillingDeps, str], Awaitable[None]]] = {}
    if deps.stripe is not None:
        found[stripe_events.JOB] = stripe_events.attend
    return {
        name: functools.partial(_attempt, deps, name, handler) for name, handler in found.items()
    }


def chores(deps: BillingDeps) -> dict[str, tuple[str, Chore]]:
    """What is done when, as cron has it, in UTC; one node does it."""
    found: dict[str, tuple[str, Callable[[BillingDeps], Awaitable[None]]]] = {
        "housekeeping": ("41 4 * * *", _keep_house),
    }
    if deps.stripe is not None:
        hour, minute = deps.config.stripe.reconcile_at.split(":")
        found["graces"] = ("* * * * *", stripe_events.end_graces)
        found["reconcile"] = (f"{int(minute)} {int(hour)} * * *", _reconcile)
    return {
        name: (times, functools.partial(_do, deps, name, chore))
        for name, (times, chore) in found.items()
    }


async def _attempt(
    deps: BillingDeps,
    name: str,
    handler: Callable[[BillingDeps, str], Awaitable[None]],
    subject: str,
    attempts: int,
) -> None:
    try:
        await handler(deps, subject)
    except NotYetError as error:
        reason = error.reason
    except AWAY as error:
        reason = type(error).__name__
        log.error("job_waits", job=name, attempts=attempts, error=reason)
    except Exception as error:  # a fault in one job must stop no other, nor lose its own
        reason = type(error).__name__
        log.error("job_failed", job=name, attempts=attempts, exc_info=error)
    else:
        return
    settings = deps.config.jobs
    pause = settings.first_retry_seconds * 2.0 ** min(attempts, 30)
    raise jobs.again(min(pause, settings.longest_retry_seconds), reason)


async def _do(
    deps: BillingDeps, name: str, chore: Callable[[BillingDeps], Awaitable[None]]
) -> None:
    try:
        await chore(deps)
    except Exception as error:  # its next time comes
        log.error("chore_failed", chore=name, exc_info=error)


async def _keep_house(deps: BillingDeps) -> None:
    async with deps.pools.as_service() as connection:
        await jobs.forget(connection, older_than_days=LOG_DAYS)


async def _reconcile(deps: BillingDeps) -> None:
    done = await stripe_events.reconcile(deps)
    log.info("reconciled", customers=done.customers, repaired=done.repaired, failed=done.failed)
