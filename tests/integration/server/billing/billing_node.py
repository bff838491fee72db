"""A node for billing tests: the product's actions, a real database, and the sandbox's Stripe.

Stripe is driven by HTTP through the vendor's own SDK, and its clock can be moved. Its events reach
the product only when a test delivers them, so a test decides on order, copies and losses.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import stripe
from hypercorn.asyncio import serve as serve_http
from hypercorn.config import Config as HypercornConfig
from quart import Quart

from db.accounts import users
from db.billing import subscriptions
from db.core.pool import Pools
from sandbox.core.clock import Clock
from sandbox.core.faults import Faults
from sandbox.core.settings import Settings
from sandbox.stripe.pages import pages_blueprint
from sandbox.stripe.rest import stripe_blueprint
from sandbox.stripe.service import StripeService
from server.billing import events as billing_events
from server.billing_rules.plans import Interval, minor
from server.core.config import Config, load
from server.core.identity.auth import Identity
from server.deps import BillingParts
from server.live.hub import Hub
from server.vendors.stripe.client import StripeBilling, lookup_key
from tests.support.patience import patience
from tests.support.processes import free_port

SECRET = "whsec_" + "t" * 32
OLD_SECRET = "whsec_" + "o" * 32
BEGIN = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
PAYS, FAILS, ASKS = "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"
INTERVALS: tuple[Interval, ...] = ("monthly", "yearly")


class BillingNode:
    """The product, its Stripe and a browser."""

    def __init__(
        self,
        deps: BillingParts,
        service: StripeService,
        browser: aiohttp.ClientSession,
        admin: stripe.StripeClient,
    ) -> None:
        self.deps = deps
        self.admin = admin  # what the account's owner does, not the product
        self.service = service
        self.browser = browser
        self.pools = deps.pools

    async def sign_up(self) -> Identity:
        """A new user on the free plan."""
        user_id = uuid.uuid4()
        async with self.pools.as_service() as connection:
            await users.register(connection, user_id, f"{user_id}@example.org")
        return Identity(user_id, f"{user_id}@example.org", None, False, 0.0, {"sub": str(user_id)})

    async def click(self, url: str, **form: str) -> int:
        """What a person does on one of Stripe's pages."""
        async with self.browser.post(url, data=form, allow_redirects=False) as answer:
            return answer.status

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """What Stripe has to tell so far, oldest first."""
        found = self.service.account.all("event")
        return [event for event in found if not kinds or event["type"] in kinds]

    async def deliver(self, events: Iterable[dict[str, Any]] | None = None) -> None:
        """Let these events arrive, in this order, and be worked on; all of them by default."""
        for event in self.events() if events is None else events:
            await billing_events.keep(self.deps, billing_events.read_event(event))
        await billing_events.attend_all(self.deps)

    def advance(self, **by: float) -> None:
        """Move Stripe's clock, and the product's with it."""
        self.service.move_clock(self.service.clock.now() + dt.timedelta(**by), stop=True)

    def fail_requests(self, path: str, *, times: int) -> None:
        """Answer the next requests to this path with 500; to none when it is empty."""
        faults = Faults(stripe_request="500", stripe_request_path=path, stripe_request_times=times)
        self.service.set_faults(faults if path else Faults())

    async def row(self, who: Identity) -> subscriptions.BillingRow:
        async with self.pools.as_service() as connection:
            row = await subscriptions.read(connection, who.user_id)
        assert row is not None
        return row

    async def entitlement(self, who: Identity) -> tuple[str, str, str | None]:
        """Plan, status and interval, by our rows."""
        row = await self.row(who)
        return row.plan, row.status, row.interval

    async def changes(self, who: Identity) -> list[tuple[str, str, str, str]]:
        """The user's plan changes: from, to, kind and what became of it."""
        async with self.pools.as_user({"sub": str(who.user_id)}) as connection:
            rows = await connection.fetch(
                "select from_plan_id, to_plan_id, change_type, status from plan_changes"
                " where user_id = $1 order by requested_at, created_at", who.user_id,
            )  # fmt: skip
        return [tuple(row) for row in rows]

    async def told(self, who: Identity) -> list[str]:
        """The types of the events the user's dashboards got."""
        async with self.pools.as_service() as connection:
            rows = await connection.fetch(
                "select type from app.events where user_id = $1 order by seq", who.user_id
            )
        return [row[0] for row in rows]


def shop_config(base_url: str) -> Config:
    """The product's configuration, pointed at this Stripe."""
    return load(
        None,
        {
            "TALKING_TWILIO__AUTH_TOKEN": "a" * 32,
            "TALKING_STRIPE__SECRET_KEY": "sk_test_" + "s" * 24,
            "TALKING_STRIPE__WEBHOOK_SECRET": SECRET,
            "TALKING_STRIPE__PREVIOUS_WEBHOOK_SECRET": OLD_SECRET,
            "TALKING_STRIPE__BASE_URL": base_url,
            "TALKING_STRIPE__MAX_RETRIES": "1",
        },
    )


@asynccontextmanager
async def open_billing_node(
    pools: Pools, owner: asyncpg.Connection, data: Path
) -> AsyncIterator[BillingNode]:
    """A billing node whose plans have their prices; its clock stands until a test moves it."""
    port = free_port()
    settings = Settings(data=data, port=port)
    clock = Clock(lambda: BEGIN)
    service = StripeService(settings, clock)
    app = Quart("stripe")
    app.register_blueprint(stripe_blueprint(service))
    app.register_blueprint(pages_blueprint(service))
    chosen = HypercornConfig()
    chosen.bind = [f"127.0.0.1:{port}"]
    chosen.errorlog = None
    stop = asyncio.Event()
    config = shop_config(settings.base_url)
    payments = StripeBilling(config.stripe)
    hand = stripe.AIOHTTPClient()
    admin = stripe.StripeClient(
        config.stripe.secret_key.reveal(),
        http_client=hand,
        base_addresses={"api": settings.base_url},
    )
    async with asyncio.TaskGroup() as group, aiohttp.ClientSession() as browser:
        group.create_task(serve_http(app, chosen, shutdown_trigger=stop.wait))
        try:
            await _until_open(browser, settings.base_url)
            deps = BillingParts(
                config=config, pools=pools, hub=Hub(), stripe=payments,
                clock=lambda: clock.now().timestamp(),
            )  # fmt: skip
            await set_prices(payments, pools, owner)
            yield BillingNode(deps, service, browser, admin)
        finally:
            await payments.close()
            await hand.close_async()  # type: ignore[no-untyped-call]
            await service.close()
            stop.set()


async def _until_open(browser: aiohttp.ClientSession, url: str) -> None:
    async with patience():
        while True:
            try:
                async with browser.get(f"{url}/v1/prices"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.01)


async def set_prices(payments: StripeBilling, pools: Pools, owner: asyncpg.Connection) -> None:
    """Put the plans' prices up, as `talking plans sync` does."""
    async with pools.as_service() as connection:
        rows = await subscriptions.plans(connection)
    for row in rows[1:]:
        ids = []
        for interval in INTERVALS:
            amount = row.price_monthly if interval == "monthly" else row.price_yearly
            units = minor(amount, "usd")
            ids.append(await payments.create_price(row.id, row.name, interval, units, "usd"))
            assert await payments.price(lookup_key(row.id, interval)) == (ids[-1], units, "usd")
        await subscriptions.set_prices(owner, row.id, *ids)


def paid(node: BillingNode) -> int:
    """How much money was taken so far, in cents."""
    total: int = sum(e["data"]["object"]["amount_paid"] for e in node.events("invoice.paid"))
    return total
