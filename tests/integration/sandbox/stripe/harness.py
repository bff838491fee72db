"""A running sandbox, its payment service by the official SDK, and a product that takes events.

The product verifies every signature with the SDK's own code before it believes a word.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import stripe
from aiohttp import web

from sandbox.core.clock import utc_now
from sandbox.core.settings import STRIPE_KEY
from tests.integration.sandbox.world import sandbox
from tests.support.patience import patience
from tests.support.web_server import serving

FIRST_OF_MONTH = {"day_of_month": 1, "hour": 0, "minute": 0, "second": 0}
FEW_DAYS_LEFT = 25


class Receiver:
    """The product's webhook: what it was sent, in order, and how it answers."""

    def __init__(self) -> None:
        self.secret = ""
        self.status = 200
        self.received: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.changed = asyncio.Condition()

    async def webhook(self, request: web.Request) -> web.Response:
        body = await request.read()
        header = request.headers["Stripe-Signature"]
        stripe.WebhookSignature.verify_header(body.decode(), header, self.secret, tolerance=300)
        event: dict[str, Any] = await request.json()
        async with self.changed:
            kept = self.received if self.status == 200 else None
            if kept is None:
                self.refused.append(event["id"])
            else:
                kept.append(event)
            self.changed.notify_all()
        return web.Response(status=self.status)

    def types(self) -> list[str]:
        return [event["type"] for event in self.received]

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The last of `count` events of a kind, once they have come."""
        async with patience(), self.changed:
            await self.changed.wait_for(lambda: self.types().count(kind) >= count)
        return [event for event in self.received if event["type"] == kind][count - 1]


class StripeHarness:
    """Everything a test needs: SDK, plain HTTP, webhook."""

    def __init__(
        self, base_url: str, client: stripe.StripeClient, http: aiohttp.ClientSession
    ) -> None:
        self.base_url, self.http = base_url, http
        self.client = client
        self.v1: Any = client.v1  # its types know too much of what may be null
        self.receiver = Receiver()
        self.basic = self.pro = self.yearly = ""

    async def prices(self) -> None:
        product = (await self.v1.products.create_async({"name": "Plus"})).id
        made = [
            await self.v1.prices.create_async(
                {
                    "product": product,
                    "currency": "usd",
                    "unit_amount": amount,
                    "recurring": {"interval": interval},
                    "lookup_key": key,
                    "transfer_lookup_key": True,
                }
            )
            for key, amount, interval in (
                ("basic", 1000, "month"), ("pro", 3000, "month"), ("yearly", 9900, "year"),
            )
        ]  # fmt: skip
        self.basic, self.pro, self.yearly = (price.id for price in made)

    async def listen(self, url: str) -> None:
        endpoint = await self.v1.webhook_endpoints.create_async(
            {"url": url, "enabled_events": ["*"], "api_version": stripe.api_version}
        )
        self.receiver.secret = endpoint.secret

    async def subscribe(self, card: str = "pm_card_visa", **more: Any) -> Any:
        customer = await self.v1.customers.create_async(
            {
                "email": "ann@example.com",
                "payment_method": card,
                "invoice_settings": {"default_payment_method": card},
            }
        )
        return await self.v1.subscriptions.create_async(
            {"customer": customer.id, "items": [{"price": self.basic}], **more}
        )

    async def world(self, method: str, path: str, **body: Any) -> Any:
        async with self.http.request(method, f"{self.base_url}{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def faults(self, **faults: Any) -> None:
        await self.world("PUT", "/world/faults", **faults)

    async def clock(self, **change: Any) -> Any:
        return await self.world("POST", "/world/clock", **change)

    async def leave_the_months_end(self) -> None:
        """Go on to the next month in its last days, of which a price's share is too little to be
        collected."""
        now = utc_now()
        if now.day > FEW_DAYS_LEFT:
            begun = (now.replace(day=1) + timedelta(days=32)).replace(day=2)
            await self.clock(to=begun.isoformat())

    async def click(self, url: str, **fields: str) -> tuple[int, str, str]:
        """Post a page's form; status, where it leads, and the text."""
        async with self.http.post(url, data=fields, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()


@contextlib.asynccontextmanager
async def sdk(base_url: str, key: str = STRIPE_KEY) -> AsyncIterator[stripe.StripeClient]:
    """The official SDK, one attempt a request."""
    http: Any = stripe.AIOHTTPClient(timeout=10)
    client = stripe.StripeClient(
        key, base_addresses={"api": base_url}, http_client=http, max_network_retries=0
    )
    try:
        yield client
    finally:
        await http.close_async()


@contextlib.asynccontextmanager
async def harness(data: Path) -> AsyncIterator[StripeHarness]:
    """A sandbox with prices, and a product that listens to all its events."""
    async with sandbox(data) as base_url, aiohttp.ClientSession() as http, sdk(base_url) as client:
        m = StripeHarness(base_url, client, http)
        app = web.Application()
        app.router.add_post("/webhooks/stripe", m.receiver.webhook)
        async with serving(app) as origin:
            await m.prices()
            await m.listen(f"{origin}/webhooks/stripe")
            yield m
