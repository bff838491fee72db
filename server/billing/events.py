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
from db.core.failures import loggable
from db.stripe_events import StripeEvent
from server.billing import audit
from server.billing.deps import BillingDeps
from server.billing.sync import Synced, UnknownUserError, on_the_first, sync
from server.core.errors import NotYetError
from server.vendors.stripe.client import API_VERSION, StripeBilling, StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError

log = structlog.get_logger(__name__)

JOB = "stripe_event"
BATCH = 50
GATHER_SECONDS = 0.1  # events of one purchase come in a burst and share one look at Stripe


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
    """Write an event down once, with the job to look at it; True if it is new."""
    async with deps.transaction() as tx:
        is_new = await stripe_events.record(tx.connection, event)
        if is_new:
            tx.enqueue(JOB, event.event_id, after_seconds=GATHER_SECONDS)
    return is_new


async def attend(deps: BillingDeps, event_id: str) -> None:
    """Work on an event, together with all others that wait for the same customer.

    Raises NotYetError for what cannot be done yet, and StripeAwayError.
    """
    async with deps.pools.as_service() as connection:
        event = await stripe_events.unfinished(connection, event_id)
    if event is None or deps.stripe is None:
        return
    customer = event.customer_id or await _charged(deps.stripe, event)
    if customer is None:
        async with deps.pools.as_service() as connection:
            await stripe_events.finish(connection, [event_id])
        return
    async with deps.locks.of(customer):  # those who wait hold no connection
        await _settle(deps, event, customer)


async def _charged(stripe: StripeBilling, event: StripeEvent) -> str | None:
    """Refunds and disputes name a charge and no customer."""
    charge = audit.subject(event).get("charge")
    return await stripe.customer_of_charge(charge) if isinstance(charge, str) else None


async def _settle(deps: BillingDeps, event: StripeEvent, customer: str) -> None:
    """All of a customer's events in one transaction: state, audit, and that they are done."""
    async with deps.pools.as_service() as connection:
        if event.customer_id is None:
            await stripe_events.name_customer(connection, event.event_id, customer)
        waiting = await stripe_events.of_customer(connection, customer, BATCH)
    events = [one for one in waiting if one.api_version == API_VERSION]
    await _failed(deps, [one for one in waiting if one not in events], "api_version")
    if event.api_version != API_VERSION:
        raise NotYetError("api_version")
    if not events:
        return  # another job of the same burst was here before
    ids, error = [one.event_id for one in events], ""
    try:
        async with deps.transaction() as tx:
            error = ",".join((await sync(deps, tx, customer, events)).entitlement.alerts)
            if error:
                await stripe_events.fail(tx.connection, ids, error)
            else:
                await stripe_events.finish(tx.connection, ids)
    except UnknownUserError:
        error = "unknown_user"
        await _failed(deps, events, error)
    except Exception as fault:  # whatever it is, it stays to be seen on the event
        await _failed(deps, events, type(fault).__name__)
        raise
    if error:
        raise NotYetError(error)
    if len(waiting) == BATCH and event.event_id not in ids:
        raise NotYetError("more")  # its turn comes


async def attend_all(deps: BillingDeps) -> int:
    """Look once at each event that is not done, whenever its job is due; how many there were."""
    async with deps.pools.as_service() as connection:
        ids = await stripe_events.all_unfinished(connection)
    for event_id in ids:
        try:
            await attend(deps, event_id)
        except NotYetError:
            continue  # its job will try again
        except Exception as error:  # one event must not stop the work on others
            kind = type(error).__name__
            log.error("event_unattended", error=kind, exc_info=loggable(error))
    return len(ids)


async def _failed(deps: BillingDeps, events: Sequence[StripeEvent], error: str) -> None:
    if not events:
        return
    for event in events:
        log.error(
            "stripe_event_waits", event_id=event.event_id, type=event.type, error=error,
            attempts=event.attempts + 1,
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
    await attend_all(deps)
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
    done.repaired += synced is not None and synced.is_changed


async def refresh(deps: BillingDeps, customer: str) -> Synced | None:
    """Look at one customer without an event; None when that was not possible, which is logged."""
    try:
        async with deps.transaction() as tx:
            synced = await sync(deps, tx, customer)
            await on_the_first(deps, synced, f"compare:{customer}:{int(deps.clock())}")
    except (UnknownUserError, StripeAwayError, StripeRefusedError) as error:
        log.error("customer_not_compared", error=type(error).__name__)
        return None
    return synced


async def end_graces(deps: BillingDeps) -> None:
    """Put those on the free plan whose grace is over; their limits are that plan's already."""
    async with deps.pools.as_service() as connection:
        over = await billing.grace_over(connection, BATCH)
    for customer in over:
        await refresh(deps, customer)
