"""What people can do with their plan: see it, see what a change costs, change, cancel, resume, pay.

Every change is written down before Stripe hears of it, so that its idempotency key is a row of
ours and a crash in between is mended by asking again. What counts afterwards is not the answer to
the change but a fresh reading of the subscription. The latest request replaces a pending one.
"""

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

import msgspec
import structlog
from msgspec import Meta

from db.accounts.users import PlanRow
from db.billing import subscriptions
from db.billing.subscriptions import ChangeRow, NewChange
from server.audit.notes import note
from server.billing.deps import BillingDeps
from server.billing.sync import Synced, on_the_first, plan_option, sync, write
from server.billing.sync import read as read_stripe
from server.billing.turns import BusyError, Turn
from server.billing.wire import PlanChanging, SubscriptionOut, plan_event, subscription_out
from server.billing_rules import plans
from server.billing_rules.plans import FREE, Change, PlanOption, Seen
from server.core.errors import AppError
from server.core.events import of_plan
from server.core.identity.auth import Identity
from server.core.times import utc
from server.core.transaction import Transaction
from server.vendors.stripe.client import StripeBilling, StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError, Subscription

log = structlog.get_logger(__name__)

Act = Callable[[Subscription, str], Awaitable[None]]
QUOTE_SECONDS = 900
AWAY = (StripeAwayError, BusyError)  # no answer in time: only a look can show what happened


class PlanAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan somebody wants; `quoted_at` of a preview makes the change cost what it said."""

    plan: Annotated[str, Meta(examples=["pro"], extra_json_schema={"pattern": "^[a-z0-9_]{1,40}$"})]
    interval: Annotated[Literal["monthly", "yearly"], Meta(examples=["monthly"])] = "monthly"
    quoted_at: Annotated[int, Meta(ge=0)] | None = None


class Changed(msgspec.Struct, frozen=True):
    """The plan after a request; `pay_url` is where a change waits for its payment."""

    subscription: SubscriptionOut
    pay_url: str | None = None


def stripe_of(deps: BillingDeps) -> StripeBilling:
    if deps.stripe is None:
        raise AppError("billing_unavailable", "This server has no payment account.")
    return deps.stripe


async def read(deps: BillingDeps, who: Identity) -> SubscriptionOut:
    """The asker's plan, by our rows. Raises AppError("not_found")."""
    async with deps.pools.as_service() as connection:
        row = await subscriptions.read(connection, who.user_id)
        pending = await subscriptions.pending_change(connection, who.user_id)
    if row is None:
        raise AppError("not_found")
    return subscription_out(row, pending)


async def change(deps: BillingDeps, who: Identity, request: PlanAsk) -> Changed:
    """Change a paid plan: up at once, against payment; down at the period's end.

    Raises AppError: bad_request, checkout_required, wrong_state, payment_refused,
    billing_unavailable.
    """
    if request.plan == FREE:
        return await cancel(deps, who)
    async with deps.pools.as_service() as connection:
        wanted_price(await subscriptions.plans(connection), request)  # before what the asker has
    stripe, now = stripe_of(deps), utc(deps.clock())

    def planned(rows: list[PlanRow], found: Synced) -> tuple[PlanOption, Change, Act]:
        wanted, price = wanted_price(rows, request)
        decided = change_to(rows, found, wanted)
        if found.entitlement.status not in plans.PAID or found.current is None:
            raise AppError("payment_refused", "Pay what is open in the portal first.")
        at = proration_date(
            found.current, now, request.quoted_at if decided.when == "now" else None
        )

        async def act(current: Subscription, key: str) -> None:
            current = await _cleared(stripe, current, key)
            if decided.when == "now":
                await stripe.change_price(current, price, at, key)
            else:
                await stripe.change_price_later(current, price, request.interval, key)

        return wanted, decided, act

    return await _perform(deps, who, planned)


async def cancel(deps: BillingDeps, who: Identity) -> Changed:
    """Let the plan end with its period; it can be resumed until then. Raises as `change` does."""
    stripe = stripe_of(deps)

    def planned(rows: list[PlanRow], found: Synced) -> tuple[PlanOption, Change, Act]:  # noqa: ARG001
        if found.row.ends_at is not None:
            raise AppError("wrong_state", "It is cancelled already and ends with its period.")

        async def act(current: Subscription, key: str) -> None:
            await _cleared(stripe, current, key)
            await stripe.end_later(current.seen.id, key)

        return PlanOption(FREE, None, 0), Change("downgrade", "period_end"), act

    return await _perform(deps, who, planned)


async def resume(deps: BillingDeps, who: Identity) -> Changed:
    """Take a cancellation or a change at the period's end back. Raises as `change` does."""
    stripe, found = stripe_of(deps), await _subscribed(deps, who)
    pending = found.pending
    name = f"resume:{pending.id if pending else deps.clock()}"
    try:
        async with deps.turns.of(deps, found.customer) as turn:
            current = (await sync(deps, turn)).current
            if current is None or not _is_turning(current.seen, pending):
                raise AppError("wrong_state", "Nothing is going to change at the period's end.")
            await _freed(stripe, current, name)
            again = await _looked_again(deps, turn, None if pending is None else pending.id)
            await on_the_first(deps, again, name)
    except (*AWAY, StripeRefusedError) as error:
        raise translated(error) from error
    return _changed(again)


def _is_turning(seen: Seen, pending: ChangeRow | None) -> bool:
    """Whether something is going to change at the period's end, or was to."""
    is_asked = pending is not None and pending.takes_effect == "period_end"
    return seen.ends_at is not None or seen.next_price is not None or is_asked


Planned = Callable[[list[PlanRow], Synced], tuple[PlanOption, Change, Act]]


async def _perform(deps: BillingDeps, who: Identity, planned: Planned) -> Changed:
    """Write the request down and commit; then, in a turn, act and read what came of it."""
    found = await _subscribed(deps, who)
    async with deps.transaction() as tx:
        wanted, decided, act = planned(await subscriptions.plans(tx.connection), found)
        new = new_change(found, wanted, decided, tx.now)
        await replace_pending(tx, found, new)
    try:
        after = await _act(deps, found.customer, new.id, act)
    except StripeRefusedError as error:
        async with deps.pools.as_service() as connection:
            await subscriptions.resolve_change(connection, new.id, "failed", notes=error.code)
        raise translated(error) from error
    except AWAY as error:  # it may have happened all the same: only a look can show
        after = await look(deps, found.customer)
        if after.pending is not None and after.pending.id == new.id:
            raise translated(error) from error
    return _changed(after)


async def _act(deps: BillingDeps, customer: str, change_id: uuid.UUID, act: Act) -> Synced:
    async with deps.turns.of(deps, customer) as turn:
        before = await sync(deps, turn)
        if before.current is None or before.pending is None or before.pending.id != change_id:
            raise AppError("wrong_state", "Another change came in between.")
        await act(before.current, f"planchange:{change_id}")
        after = await _looked_again(deps, turn, change_id)
        await on_the_first(deps, after, f"planchange:{change_id}")
    return after


async def _looked_again(deps: BillingDeps, turn: Turn, sent: uuid.UUID | None) -> Synced:
    """What came of what Stripe was just asked for; the change that asked for it is marked so."""
    reading = await read_stripe(deps, turn)
    async with turn.transaction(deps) as tx:
        if sent is not None:
            await subscriptions.mark_sent(tx.connection, sent)
        return await write(deps, tx, turn.customer, reading)


async def look(deps: BillingDeps, customer: str) -> Synced:
    """Bring our rows up to date, whatever is decided after it.

    Raises AppError: payment_refused, billing_unavailable.
    """
    try:
        async with deps.turns.of(deps, customer) as turn:
            return await sync(deps, turn)
    except (*AWAY, StripeRefusedError) as error:
        raise translated(error) from error


async def _subscribed(deps: BillingDeps, who: Identity) -> Synced:
    """The asker's subscription as it is now. Raises AppError("checkout_required") and as `look`."""
    async with deps.pools.as_service() as connection:
        row = await subscriptions.read(connection, who.user_id)
    if row is None or row.stripe_customer_id is None:
        raise AppError("checkout_required")
    found = await look(deps, row.stripe_customer_id)
    if found.current is None:
        raise AppError("checkout_required")
    return found


def wanted_price(rows: list[PlanRow], request: PlanAsk) -> tuple[PlanOption, str]:
    """The plan asked for and its price id. Raises AppError: bad_request, billing_unavailable."""
    row = next((row for row in rows if row.id == request.plan and row.is_active), None)
    wanted = plan_option(rows, request.plan, request.interval)
    if row is None or wanted is None or row.id == FREE:
        raise AppError("bad_request", "`plan` must be a paid plan of GET /v1/plans.")
    monthly = request.interval == "monthly"
    price = row.stripe_price_id_monthly if monthly else row.stripe_price_id_yearly
    if price is None:
        raise AppError("billing_unavailable", "This plan has no price; run `talking plans sync`.")
    return wanted, price


def change_to(rows: list[PlanRow], found: Synced, wanted: PlanOption) -> Change:
    """What kind of change it is. Raises AppError("wrong_state") when it is none."""
    entitled = found.entitlement
    current = plan_option(rows, entitled.plan, entitled.interval) or PlanOption(FREE, None, 0)
    change = plans.classify(current, wanted)
    if change is None:
        raise AppError("wrong_state", "That is the plan you have.")
    return change


def proration_date(current: Subscription, now: dt.datetime, quoted_at: int | None) -> int:
    """The second a change is computed for: the quote's while it is fresh, else this one.

    Stripe takes none outside the period. Raises AppError("wrong_state") for a stale quote.
    """
    seconds = int(now.timestamp())
    start, end = (
        int(at.timestamp()) for at in (current.seen.period_start, current.seen.period_end)
    )
    this = min(max(seconds, start), end - 1)
    if quoted_at is None:
        return this
    if not this - QUOTE_SECONDS <= quoted_at <= this or quoted_at < start:
        raise AppError("wrong_state", "The preview is too old; ask for a new one.")
    return quoted_at


async def _cleared(stripe: StripeBilling, current: Subscription, key: str) -> Subscription:
    """The subscription without any earlier change, not even one that waits for its payment."""
    if current.waiting_invoice is not None:
        await stripe.give_up(current.waiting_invoice, key)
    return await _freed(stripe, current, key)


async def _freed(stripe: StripeBilling, current: Subscription, key: str) -> Subscription:
    """The subscription with nothing planned for it: no schedule owns it and it goes on."""
    if current.seen.schedule is not None:
        await stripe.release(current.seen.schedule, key)
    if current.seen.ends_at is not None:
        await stripe.keep(current.seen.id, f"{key}:keep")
    seen = msgspec.structs.replace(current.seen, schedule=None, ends_at=None)
    return msgspec.structs.replace(current, seen=seen)


def new_change(
    found: Synced,
    wanted: PlanOption,
    decided: Change,
    now: dt.datetime,
    *,
    by_checkout: bool = False,
) -> NewChange:
    current = found.current
    later = decided.when == "period_end" and current is not None
    return NewChange(
        id=uuid.uuid4(),
        user_id=found.row.user_id,
        from_plan_id=found.entitlement.plan,
        to_plan_id=wanted.plan,
        change_type=decided.kind,
        effective_date=current.seen.period_end.date() if later and current is not None else None,
        stripe_subscription_id=None if current is None else current.seen.id,
        to_interval=wanted.interval,
        takes_effect=decided.when,
        requested_at=now,
        by_checkout=by_checkout,
    )


async def replace_pending(tx: Transaction, found: Synced, new: NewChange) -> None:
    """Put the new change in the place of a pending one, and publish it.

    Raises AppError("wrong_state") when another one was quicker.
    """
    if found.pending is not None:
        await subscriptions.resolve_change(
            tx.connection, found.pending.id, "cancelled", notes="replaced"
        )
    if not await subscriptions.insert_change(tx.connection, new):
        raise AppError("wrong_state", "Another change came in between.")
    data = {"from": new.from_plan_id, "to": new.to_plan_id, "interval": new.to_interval}
    note(tx, "plan.requested", user_id=new.user_id, subject=f"plan_change:{new.id}", data=data)
    pending: ChangeRow | None = await subscriptions.pending_change(tx.connection, new.user_id)
    tx.emit(plan_event(PlanChanging, found.row, pending), of_plan(new.user_id))


def _changed(after: Synced) -> Changed:
    current = after.current
    waits = current is not None and current.seen.is_updating
    pay_url = current.pay_url if waits and current is not None else None
    return Changed(subscription_out(after.row, after.pending), pay_url)


def translated(error: Exception) -> AppError:
    if isinstance(error, StripeRefusedError):
        log.warning("stripe_refused", code=error.code)
        return AppError("payment_refused", reason=error.code)
    return AppError("billing_unavailable")
