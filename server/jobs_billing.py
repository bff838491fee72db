"""What a node does for billing on its own: Stripe's events, the end of a grace, the comparison.

Work is durable because it is rows: an event stays until it is done, whichever node does it. Knows
when to work, not how.
"""

import asyncio
import contextlib

import asyncpg
import structlog

from db import chores
from server.actions import stripe_events
from server.clients.stripe_shapes import StripeAwayError
from server.deps import BillingDeps

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.1  # events of one purchase come in a burst and share one look at Stripe
POLL_SECONDS = 1.0  # for events that another node took in, and for retries
GRACE_SECONDS = 60.0
AWAY = (
    OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, StripeAwayError,
)  # fmt: skip


async def run(deps: BillingDeps) -> None:
    """Work whenever something is due, for ever; what fails is made up later."""
    if deps.stripe is None:
        return
    while True:
        try:
            await beat(deps)
        except AWAY as error:
            log.error("billing_unattended", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await deps.stripe_due.wait()
        await asyncio.sleep(GATHER_SECONDS)  # the batching window


async def beat(deps: BillingDeps) -> None:
    """Everything that is due now."""
    deps.stripe_due.clear()
    while await stripe_events.work(deps):
        pass
    if await _is_ours(deps, "graces", GRACE_SECONDS):
        await stripe_events.end_graces(deps)
    if await _is_ours(deps, "reconcile", deps.config.stripe.reconcile_hours * 3600):
        done = await stripe_events.reconcile(deps)
        log.info("reconciled", customers=done.customers, repaired=done.repaired, failed=done.failed)


async def _is_ours(deps: BillingDeps, chore: str, every_seconds: float) -> bool:
    async with deps.pools.as_service() as connection:
        return await chores.claim(connection, chore, every_seconds=every_seconds)
