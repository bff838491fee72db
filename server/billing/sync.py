"""Makes our rows say what Stripe says of a customer: read afresh, decide, write, publish.

The turn on the customer comes before the reading, so an older reading can never overwrite a newer
one, and what was read decides alone: webhooks only say when to look. Reading holds no connection;
everything that is written is written in one transaction.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import structlog

from db.accounts.users import PlanRow
from db.billing import subscriptions
from db.billing.stripe_events import StripeEvent
from db.billing.subscriptions import (
    BillingRow,
    ChangeRow,
    NewChange,
    NewState,
    PriceRow,
)
from db.core.rows import Connection
from server.audit.acts import origin, provider
from server.audit.notes import note
from server.billing import audit
from server.billing.deps import BillingDeps
from server.billing.turns import Turn
from server.billing.wire import PlanChanged, PlanChanging, plan_event
from server.billing_rules import plans
from server.billing_rules.plans import (
    FREE,
    Current,
    Entitlement,
    Interval,
    Offer,
    Offers,
    Pending,
    PlanOption,
    Seen,
)
from server.core.errors import AppError
from server.core.events import of_plan
from server.core.times import next_month, utc
from server.core.transaction import Transaction
from server.usage.actions import emit_usage
from server.vendors.stripe.client import StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError, Subscription

log = structlog.get_logger(__name__)

# A change whose sending was not noted in this time was sent or never will be; Stripe knows which.
_UNSENT = dt.timedelta(minutes=15)
PlanEvent: TypeAlias = type[PlanChanged | PlanChanging]


class UnknownUserError(Exception):
    """A customer of nobody we know yet; the event waits."""


class Synced(msgspec.Struct, frozen=True):
    """What was found and written; `is_changed` when there was anything to publish."""

    customer: str
    row: BillingRow
    pending: ChangeRow | None
    current: Subscription | None
    entitlement: Entitlement
    is_changed: bool


class Reading(msgspec.Struct, frozen=True):
    """A customer's subscriptions as they were in a turn, by what was on offer; `former` is whose
    customer it was before it was deleted."""

    offers: Offers
    found: list[Subscription]
    former: uuid.UUID | None
    is_deleted: bool


async def sync(deps: BillingDeps, turn: Turn) -> Synced:
    """Bring one customer's rows up to date.

    Raises UnknownUserError, StripeAwayError, StripeRefusedError and BusyError; then nothing is
    written.
    """
    reading = await read(deps, turn)
    async with turn.transaction(deps) as tx:
        return await write(deps, tx, turn.customer, reading)


async def read(deps: BillingDeps, turn: Turn, events: Sequence[StripeEvent] = ()) -> Reading:
    """What Stripe says now. Raises StripeAwayError and StripeRefusedError."""
    if deps.stripe is None:
        raise AppError("billing_unavailable")
    async with deps.pools.as_service() as connection:
        former = await subscriptions.former_owner(connection, turn.customer)
        offers = offers_of(
            await subscriptions.plans(connection), await subscriptions.prices(connection)
        )
    is_deleted = any(event.type == "customer.deleted" for event in events)
    is_asked = former is None and not is_deleted
    found = await deps.stripe.subscriptions(turn.customer, offers) if is_asked else []
    return Reading(offers, found, former, is_deleted)


async def write(
    deps: BillingDeps,
    tx: Transaction,
    customer: str,
    reading: Reading,
    events: Sequence[StripeEvent] = (),
) -> Synced:
    """Make the rows say what was read, with a line of audit for each of `events`.

    Raises UnknownUserError; then nothing is written.
    """
    connection, now = tx.connection, tx.now
    if reading.former is not None:
        return await _former(connection, reading.former, customer, events)
    offers, found, is_deleted = reading.offers, reading.found, reading.is_deleted
    named = [one.user_id for one in found] + [audit.named_user(event) for event in events]
    user_id = await subscriptions.find_user(connection, customer, _uuids(named))
    before = None if user_id is None else await subscriptions.read(connection, user_id, lock=True)
    if user_id is None or before is None:
        raise UnknownUserError
    grace = dt.timedelta(days=deps.config.plans.past_due_grace_days)
    seen = [one.seen for one in found]
    state = plans.entitlement(seen, _current(before), offers, now, grace)
    for alert in state.alerts:
        log.error("billing_alert", alert=alert, user_id=str(user_id))
    current = next((one for one in found if one.seen.id == state.subscription), None)
    after = await _write(connection, customer, before, state, seen, now)
    kinds: list[PlanEvent] = [PlanChanged] if _differs(before, after) else []
    kinds += await _changes(connection, before, state, current, offers, now, events)
    await audit.write(connection, before, state, customer, events)
    if is_deleted:
        await subscriptions.forget_customer(connection, user_id, customer)
    row = await subscriptions.read(connection, user_id)
    if row is None:
        raise UnknownUserError
    pending = await subscriptions.pending_change(connection, user_id)
    about = of_plan(user_id)
    for kind in dict.fromkeys(kinds):
        tx.emit(plan_event(kind, row, pending), about)
    if _differs(before, after):
        _note(tx, before, after, events)
    if before.plan != after.plan:
        await emit_usage(tx, about, now)
    return Synced(customer, row, pending, current, state, is_changed=bool(kinds))


async def _former(
    connection: Connection, user_id: uuid.UUID, customer: str, events: Sequence[StripeEvent]
) -> Synced:
    """What comes late of a deleted customer is audited and changes nothing."""
    row = await subscriptions.read(connection, user_id, lock=True)
    if row is None:
        raise UnknownUserError
    state = Entitlement(plan=row.plan, status=row.status, interval=_interval(row.interval))
    await audit.write(connection, row, state, customer, events)
    pending = await subscriptions.pending_change(connection, user_id)
    return Synced(customer, row, pending, None, state, is_changed=False)


async def on_the_first(deps: BillingDeps, found: Synced, key: str) -> None:
    """See to it that a paid monthly subscription turns on the 1st, from the next one on.

    Nothing else depends on it: what does not succeed is left to the next daily comparison.
    """
    current, now = found.current, utc(deps.clock())
    if (
        deps.stripe is None
        or current is None
        or not plans.off_anchor(current.seen, found.entitlement.interval)
    ):
        return
    try:
        await deps.stripe.move_to_first(current, plans.month_start_after(now), f"{key}:first")
    except (StripeAwayError, StripeRefusedError) as error:
        log.warning("not_on_the_first", error=type(error).__name__)


def offers_of(rows: Sequence[PlanRow], prices: Sequence[PriceRow]) -> Offers:
    """What each price id buys, also those that are sold no more."""
    ranks = {row.id: rank for rank, row in enumerate(rows)}
    return {
        price.price_id: Offer(price.plan_id, price.billing_interval, ranks[price.plan_id])
        for price in prices
    }


def plan_option(rows: Sequence[PlanRow], plan: str, interval: Interval | None) -> PlanOption | None:
    """The plan as an option to choose; None if there is no such plan."""
    for rank, row in enumerate(rows):
        if row.id == plan:
            return PlanOption(plan, interval, rank)
    return None


def _uuids(named: Sequence[str | None]) -> list[uuid.UUID]:
    found = []
    for text in named:
        try:
            found.append(uuid.UUID(text or ""))
        except ValueError:
            continue  # not one of our users' ids, so nobody's
    return found


def _current(row: BillingRow) -> Current:
    return Current(
        plan=row.plan,
        interval=_interval(row.interval),
        subscription=row.stripe_subscription_id,
        past_due_since=row.past_due_since,
    )


def _interval(text: str | None) -> Interval | None:
    if text == "monthly":
        return "monthly"
    return "yearly" if text == "yearly" else None


async def _write(
    connection: Connection,
    customer: str,
    before: BillingRow,
    state: Entitlement,
    seen: Sequence[Seen],
    now: dt.datetime,
) -> NewState:
    this_month = now.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = NewState(
        plan=state.plan,
        status=state.status,
        interval=state.interval,
        period_start=state.period_start or this_month,
        period_end=state.period_end or next_month(now),
        stripe_customer_id=customer,
        stripe_subscription_id=state.subscription,
        past_due_since=state.past_due_since,
        entitled_until=state.entitled_until,
        ends_at=state.ends_at,
    )
    over = [(one.id, one.status) for one in seen if one.status in plans.OVER]
    await subscriptions.apply(
        connection, before.user_id, after, ended=over, listed=[one.id for one in seen]
    )
    return after


def _note(
    tx: Transaction, before: BillingRow, after: NewState, events: Sequence[StripeEvent]
) -> None:
    """Whoever asked for it here did it, else Stripe told us, else we found it by ourselves."""
    told = provider("stripe") if events and origin().actor is None else None
    names = ("plan", "status", "interval")
    data = {name: [getattr(before, name), getattr(after, name)] for name in names}
    note(tx, "plan.changed", by=told, user_id=before.user_id, subject="subscription", data=data)


def _differs(before: BillingRow, after: NewState) -> bool:
    same = ("plan", "status", "interval", "period_end", "ends_at", "past_due_since")
    return any(getattr(before, name) != getattr(after, name) for name in same)


async def _changes(
    connection: Connection,
    before: BillingRow,
    state: Entitlement,
    current: Subscription | None,
    offers: Offers,
    now: dt.datetime,
    events: Sequence[StripeEvent],
) -> list[PlanEvent]:
    """Settle the pending change, and write down those that were made elsewhere (the portal)."""
    pending = await subscriptions.pending_change(connection, before.user_id)
    seen = None if current is None else current.seen
    moved = (before.plan, before.interval) != (state.plan, state.interval)
    kinds: list[PlanEvent] = []
    if pending is not None:
        verdict = plans.resolve_change(_pending(pending, now), seen, state, offers)
        if verdict == "pending" and audit.closed_checkout(events, pending.checkout_session_id):
            verdict = "failed"
        if verdict == "pending":
            return []
        day = now.date() if verdict == "completed" else None
        await subscriptions.resolve_change(connection, pending.id, verdict, effective_date=day)
        kinds.append(PlanChanged)
        if verdict == "completed":
            moved = False
    if moved and (before.stripe_subscription_id or state.subscription):
        await subscriptions.insert_change(connection, _made_elsewhere(before, state, offers, now))
    coming = None if seen is None else _coming(before, state, seen, offers, now)
    if coming is not None:
        await subscriptions.insert_change(connection, coming)
        kinds.append(PlanChanging)
    return kinds


def _pending(row: ChangeRow, now: dt.datetime) -> Pending:
    return Pending(
        to_plan=row.to_plan_id,
        to_interval=_interval(row.to_interval),
        when="now" if row.takes_effect == "now" else "period_end",
        is_sent=row.is_sent or now - row.requested_at > _UNSENT,
        by_checkout=row.by_checkout,
    )


def _rank(plan: str, offers: Offers) -> int:
    return max((offer.rank for offer in offers.values() if offer.plan == plan), default=0)


def _made_elsewhere(
    before: BillingRow, state: Entitlement, offers: Offers, now: dt.datetime
) -> NewChange:
    step = _rank(state.plan, offers) - _rank(before.plan, offers)
    return NewChange(
        id=uuid.uuid4(),
        user_id=before.user_id,
        from_plan_id=before.plan,
        to_plan_id=state.plan,
        change_type="upgrade" if step > 0 else "downgrade" if step < 0 else "interval_change",
        effective_date=now.date(),
        stripe_subscription_id=state.subscription or before.stripe_subscription_id,
        to_interval=state.interval,
        takes_effect="now",
        requested_at=now,
        is_sent=True,
        status="completed",
        notes="not asked for here",
    )


def _coming(
    before: BillingRow, state: Entitlement, seen: Seen, offers: Offers, now: dt.datetime
) -> NewChange | None:
    """What Stripe is going to do at the period's end without our having asked."""
    offer = None if seen.next_price is None else offers.get(seen.next_price)
    if seen.ends_at is not None:
        plan, interval, day = FREE, None, seen.ends_at
    elif offer is not None and (offer.plan, offer.interval) != (state.plan, state.interval):
        plan, interval, day = offer.plan, offer.interval, seen.next_at or seen.period_end
    else:
        return None
    step = _rank(plan, offers) - _rank(state.plan, offers)
    return NewChange(
        id=uuid.uuid4(),
        user_id=before.user_id,
        from_plan_id=state.plan,
        to_plan_id=plan,
        change_type="upgrade" if step > 0 else "downgrade" if step < 0 else "interval_change",
        effective_date=day.date(),
        stripe_subscription_id=seen.id,
        to_interval=interval,
        takes_effect="period_end",
        requested_at=now,
        is_sent=True,
        notes="not asked for here",
    )
