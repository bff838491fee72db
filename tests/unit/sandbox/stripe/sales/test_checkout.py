"""Checkout sessions without their page: what may be asked, and what a payment makes of it."""

from typing import Any

import pytest

from sandbox.stripe.core.cards import BY_TOKEN
from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.sales import checkout
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, at


def session(api: InMemoryStripe, **more: Any) -> Any:
    asked: dict[str, Any] = {
        "mode": "subscription",
        "success_url": "http://product.test/done",
        "line_items": [{"price": api.basic, "quantity": 2}],
    }
    return api.post("checkout/sessions", **{**asked, **more})


def pay(api: InMemoryStripe, made: Any) -> Any:
    with api.account.transaction():
        card = BY_TOKEN["pm_card_visa"]
        return checkout.pay(api.account, made, card, authenticated=False)


def test_somebody_new_becomes_a_customer_when_they_pay() -> None:
    api = InMemoryStripe()
    made = session(api, customer_email="ann@example.com")
    assert (made["customer"], made["amount_total"]) == (None, 2000)
    assert api.get("customers")["data"] == []
    done = pay(api, made)
    assert api.event_types()[0] == "customer.created"
    assert api.get(f"customers/{done['customer']}")["email"] == "ann@example.com"
    sub = api.get(f"subscriptions/{done['subscription']}")
    assert sub["items"]["data"][0]["quantity"] == 2


def test_what_is_due_is_what_it_costs_at_the_payment() -> None:
    api = InMemoryStripe("2026-12-01 00:00:00")
    anchored = {
        "billing_cycle_anchor_config": {"day_of_month": 1, "hour": 0, "minute": 0, "second": 0}
    }
    made = session(api, subscription_data=anchored)
    assert made["amount_total"] == 2000
    api.until("2026-12-01 12:00:00")
    done = pay(api, made)
    assert done["amount_total"] == 1968
    assert api.get(f"invoices/{done['invoice']}")["total"] == 1968


@pytest.mark.parametrize("expires", ["2026-11-23 12:29:59", "2026-11-24 12:00:01"])
def test_a_session_lives_from_half_an_hour_to_a_day(expires: str) -> None:
    with pytest.raises(StripeError, match="30 minutes and 24 hours"):
        session(InMemoryStripe("2026-11-23 12:00:00"), expires_at=at(expires))


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"mode": "payment"}, "mode"),
        ({"line_items": []}, "line_items"),
        ({"success_url": ""}, "success_url"),
        ({"customer": "cus_none"}, "customer"),
        ({"subscription_data": {"colour": "red"}}, r"subscription_data\[colour\]"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_when_it_is_made(
    wish: dict[str, Any], named: str
) -> None:
    api = InMemoryStripe()
    with pytest.raises(StripeError, match=named):
        session(api, **wish)
    assert api.get("checkout/sessions")["data"] == []


def test_a_session_that_is_over_cannot_be_expired_again() -> None:
    api = InMemoryStripe()
    made = session(api)
    api.post(f"checkout/sessions/{made['id']}/expire")
    with pytest.raises(StripeError, match="has a status of `expired`"):
        api.post(f"checkout/sessions/{made['id']}/expire")
