"""What is read out of a subscription as Stripe tells it."""

from typing import Any

import pytest

from server.billing_rules.plans import Offer
from server.vendors.stripe.shapes import read_subscription

OFFERS = {"price_pro": Offer("pro", "monthly", 1), "price_premium": Offer("premium", "monthly", 2)}


def item(price: str, quantity: int | None = 1) -> dict[str, Any]:
    return {
        "id": f"si_{price}", "price": {"id": price}, "quantity": quantity,
        "current_period_start": 1_767_225_600, "current_period_end": 1_769_904_000,
    }  # fmt: skip


def subscription(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "sub_1", "status": "active", "created": 1_767_225_600, "items": {"data": list(items)},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("items", "price", "plans"),
    [
        ([item("price_seat"), item("price_pro")], "price_pro", 1),
        ([item("price_seat", None), item("price_pro", 3)], "price_pro", 1),
        ([item("price_pro"), item("price_premium")], "price_premium", 2),
        ([item("price_premium", 0), item("price_pro")], "price_pro", 1),
        ([item("price_pro", 0)], "price_pro", 1),
        ([item("price_b"), item("price_a")], "price_a", 0),
    ],
)
def test_the_plan_is_the_highest_of_which_some_are_bought(
    items: list[dict[str, Any]], price: str, plans: int
) -> None:
    read = read_subscription(subscription(*items), OFFERS)
    assert read is not None
    assert (read.seen.price, read.seen.plan_items) == (price, plans)
    assert {other.price for other in read.others} == {one["price"]["id"] for one in items} - {price}
