"""Pauses: of a subscription, and of the collection of its invoices alone."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.shop import Shop, amounts, at, period


def test_a_paused_subscription_is_not_billed_and_what_was_left_is_credited_on_resuming() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    paused = shop.post(f"subscriptions/{sub['id']}/pause")
    assert (paused["status"], paused["status_details"]["paused"]["subscription"]["type"]) == (
        "paused", "pause_requested",
    )  # fmt: skip
    assert shop.told() == ["invoiceitem.created", "customer.subscription.paused"]
    assert shop.until("2027-02-10") == []
    after = shop.post(f"subscriptions/{sub['id']}/resume", expand=["latest_invoice"])
    assert after["status"] == "active"
    assert amounts(after["latest_invoice"]) == [-500, 1000]
    assert period(after) == (at("2027-02-10"), at("2027-03-10"))


def test_what_a_schedule_manages_cannot_be_paused() -> None:
    shop = Shop()
    sub = shop.subscribe()
    shop.post("subscription_schedules", from_subscription=sub["id"])
    with pytest.raises(StripeError, match="attached schedule"):
        shop.post(f"subscriptions/{sub['id']}/pause")


@pytest.mark.parametrize(("behavior", "left"), [("void", "void"), ("keep_as_draft", "draft")])
def test_while_collection_is_paused_renewals_ask_for_nothing(behavior: str, left: str) -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    asked = {"behavior": behavior, "resumes_at": at("2027-01-15")}
    after = shop.post(f"subscriptions/{sub['id']}", pause_collection=asked)
    assert (after["status"], after["pause_collection"]) == ("active", asked)
    shop.until("2027-01-02")
    renewed = shop.sub(sub, expand=["latest_invoice"])
    assert (renewed["status"], renewed["latest_invoice"]["status"]) == ("active", left)
    shop.until("2027-01-15")
    assert shop.sub(sub)["pause_collection"] is None
    shop.until("2027-02-02")
    assert shop.sub(sub, expand=["latest_invoice"])["latest_invoice"]["status"] == "paid"


def test_an_empty_pause_of_collection_takes_it_back() -> None:
    shop = Shop()
    sub = shop.subscribe()
    shop.post(f"subscriptions/{sub['id']}", pause_collection={"behavior": "void"})
    assert shop.post(f"subscriptions/{sub['id']}", pause_collection="")["pause_collection"] is None
