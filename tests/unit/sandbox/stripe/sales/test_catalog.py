"""Products and prices."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import MONTHLY, InMemoryStripe


def test_a_lookup_key_moves_only_when_told_to() -> None:
    api = InMemoryStripe()
    product = api.get(f"prices/{api.basic}")["product"]
    terms = {"product": product, "currency": "USD", "recurring": MONTHLY, "lookup_key": "plus"}
    first = api.post("prices", **terms, unit_amount=500)
    with pytest.raises(StripeError, match="already uses that lookup key"):
        api.post("prices", **terms, unit_amount=600)
    second = api.post("prices", **terms, unit_amount=600, transfer_lookup_key=True)
    (found,) = api.get("prices", lookup_keys=["plus"])["data"]
    assert found["id"] == second["id"]
    assert api.get(f"prices/{first['id']}")["lookup_key"] is None
    assert found["currency"] == "usd"


def test_a_price_that_is_not_recurring_or_not_active_cannot_be_subscribed_to() -> None:
    api = InMemoryStripe()
    product = api.get(f"prices/{api.basic}")["product"]
    once = api.post("prices", product=product, currency="usd", unit_amount=500)["id"]
    with pytest.raises(StripeError, match="type=one_time"):
        api.subscribe(once)
    api.post(f"prices/{api.pro}", active=False)
    with pytest.raises(StripeError, match="inactive"):
        api.subscribe(api.pro)
