"""Pauses: of a subscription, and of the collection of its invoices alone."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, amounts, at, period


def test_a_paused_subscription_is_not_billed_and_what_was_left_is_credited_on_resuming() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16 12:00:00")
    paused = api.post(f"subscriptions/{sub['id']}/pause")
    assert (paused["status"], paused["status_details"]["paused"]["subscription"]["type"]) == (
        "paused", "pause_requested",
    )  # fmt: skip
    assert api.event_types() == ["invoiceitem.created", "customer.subscription.paused"]
    assert api.until("2027-02-10") == []
    after = api.post(f"subscriptions/{sub['id']}/resume", expand=["latest_invoice"])
    assert after["status"] == "active"
    assert amounts(after["latest_invoice"]) == [-500, 1000]
    assert period(after) == (at("2027-02-10"), at("2027-03-10"))


def test_what_a_schedule_manages_cannot_be_paused() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    api.post("subscription_schedules", from_subscription=sub["id"])
    with pytest.raises(StripeError, match="attached schedule"):
        api.post(f"subscriptions/{sub['id']}/pause")


@pytest.mark.parametrize(("behavior", "left"), [("void", "void"), ("keep_as_draft", "draft")])
def test_while_collection_is_paused_renewals_ask_for_nothing(behavior: str, left: str) -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    asked = {"behavior": behavior, "resumes_at": at("2027-01-15")}
    after = api.post(f"subscriptions/{sub['id']}", pause_collection=asked)
    assert (after["status"], after["pause_collection"]) == ("active", asked)
    api.until("2027-01-02")
    renewed = api.sub(sub, expand=["latest_invoice"])
    assert (renewed["status"], renewed["latest_invoice"]["status"]) == ("active", left)
    api.until("2027-01-15")
    assert api.sub(sub)["pause_collection"] is None
    api.until("2027-02-02")
    assert api.sub(sub, expand=["latest_invoice"])["latest_invoice"]["status"] == "paid"


def test_an_empty_pause_of_collection_takes_it_back() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    api.post(f"subscriptions/{sub['id']}", pause_collection={"behavior": "void"})
    assert api.post(f"subscriptions/{sub['id']}", pause_collection="")["pause_collection"] is None
