"""How somebody comes to a plan: what it would cost, the page to pay on, the page for cards.

Nothing is granted here, nor on the way back from a payment page: the plan is there when Stripe
says that it is paid.
"""

import contextlib

import msgspec

from db.billing import subscriptions
from server.billing.actions import (
    PlanAsk,
    change_to,
    look,
    new_change,
    proration_date,
    replace_pending,
    stripe_of,
    translated,
    wanted_price,
)
from server.billing.deps import BillingDeps
from server.billing.turns import BusyError
from server.billing_rules.plans import Change, major, month_start_after
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.times import rfc3339, utc
from server.vendors.stripe.client import Quote, StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError

_NO_ANSWER = (StripeAwayError, StripeRefusedError, BusyError)


class PlanPreview(msgspec.Struct, frozen=True):
    """What a change would do. `amount_due` is what is charged now, as a decimal number."""

    plan: str
    interval: str
    change_type: str
    takes_effect: str
    effective_at: str
    amount_due: str
    amount_due_minor: int
    currency: str
    quoted_at: int
    needs_checkout: bool


class Link(msgspec.Struct, frozen=True):
    """A page of the payment company's to open."""

    url: str


async def preview(deps: BillingDeps, who: Identity, request: PlanAsk) -> PlanPreview:
    """What the change would cost now, and when it would happen; changes nothing.

    Raises AppError: bad_request, wrong_state, payment_refused, billing_unavailable.
    """
    stripe, customer = stripe_of(deps), await _customer(deps, who)
    now = utc(deps.clock())
    async with deps.pools.as_service() as connection:
        rows = await subscriptions.plans(connection)
    wanted, price = wanted_price(rows, request)
    found = await look(deps, customer)
    current, change = found.current, change_to(rows, found, wanted)
    try:
        async with deps.turns.asking(deps, who.user_id):
            if current is None:
                anchor = int(month_start_after(now).timestamp())
                at = int(now.timestamp())
                quote = await stripe.quote_new(customer, price, request.interval, anchor, at)
            elif change.when == "period_end":
                quote = Quote(0, deps.config.plans.currency, int(now.timestamp()))
            else:
                same = found.row.interval == request.interval
                at = proration_date(current, now, None)
                quote = await stripe.quote(customer, current, price, at, is_same_interval=same)
    except _NO_ANSWER as error:
        raise translated(error) from error
    later = change.when == "period_end" and current is not None
    effective = current.seen.period_end if later and current is not None else now
    return PlanPreview(
        plan=request.plan,
        interval=request.interval,
        change_type=change.kind,
        takes_effect="period_end" if later else "now",
        effective_at=rfc3339(effective) or "",
        amount_due=str(major(quote.amount_minor, quote.currency)),
        amount_due_minor=quote.amount_minor,
        currency=quote.currency,
        quoted_at=quote.at,
        needs_checkout=current is None,
    )


async def checkout(deps: BillingDeps, who: Identity, request: PlanAsk) -> Link:
    """A page on which to pay for a first plan; the plan is there when Stripe says it is paid.

    Raises AppError: bad_request, wrong_state, payment_refused, billing_unavailable.
    """
    stripe, customer = stripe_of(deps), await _customer(deps, who)
    found = await look(deps, customer)
    if found.current is not None:
        raise AppError("wrong_state", "There is a subscription already; change it instead.")
    async with deps.transaction() as tx:
        wanted, price = wanted_price(await subscriptions.plans(tx.connection), request)
        new = new_change(found, wanted, Change("upgrade", "now"), tx.now, by_checkout=True)
        await replace_pending(tx, found, new)
        older = None
        if found.pending is not None:
            older = await subscriptions.checkout_session(tx.connection, found.pending.id)
    back = deps.config.server.public_url.rstrip("/")
    try:
        async with deps.turns.asking(deps, who.user_id):
            if older is not None:
                await stripe.expire_checkout(older)
            page = await stripe.checkout(
                customer,
                str(who.user_id),
                price,
                request.interval,
                back,
                f"planchange:{new.id}:checkout",
            )
    except _NO_ANSWER as error:
        async with deps.pools.as_service() as connection:
            await subscriptions.resolve_change(connection, new.id, "failed")
        raise translated(error) from error
    async with deps.pools.as_service() as connection:
        is_pending = await subscriptions.mark_sent(connection, new.id, checkout_session_id=page.id)
    if not is_pending:  # nobody is to pay on both pages
        with contextlib.suppress(*_NO_ANSWER):  # it is told to nobody either
            await stripe.expire_checkout(page.id)
        raise AppError("wrong_state", "Another change came in between.")
    return Link(page.url)


async def portal(deps: BillingDeps, who: Identity) -> Link:
    """Where the asker changes their card and finds their invoices.

    Raises AppError: payment_refused, billing_unavailable.
    """
    stripe, customer = stripe_of(deps), await _customer(deps, who)
    try:
        async with deps.turns.asking(deps, who.user_id):
            return Link(await stripe.portal(customer, deps.config.server.public_url.rstrip("/")))
    except _NO_ANSWER as error:
        raise translated(error) from error


async def _customer(deps: BillingDeps, who: Identity) -> str:
    """The asker's customer at Stripe, made if they have none (any more).

    One of unknown outcome is the same when asked for again; later Stripe's own event brings it.
    """
    stripe = stripe_of(deps)
    async with deps.pools.as_service() as connection:
        row = await subscriptions.read(connection, who.user_id)
        number = await subscriptions.former_customers(connection, who.user_id)
    if row is None:
        raise AppError("not_found")
    if row.stripe_customer_id is not None:
        return row.stripe_customer_id
    key = f"customer:{who.user_id}:{number}"
    try:
        async with deps.turns.asking(deps, who.user_id):
            made = await stripe.create_customer(str(who.user_id), row.email, key)
    except _NO_ANSWER as error:
        raise translated(error) from error
    async with deps.pools.as_service() as connection:
        await subscriptions.set_customer(connection, who.user_id, made)
        row = await subscriptions.read(connection, who.user_id)
    return made if row is None or row.stripe_customer_id is None else row.stripe_customer_id
