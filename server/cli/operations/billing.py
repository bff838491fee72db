"""What an operator runs by hand for billing: put the prices up at Stripe, compare with Stripe.

Both may run beside a node and be run again: what is right already is left alone.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.accounts.users import PlanRow
from db.billing import stripe_events, subscriptions
from server.audit.keys import audit_keys
from server.billing.events import reconcile as compare
from server.billing_rules.plans import Interval, minor
from server.cli.failures import FailedError
from server.cli.operations.maintenance import say
from server.core.config import Config
from server.core.times import steady_clock
from server.database import database, owner
from server.deps import BillingParts
from server.live.hub import Hub
from server.vendors.stripe.client import StripeBilling, StripeRefusedError, lookup_key
from server.vendors.stripe.shapes import StripeAwayError

HELD_SHOWN = 20


async def sync_plans(config: Config) -> int:
    """`put_up_prices`, and say what came of it."""
    for line in await put_up_prices(config):
        say(line)
    return 0


async def put_up_prices(config: Config) -> list[str]:
    """Create or find the plans' prices at Stripe, and put their ids into subscription_plans.

    Returns a line for each plan. Raises FailedError.
    """
    lines = []
    async with (
        _stripe(config) as stripe,
        owner(config.database) as (connection, _),
        database(config.database, config.privacy) as opened,
    ):
        async with opened.pools.as_service() as service:
            rows = [row for row in await subscriptions.plans(service) if row.price_monthly > 0]
        try:
            for row in rows:
                monthly = await _price(stripe, config, row, "monthly")
                yearly = await _price(stripe, config, row, "yearly")
                is_new = await subscriptions.set_prices(connection, row.id, monthly, yearly)
                lines.append(f"{row.id}: {monthly} {yearly}{' (new)' if is_new else ''}")
        except (StripeAwayError, StripeRefusedError) as error:
            raise FailedError(f"Stripe: {error}") from error
    return lines


async def _price(stripe: StripeBilling, config: Config, row: PlanRow, interval: Interval) -> str:
    """An amount is part of a price: another amount is a new price under the same key."""
    amount = row.price_monthly if interval == "monthly" else row.price_yearly
    units, currency = minor(amount, config.plans.currency), config.plans.currency
    known = await stripe.price(lookup_key(row.id, interval))
    if known is not None and known[1:] == (units, currency):
        return known[0]
    return await stripe.create_price(row.id, row.name, interval, units, currency)


async def reconcile(config: Config) -> int:
    """Fetch events that never came, compare every customer with Stripe, and mend what differs."""
    async with _stripe(config) as stripe, database(config.database, config.privacy) as opened:
        deps = BillingParts(
            config=config, pools=opened.pools, hub=Hub(), clock=steady_clock(), stripe=stripe,
            audit_key=audit_keys(config, opened.pools.keyring).key,
        )  # fmt: skip
        try:
            done = await compare(deps)
        except StripeAwayError as error:
            raise FailedError(f"Stripe: {error}") from error
        async with opened.pools.as_service() as connection:
            held = await stripe_events.failed(connection, HELD_SHOWN)
    say(f"{done.customers} customers compared, {done.repaired} mended, {done.failed} failed")
    say(f"{done.fetched_events} missed events fetched")
    for event in held:
        say(f"waits: {event.event_id} {event.error} after {event.attempts} attempts")
    return 1 if done.failed or held else 0


@asynccontextmanager
async def _stripe(config: Config) -> AsyncIterator[StripeBilling]:
    if not config.stripe.secret_key:
        raise FailedError("stripe.secret_key is not set (TALKING_STRIPE__SECRET_KEY)")
    stripe = StripeBilling(config.stripe)
    try:
        yield stripe
    finally:
        await stripe.close()
