"""Documents in place of their ids."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe


def test_ids_are_expanded_up_to_four_deep_and_nothing_else_is() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    shown = api.sub(sub, expand=["latest_invoice.payments", "customer.subscriptions"])
    assert shown["latest_invoice"]["payments"]["data"][0]["status"] == "paid"
    assert shown["customer"]["subscriptions"]["data"][0]["id"] == sub["id"]
    rows = api.get("subscriptions", expand=["data.customer"])["data"]
    assert rows[0]["customer"]["email"] == "ann@example.com"
    priced = api.sub(sub, expand=["items.data.price.product"])
    assert priced["items"]["data"][0]["price"]["product"]["name"] == "Plus"
    deep = "latest_invoice.customer.subscriptions.data.customer"
    for wrong in ("status", "nonsense", "latest_invoice.customer.nonsense", deep):
        with pytest.raises(StripeError, match="expand"):
            api.sub(sub, expand=[wrong])
