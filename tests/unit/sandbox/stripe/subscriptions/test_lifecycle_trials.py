"""Trials: begun, announced, ended and billed."""

import pytest

from sandbox.stripe.core.money import prorate
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, amounts, at, period


def test_a_trial_is_free_announces_its_end_and_then_bills() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(trial_period_days=14, billing_cycle_anchor_config=None)
    assert (sub["status"], sub["trial_end"]) == ("trialing", at("2026-12-15"))
    assert api.get("charges")["data"] == []
    assert api.until("2026-12-12") == ["customer.subscription.trial_will_end"]
    assert api.until("2026-12-15") == ["customer.subscription.updated", "invoice.created"]
    api.until("2026-12-15 01:00:00")
    after = api.sub(sub)
    assert (after["status"], period(after)) == ("active", (at("2026-12-15"), at("2027-01-15")))
    assert [one["amount"] for one in api.get("charges")["data"]] == [1000]


def test_after_a_trial_an_anchored_subscription_pays_its_part_month() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(trial_period_days=15)
    api.until("2026-12-16 01:00:00")
    assert period(api.sub(sub)) == (at("2026-12-16"), at("2027-01-01"))
    assert [one["amount"] for one in api.get("charges")["data"]] == [prorate(1000, 16, 31)]


@pytest.mark.parametrize(
    ("wish", "status", "told"),
    [
        ("cancel", "canceled", "customer.subscription.deleted"),
        ("pause", "paused", "customer.subscription.paused"),
        ("create_invoice", "active", "customer.subscription.updated"),
    ],
)
def test_a_trial_that_ends_without_a_card_does_as_wished(wish: str, status: str, told: str) -> None:
    api = InMemoryStripe("2026-12-01")
    customer = api.post("customers")["id"]
    sub = api.post(
        "subscriptions",
        customer=customer,
        items=[{"price": api.basic}],
        trial_period_days=7,
        trial_settings={"end_behavior": {"missing_payment_method": wish}},
    )
    api.event_types()
    assert told in api.until("2026-12-08")
    assert api.sub(sub)["status"] == status
    if status == "paused":
        settings = {"default_payment_method": "pm_card_visa"}
        api.post(f"customers/{customer}", invoice_settings=settings)
        after = api.post(f"subscriptions/{sub['id']}/resume", billing_cycle_anchor={"type": "now"})
        assert after["status"] == "active"
        assert "customer.subscription.resumed" in api.event_types()


def test_during_a_trial_a_change_costs_nothing_and_the_trial_goes_on() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(trial_period_days=14, billing_cycle_anchor_config=None)
    after = api.switch(sub, api.year, proration_behavior="always_invoice")
    assert (after["status"], after["latest_invoice"]) == ("trialing", sub["latest_invoice"])
    assert period(after) == period(sub)
    api.until("2026-12-15 01:00:00")
    assert api.get("charges")["data"][0]["amount"] == 9900
    assert period(api.sub(sub)) == (at("2026-12-15"), at("2027-12-15"))


def test_a_trial_can_be_ended_at_once_and_is_billed_at_once() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(trial_period_days=14, billing_cycle_anchor_config=None)
    api.until("2026-12-05")
    after = api.post(f"subscriptions/{sub['id']}", trial_end="now", expand=["latest_invoice"])
    assert (after["status"], amounts(after["latest_invoice"])) == ("active", [1000])
    assert period(after) == (at("2026-12-05"), at("2027-01-05"))
