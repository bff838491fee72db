"""An account at the payment service without a network: requests as the form would carry them, a
clock that stands until it is moved, and the events of each step."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.core.clock import Clock
from sandbox.stripe.core.account import Account, Object, Rules
from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.params import Params, parse_form
from sandbox.stripe.due_work import run_until
from sandbox.stripe.expand import expand
from sandbox.stripe.routes import find_route

MONTHLY = {"interval": "month"}
YEARLY = {"interval": "year"}
FIRST_OF_MONTH = {"day_of_month": 1, "hour": 0, "minute": 0, "second": 0}


def at(text: str) -> int:
    """Unix seconds of a UTC time such as `2026-11-23 12:00:00`, or of a day's beginning."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def pairs(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Nested parameters as form pairs."""
    if isinstance(value, dict):
        return [
            pair
            for key, below in value.items()
            for pair in pairs(below, f"{path}[{key}]" if path else key)
        ]
    if isinstance(value, list):
        return [pair for n, below in enumerate(value) for pair in pairs(below, f"{path}[{n}]")]
    return [(path, str(value).lower() if isinstance(value, bool) else str(value))]


class InMemoryStripe:
    """Two monthly plans, a yearly one, and whatever a test makes of them."""

    def __init__(
        self, now: str = "2026-11-23 12:00:00", path: Path | None = None, **rules: Any
    ) -> None:
        start = datetime.fromtimestamp(at(now), tz=UTC)
        self.clock = Clock(lambda: start)
        self.account = Account(self.clock, Rules(base_url="http://box", **rules), path)
        self.events: list[Object] = []
        self.account.committed = self.events.extend
        product = self.post("products", name="Plus")["id"]
        common = {"product": product, "currency": "usd"}
        self.basic = self.post("prices", **common, unit_amount=1000, recurring=MONTHLY)["id"]
        self.pro = self.post("prices", **common, unit_amount=3000, recurring=MONTHLY)["id"]
        self.year = self.post("prices", **common, unit_amount=9900, recurring=YEARLY)["id"]
        self.event_types()

    def call(self, method: str, path: str, **params: Any) -> Any:
        found = find_route(method, path)
        assert found is not None, path
        endpoint, ids = found
        read = Params(parse_form(pairs(params)))
        wanted = read.texts("expand")
        with self.account.transaction():
            made = endpoint(self.account, read, *ids)
            read.check_all_read()
            return expand(self.account, made, wanted)

    def post(self, path: str, **params: Any) -> Any:
        return self.call("POST", path, **params)

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, **params)

    def event_types(self) -> list[str]:
        """The types of the events since the last time asked."""
        types = [event["type"] for event in self.events]
        self.events.clear()
        return types

    def until(self, text: str) -> list[str]:
        """Move time ahead; the types of events told on the way."""
        return self.wait(at(text) - self.account.now())

    def wait(self, seconds: int) -> list[str]:
        """The same by seconds."""
        moment = self.clock.now() + timedelta(seconds=seconds)
        run_until(self.account, int(moment.timestamp()))
        self.clock.move(moment, stop=True)
        return self.event_types()

    def customer(self, card: str = "pm_card_visa") -> str:
        settings = {"default_payment_method": card}
        made = self.post("customers", email="ann@example.com", invoice_settings=settings)
        self.event_types()
        return str(made["id"])

    def subscribe(self, price: str = "", card: str = "pm_card_visa", **more: Any) -> Any:
        """A subscription of a new customer, anchored to the first of the month."""
        asked = {"billing_cycle_anchor_config": FIRST_OF_MONTH, **more}
        made = self.post(
            "subscriptions",
            customer=self.customer(card),
            items=[{"price": price or self.basic}],
            **{key: value for key, value in asked.items() if value is not None},
        )
        self.event_types()
        return made

    def switch(self, sub: Object, price: str, **more: Any) -> Any:
        """Change a subscription's one price."""
        items = [{"id": sub["items"]["data"][0]["id"], "price": price}]
        return self.post(f"subscriptions/{sub['id']}", items=items, **more)

    def change_card(self, sub: Object, card: str) -> None:
        settings = {"default_payment_method": card}
        self.post(f"customers/{sub['customer']}", invoice_settings=settings)
        self.event_types()

    def sub(self, sub: Object, **more: Any) -> Any:
        """A subscription as it is now."""
        return self.get(f"subscriptions/{sub['id']}", **more)


def amounts(invoice: Object) -> list[int]:
    """What the lines of an invoice ask for."""
    return [line["amount"] for line in invoice["lines"]["data"]]


def period(sub: Object) -> tuple[int, int]:
    """The period of a subscription's one item."""
    item = sub["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def refused(error: pytest.ExceptionInfo[StripeError]) -> dict[str, Any]:
    """The error of a refusal as its reply has it."""
    body: dict[str, Any] = error.value.body("req_1")["error"]
    return body


def unpaid_upgrade(api: InMemoryStripe, sub: Any, **more: Any) -> Any:
    """An upgrade that waits for a payment the card does not give."""
    api.change_card(sub, "pm_card_chargeCustomerFail")
    waiting = api.switch(
        sub, api.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete", **more,
    )  # fmt: skip
    api.event_types()
    return waiting
