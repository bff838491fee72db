"""What a node works off by itself: durable jobs, and chores at their times.

A job that fails for any reason is tried again, later each time, and never given up; two nodes may
have the same job at once after one fell silent, so handlers act under locks on what rows say.
Knows which work there is, not how it is done.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from db import contacts, event_streams, idempotency, inbox, jobs, nodes, tokens
from db.failures import DATABASE_ERRORS, is_away
from db.jobs import Chore, Handler
from server import followup
from server.billing import events as billing_events
from server.calls.recorder import AFTER_CALL
from server.cluster.supervision import is_cancelled
from server.core.errors import NotYetError
from server.deps import BillingDeps, Deps
from server.emails import delivery as emails_delivery
from server.emails import store as emails_store
from server.texts import delivery as texts_delivery
from server.texts import replies
from server.texts import store as texts_store
from server.vendors.stripe.shapes import StripeAwayError

log = structlog.get_logger(__name__)

D = TypeVar("D", bound=BillingDeps)
LOG_DAYS = 7
EVENT_HOURS = 72
NODE_HOURS = 72
INBOX_DAYS = 30  # the longest any provider tries is three days
RECONNECT_SECONDS = 1.0


class Work(msgspec.Struct, frozen=True):
    """Who looks at which kind of subject, and what is done when (cron, UTC; one node does it)."""

    handlers: dict[str, Handler]
    chores: dict[str, tuple[str, Chore]]


async def run(deps: BillingDeps, work: Work) -> None:
    """Work for ever; while the database is away, wait for it."""
    settings = deps.config.jobs
    while True:
        try:
            await jobs.run(
                deps.pools.queue,
                work.handlers,
                work.chores,
                poll_seconds=settings.poll_seconds,
                can_listen=not deps.config.database.pooled,
                at_once=settings.at_once,
            )
        except (*DATABASE_ERRORS, jobs.DeafError) as error:
            is_expected = isinstance(error, jobs.DeafError) or is_away(error)
            if is_cancelled() or not is_expected:
                raise
            log.error("jobs_unattended", error=type(error).__name__)
        await asyncio.sleep(RECONNECT_SECONDS)


def all_work(deps: Deps) -> Work:
    """Everything a node does by itself."""
    billing = billing_work(deps)
    return Work(
        handlers=billing.handlers
        | {
            texts_store.OPEN: _handler(deps, texts_store.OPEN, replies.begin),
            texts_store.REPLY: _handler(deps, texts_store.REPLY, replies.reply),
            texts_store.SEND: _handler(deps, texts_store.SEND, texts_delivery.send),
            emails_store.WRITE: _handler(deps, emails_store.WRITE, emails_delivery.write),
            emails_store.SEND: _handler(deps, emails_store.SEND, emails_delivery.send),
            AFTER_CALL: _handler(deps, AFTER_CALL, followup.after_call),
        },
        chores=billing.chores
        | {
            "housekeeping": ("41 4 * * *", _chore(deps, "housekeeping", _keep_house)),
            "idle": ("* * * * *", _chore(deps, "idle", replies.end_idle)),
        },
    )


def billing_work(deps: BillingDeps) -> Work:
    """What Stripe gives to do; nothing where nothing can be bought."""
    if deps.stripe is None:
        return Work({}, {})
    hour, minute = deps.config.stripe.reconcile_at.split(":")
    daily = f"{int(minute)} {int(hour)} * * *"
    return Work(
        handlers={billing_events.JOB: _handler(deps, billing_events.JOB, billing_events.attend)},
        chores={
            "graces": ("* * * * *", _chore(deps, "graces", billing_events.end_graces)),
            "reconcile": (daily, _chore(deps, "reconcile", _reconcile)),
        },
    )


def _handler(deps: D, name: str, handle: Callable[[D, str], Awaitable[None]]) -> Handler:
    """Try the work on one subject; whatever goes wrong, have it tried again later."""

    async def attempt(subject: str, attempts: int) -> None:
        try:
            await handle(deps, subject)
        except NotYetError as error:
            reason = error.reason
        except Exception as error:  # a fault in one job must stop no other, nor lose its own
            reason = type(error).__name__
            if is_away(error) or isinstance(error, StripeAwayError):
                log.error("job_waits", job=name, attempts=attempts, error=reason)
            elif isinstance(error, DATABASE_ERRORS):  # whose message may hold what was written
                log.error("job_refused", job=name, attempts=attempts, error=reason)
            else:
                log.error("job_failed", job=name, attempts=attempts, exc_info=error)
        else:
            return
        settings = deps.config.jobs
        pause = settings.first_retry_seconds * 2.0 ** min(attempts, 30)
        raise jobs.again(min(pause, settings.longest_retry_seconds), reason)

    return attempt


def _chore(deps: D, name: str, work: Callable[[D], Awaitable[None]]) -> Chore:
    async def do() -> None:
        try:
            await work(deps)
        except Exception as error:  # its next time comes
            log.error("chore_failed", chore=name, exc_info=error)

    return do


async def _keep_house(deps: BillingDeps) -> None:
    async with deps.pools.as_service() as connection:
        await jobs.forget(connection, older_than_days=LOG_DAYS)
        await inbox.forget(connection, older_than_days=INBOX_DAYS)
        await idempotency.purge(connection)
        await tokens.purge(connection)
        await contacts.forget_pace(connection)
        await nodes.forget(connection, older_than_hours=NODE_HOURS)
        keep = deps.config.limits.live_replay_events
        await event_streams.forget(connection, older_than_hours=EVENT_HOURS, keep=keep)


async def _reconcile(deps: BillingDeps) -> None:
    done = await billing_events.reconcile(deps)
    log.info("reconciled", customers=done.customers, repaired=done.repaired, failed=done.failed)
