"""Stripe's webhooks: keep them, then work on them, each customer's together and one look for all.

An event that cannot be made sense of (an unknown price or status, a user we do not know, another
API version) grants nothing, raises an alert and stays until it can be: it is never dropped.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from db import billing, stripe_events
from db.stripe_events import StripeEvent
from server.actions import audit
from server.actions.sync import Synced, UnknownUserError, sync
from server.clients.stripe import API_VERSION, StripeBilling, StripeRefusedError
from server.clients.stripe_shapes import StripeAwayError
from server.deps import BillingDeps
from server.recorder import publish

log = structlog.get_logger(__name__)

BATCH = 50


class _Envelope(msgspec.Struct):
    id: str
    type: str
    created: int
    api_version: str | None = None


def read_event(payload: dict[str, Any]) -> StripeEvent:
    """An event as Stripe sends or lists it. Raises msgspec.ValidationError."""
    envelope = msgspec.convert(payload, _Envelope)
    return StripeEvent(
        event_id=envelope.id,
        type=envelope.type,
        api_version=envelope.api_version,
        created=dt.datetime.fromtimestamp(envelope.created, dt.UTC),
        customer_id=audit.customer_of(payload),
        payload=payload,
    )


async def keep(deps: BillingDeps, event: StripeEvent) -> bool:
    """Write an event down once, for the worker; True if it is new."""
    async with deps.pools.as_service() as connection:
        is_new = await stripe_events.record(connection, event)
    deps.stripe_due.set()
    return is_new


async def work(deps: BillingDeps) -> int:
    """Work on the events that are due; returns how many there were."""
    if deps.stripe is None:
        return 0
    settings = deps.config.stripe
    async with deps.pools.as_service() as connection:
        taken = await stripe_events.take(
            connection,
            limit=BATCH,
            first_retry_seconds=settings.first_retry_seconds,
            longest_retry_seconds=settings.longest_retry_seconds,
        )
    usable = [event for event in taken if event.api_version == API_VERSION]
    await _failed(deps, [event for event in taken if event not in usable], "api_version")
    for customer, events in (await _by_customer(deps, deps.stripe, usable)).items():
        await _settle(deps, customer, events)
    return len(taken)


async def _by_customer(
    deps: BillingDeps, stripe: StripeBilling, events: Sequence[StripeEvent]
) -> dict[str, list[StripeEvent]]:
    found: dict[str, list[StripeEvent]] = {}
    nobodys = []
    for event in events:
        try:
            customer = event.customer_id or await _charged(stripe, event)
        except (StripeAwayError, StripeRefusedError) as error:
            await _failed(deps, [event], type(error).__name__)
            continue
        if customer is None:
            nobodys.append(event.event_id)  # of a product or a price, say: nothing follows
        else:
            found.setdefault(customer, []).append(event)
    if nobodys:
        async with deps.pools.as_service() as connection:
            await stripe_events.finish(connection, nobodys)
    return found


async def _charged(stripe: StripeBilling, event: StripeEvent) -> str | None:
    """Refunds and disputes name a charge and no customer."""
    charge = audit.subject(event).get("charge")
    return await stripe.customer_of_charge(charge) if isinstance(charge, str) else None


async def _settle(deps: BillingDeps, customer: str, events: Sequence[StripeEvent]) -> None:
    """All of a customer's events in one transaction: state, audit, and that they are done."""
    ids = [event.event_id for event in events]
    try:
        async with deps.pools.as_service() as connection:
            synced = await sync(deps, connection, customer, events)
            if synced.standing.alerts:
                await stripe_events.fail(connection, ids, ",".join(synced.standing.alerts))
            else:
                await stripe_events.finish(connection, ids)
    except UnknownUserError:
        await _failed(deps, events, "unknown_user")
    except Exception as error:  # whatever it is, it must not stop the work on others
        log.error("customer_not_synced", exc_info=error)
        await _failed(deps, events, type(error).__name__)
    else:
        publish(deps.hub, synced.events)


async def _failed(deps: BillingDeps, events: Sequence[StripeEvent], error: str) -> None:
    if not events:
        return
    for event in events:
        log.error(
            "stripe_event_waits", event_id=event.event_id, type=event.type, error=error,
            attempts=event.attempts,
        )  # fmt: skip
    async with deps.pools.as_service() as connection:
        await stripe_events.fail(connection, [event.event_id for event in events], error)


class Reconciled(msgspec.Struct):
    """What a comparison with Stripe found."""

    customers: int = 0
    repaired: int = 0
    failed: int = 0
    fetched_events: int = 0


async def reconcile(deps: BillingDeps) -> Reconciled:
    """Fetch the events that never reached us, then compare every customer with Stripe.

    Raises StripeAwayError when the list of events cannot be had.
    """
    done = Reconciled()
    if deps.stripe is None:
        return done
    async for payload in deps.stripe.undelivered():
        done.fetched_events += await keep(deps, read_event(payload))
    while await work(deps):
        pass
    last = ""
    while True:
        async with deps.pools.as_service() as connection:
            batch = await billing.customers(connection, last, BATCH)
        if not batch:
            return done
        for customer in batch:
            await _compare(deps, customer, done)
        last = batch[-1]


async def _compare(deps: BillingDeps, customer: str, done: Reconciled) -> None:
    done.customers += 1
    synced = await refresh(deps, customer)
    done.failed += synced is None
    done.repaired += synced is not None and bool(synced.events)


async def refresh(deps: BillingDeps, customer: str) -> Synced | None:
    """Look at one customer without an event; None when that was not possible, which is logged."""
    try:
        async with deps.pools.as_service() as connection:
            synced = await sync(deps, connection, customer)
    except (UnknownUserError, StripeAwayError, StripeRefusedError) as error:
        log.error("customer_not_compared", error=type(error).__name__)
        return None
    publish(deps.hub, synced.events)
    return synced


async def end_graces(deps: BillingDeps) -> int:
    """Put those on the free plan whose grace is over; their limits are that plan's already."""
    async with deps.pools.as_service() as connection:
        over = await billing.grace_over(connection, BATCH)
    for customer in over:
        await refresh(deps, customer)
    return len(over)
