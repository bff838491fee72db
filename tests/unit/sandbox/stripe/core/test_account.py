"""Documents, what differs between two, and that they are kept."""

from pathlib import Path

import pytest

from sandbox.stripe.core.account import difference
from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, refused


def test_what_is_missing_is_named_with_its_parameter() -> None:
    api = InMemoryStripe()
    with pytest.raises(StripeError) as error:
        api.get("customers/cus_none")
    assert (error.value.status, refused(error)["param"]) == (404, "id")
    with pytest.raises(StripeError) as error:
        api.post("subscriptions", customer="cus_none", items=[{"price": api.basic}])
    assert (error.value.status, refused(error)["code"]) == (400, "resource_missing")
    assert refused(error)["param"] == "customer"
    assert refused(error)["message"] == "No such customer: 'cus_none'"


def test_a_difference_has_what_was_where_it_differs() -> None:
    before = {"a": 1, "b": {"c": 1, "d": 2}, "e": [1], "gone": 5}
    after = {"a": 1, "b": {"c": 1, "d": 3}, "e": [2], "new": 6}
    assert difference(before, after) == {"b": {"d": 2}, "e": [1], "gone": 5, "new": None}


def test_everything_outlives_the_process_also_what_is_due(tmp_path: Path) -> None:
    api = InMemoryStripe("2026-12-01", tmp_path / "stripe.json")
    sub = api.subscribe()
    api.change_card(sub, "pm_card_chargeCustomerFail")
    api.until("2026-12-15")
    waiting = api.switch(
        sub, api.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    api.account.save()
    again = InMemoryStripe("2026-12-15", tmp_path / "stripe.json")
    assert again.sub(sub) == waiting
    again.until("2026-12-16")
    assert again.sub(sub)["pending_update"] is None
