"""Stripe's webhooks: keep them, then work on them, each customer's together and one look for all.

An event that cannot be made sense of (an unknown price or status, a user we do not know, another
API) grants nothing, raises an alert and stays until it can be: it is never dropped. One of nobody
we know, as of an account that other products share, is set aside after days and shown.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

import msgspec
import structlog
from msgspec import Meta

from db.billing import stripe_events, subscriptions
from db.billing.stripe_events import StripeEvent
from db.core.failures import loggable
from server.billing import audit
from server.billing.deps import BillingDeps
from server.billing.sync import Synced, UnknownUserError, on_the_first, read, sync, write
from server.billing.turns import BusyError, Turn
from server.core.errors import NotYetError
from server.core.times import utc
from server.vendors.stripe.client import API_VERSION, StripeBilling, StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError

log = structlog.get_logger(__name__)

JOB = "stripe_event"
BATCH = 50
_DAY_SECONDS = 86_400.0
GATHER_SECONDS = 0.1  # events of one purchase come in a burst and share one look at Stripe


_Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
_Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799)]  # to the end of 9999


class _Envelope(msgspec.Struct):
    """Of a snapshot of an object, made at a second, or of a thin event, which has a time in words
    (docs.stripe.com/event-destinations)."""

    id: _Name
    type: _Name
    created: _Seconds | Annotated[dt.datetime, Meta(tz=True)]
    api_version: _Name | None = None


def read_event(payload: dict[str, Any]) -> StripeEvent:
    """An event as Stripe sends or lists it. Raises msgspec.ValidationError."""
    envelope = msgspec.convert(payload, _Envelope)
    created = envelope.created
    return StripeEvent(
        event_id=envelope.id,
        type=envelope.type,
        api_version=envelope.api_version,
        created=dt.datetime.fromtimestamp(created, dt.UTC) if isinstance(created, int) else created,
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


async def attend(deps: BillingDeps, event_id: str, *, is_forced: bool = False) -> None:
    """Work on an event, together with all others that wait for the same customer.

    Those that wait for the same thing are looked at once a round, by whichever job comes first
    when it is time, or at once when it `is_forced`. Raises NotYetError for what cannot be done
    yet, and StripeAwayError.
    """
    async with deps.pools.as_service() as connection:
        event = await stripe_events.unfinished(connection, event_id)
    if event is None or deps.stripe is None:
        return
    if not is_forced and _put_off(deps, event):
        return
    try:
        customer = event.customer_id or await _charged(deps.stripe, event)
    except StripeRefusedError as refused:  # as of a charge that the account does not have
        await _failed(deps, [event], refused.code)
        raise NotYetError(refused.code, _pause(deps, [event])) from refused
    if customer is None:
        async with deps.pools.as_service() as connection:
            await stripe_events.finish(connection, [event_id])
        return
    try:
        async with deps.turns.of(deps, customer, for_someone=False) as turn:
            async with deps.pools.as_service() as connection:
                event = await stripe_events.unfinished(connection, event_id)
            if event is None or (not is_forced and _put_off(deps, event)):
                return  # another job of the same burst was here before
            await _settle(deps, event, turn)
    except BusyError as error:
        raise NotYetError(str(error)) from error


def _put_off(deps: BillingDeps, event: StripeEvent) -> bool:
    """Whether the event is nobody's any more. Raises NotYetError until its next time comes."""
    left = 0.0 if event.retry_at is None else event.retry_at.timestamp() - deps.clock()
    if event.set_aside_at is None and left > 0:
        raise NotYetError("waits", left)
    return event.set_aside_at is not None


async def _charged(stripe: StripeBilling, event: StripeEvent) -> str | None:
    """Refunds and disputes name a charge and no customer."""
    charge = audit.subject(event).get("charge")
    return await stripe.customer_of_charge(charge) if isinstance(charge, str) else None


async def _settle(deps: BillingDeps, event: StripeEvent, turn: Turn) -> None:
    """All of a customer's events in one transaction: state, audit, and that they are done."""
    async with deps.pools.as_service() as connection:
        if event.customer_id is None:
            await stripe_events.name_customer(connection, event.event_id, turn.customer)
        waiting = await stripe_events.of_customer(connection, turn.customer, BATCH)
    events = [one for one in waiting if is_readable(one.api_version)]
    others = [one for one in waiting if one not in events]
    if others:
        await _failed(deps, others, "api_version")
    if not is_readable(event.api_version):
        raise NotYetError("api_version", _pause(deps, others))
    ids, error = [one.event_id for one in events], ""
    try:
        reading = await read(deps, turn, events)
        async with turn.transaction(deps) as tx:
            synced = await write(deps, tx, turn.customer, reading, events)
            error = ",".join(synced.entitlement.alerts)
            if error:
                again = tx.now + dt.timedelta(seconds=_pause(deps, events))
                await stripe_events.fail(tx.connection, ids, error, again)
            else:
                await stripe_events.finish(tx.connection, ids)
    except UnknownUserError:
        error = "unknown_user"
        await _failed(deps, events, error)
    except StripeRefusedError as refused:
        error = refused.code
        await _failed(deps, events, error)
    except Exception as fault:  # whatever it is, it stays to be seen on the event
        async with deps.pools.as_service() as connection:
            await stripe_events.fail(connection, ids, type(fault).__name__)
        raise
    if error:
        raise NotYetError(error, _pause(deps, events))
    if len(waiting) == BATCH and event.event_id not in ids:
        raise NotYetError("more")  # its turn comes


def is_readable(api_version: str | None) -> bool:
    """Whether an event is of our API's release train, or says nothing of it: months of one train
    only add to it, and what decides is read afresh (docs.stripe.com/api/versioning)."""
    return api_version is None or api_version.partition(".")[2] == API_VERSION.partition(".")[2]


def _pause(deps: BillingDeps, events: Sequence[StripeEvent]) -> float:
    """In how many seconds what could not be done is looked at again: later each time."""
    settings, attempts = deps.config.jobs, max(one.attempts for one in events)
    pause = settings.first_retry_seconds * 2.0 ** min(attempts, 30)
    return min(pause, settings.longest_retry_seconds)


async def attend_all(deps: BillingDeps) -> int:
    """Look once at each event that is not done, whenever its job is due; how many there were."""
    async with deps.pools.as_service() as connection:
        found = await stripe_events.all_unfinished(connection)
    waiting: set[str] = set()  # customers for whom nothing can be done now
    for event_id, customer in found:
        if customer in waiting:
            continue
        try:
            await attend(deps, event_id, is_forced=True)
        except NotYetError as error:  # its job will try again
            if customer is not None and error.reason == "unknown_user":
                waiting.add(customer)
        except Exception as error:  # one event must not stop the work on others
            kind = type(error).__name__
            log.error("event_unattended", error=kind, exc_info=loggable(error))
    return len(found)


async def _failed(deps: BillingDeps, events: Sequence[StripeEvent], error: str) -> None:
    """Put off what cannot be done, and after days leave it to an administrator; each told once."""
    ids = [one.event_id for one in events]
    again = utc(deps.clock() + _pause(deps, events))
    patience = deps.config.stripe.set_aside_after_days * _DAY_SECONDS
    async with deps.pools.as_service() as connection:
        await stripe_events.fail(connection, ids, error, again)
        is_aside = await stripe_events.set_aside(connection, ids, patience)
    new = [one.event_id for one in events if one.attempts == 0]
    if new:
        log.error("stripe_events_wait", first=new[0], count=len(new), error=error)
    if is_aside:
        log.error("stripe_events_set_aside", first=ids[0], error=error)


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
            batch = await subscriptions.customers(connection, last, BATCH)
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
        async with deps.turns.of(deps, customer, for_someone=False) as turn:
            synced = await sync(deps, turn)
            await on_the_first(deps, synced, f"compare:{customer}:{int(deps.clock())}")
    except (UnknownUserError, StripeAwayError, StripeRefusedError, BusyError) as error:
        log.error("customer_not_compared", error=type(error).__name__)
        return None
    return synced


async def end_graces(deps: BillingDeps) -> None:
    """Put those on the free plan whose grace is over; their limits are that plan's already."""
    async with deps.pools.as_service() as connection:
        over = await subscriptions.grace_over(connection, BATCH)
    for customer in over:
        await refresh(deps, customer)
