"""Schedules: made of a subscription, given phases, advanced by time, released."""

import pytest

from sandbox.stripe.core.account import Object
from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, amounts, at, period


def downgrade(api: InMemoryStripe, sub: Object, price: str) -> Object:
    """The product's way: a schedule from the subscription, then its phases."""
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    now = made["phases"][0]
    current = {
        "items": [{"price": now["items"][0]["price"], "quantity": 1}],
        "start_date": now["start_date"],
        "end_date": now["end_date"],
    }
    then = {"items": [{"price": price}], "proration_behavior": "none"}
    planned: Object = api.post(
        f"subscription_schedules/{made['id']}", phases=[current, then], end_behavior="release"
    )
    return planned


def test_a_downgrade_waits_for_the_end_of_the_period_and_leaves_no_proration() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(api.pro)
    made = downgrade(api, sub, api.basic)
    assert api.event_types() == [
        "subscription_schedule.created", "customer.subscription.updated",
        "subscription_schedule.updated",
    ]  # fmt: skip
    assert api.sub(sub)["schedule"] == made["id"]
    assert made["phases"][1]["end_date"] == at("2027-02-01")
    assert api.until("2026-12-31 23:59:59") == ["invoice.upcoming"]
    assert api.until("2027-01-01") == [
        "customer.subscription.updated", "invoice.created", "subscription_schedule.updated",
    ]  # fmt: skip
    after = api.sub(sub, expand=["latest_invoice"])
    assert after["items"]["data"][0]["price"]["id"] == api.basic
    assert after["items"]["data"][0]["id"] == sub["items"]["data"][0]["id"]
    assert amounts(after["latest_invoice"]) == [1000]
    assert period(after) == (at("2027-01-01"), at("2027-02-01"))


def test_after_its_last_phase_a_schedule_lets_the_subscription_go_on() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(api.pro)
    made = downgrade(api, sub, api.basic)
    api.until("2027-01-31")
    told = api.until("2027-02-01")
    assert told[:2] == ["subscription_schedule.released", "customer.subscription.updated"]
    done = api.get(f"subscription_schedules/{made['id']}")
    assert (done["status"], done["released_subscription"]) == ("released", sub["id"])
    assert api.sub(sub)["schedule"] is None
    assert period(api.sub(sub)) == (at("2027-02-01"), at("2027-03-01"))


def test_a_schedule_that_ends_in_cancellation_is_completed() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    api.post(f"subscription_schedules/{made['id']}", end_behavior="cancel")
    api.event_types()
    assert api.until("2027-01-01") == [
        "invoice.upcoming", "customer.subscription.deleted", "subscription_schedule.completed",
    ]  # fmt: skip
    assert api.get(f"subscription_schedules/{made['id']}")["status"] == "completed"


def test_from_yearly_to_monthly_at_the_end_of_the_year() -> None:
    api = InMemoryStripe("2026-12-16 12:00:00")
    sub = api.subscribe(api.year, billing_cycle_anchor_config=None)
    downgrade(api, sub, api.basic)
    api.until("2027-12-16 13:00:00")
    after = api.sub(sub, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [1000]
    assert period(after) == (at("2027-12-16 12:00:00"), at("2028-01-16 12:00:00"))


def test_a_phase_that_moves_the_anchor_credits_the_period_it_cuts_short() -> None:
    api = InMemoryStripe("2026-12-16 12:00:00")
    sub = api.subscribe(api.year, billing_cycle_anchor_config=None)
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    year = {"items": [{"price": api.year}], "end_date": at("2027-12-16 12:00:00")}
    part = {"items": [{"price": api.basic}], "end_date": at("2028-01-01")}
    rest = {"items": [{"price": api.basic}], "billing_cycle_anchor": "phase_start"}
    made = api.post(f"subscription_schedules/{made['id']}", phases=[year, part, rest])
    assert [phase["billing_cycle_anchor"] for phase in made["phases"]] == [
        None, None, "phase_start",
    ]  # fmt: skip
    assert made["phases"][2]["end_date"] == at("2028-02-01")
    api.until("2027-12-16 13:00:00")
    monthly = api.sub(sub, expand=["latest_invoice"])
    assert amounts(monthly["latest_invoice"]) == [1000]
    assert period(monthly) == (at("2027-12-16 12:00:00"), at("2028-01-16 12:00:00"))
    told = api.until("2028-01-01")
    assert told[-2:] == ["customer.subscription.updated", "subscription_schedule.updated"]
    assert "invoice.paid" in told
    moved = api.sub(sub, expand=["latest_invoice"])
    assert amounts(moved["latest_invoice"]) == [-500, 1000]
    assert period(moved) == (at("2028-01-01"), at("2028-02-01"))
    assert moved["billing_cycle_anchor"] == at("2028-01-01")
    api.until("2028-02-01 01:00:00")
    assert api.sub(sub)["schedule"] is None
    assert period(api.sub(sub)) == (at("2028-02-01"), at("2028-03-01"))


def test_a_phase_that_moves_the_anchor_at_the_end_of_a_period_cuts_nothing_short() -> None:
    api = InMemoryStripe("2027-01-31")
    sub = api.subscribe(billing_cycle_anchor_config=None)
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    until = {"items": [{"price": api.basic}], "end_date": at("2027-02-28")}
    then = {"items": [{"price": api.basic}], "billing_cycle_anchor": "phase_start"}
    api.post(f"subscription_schedules/{made['id']}", phases=[until, then])
    api.until("2027-02-28")
    after = api.sub(sub, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [1000]
    assert period(after) == (at("2027-02-28"), at("2027-03-28"))


def test_while_a_schedule_manages_a_subscription_its_end_cannot_be_wished_directly() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    with pytest.raises(StripeError, match="managed by the subscription schedule"):
        api.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)
    with pytest.raises(StripeError, match="already attached"):
        api.post("subscription_schedules", from_subscription=sub["id"])
    api.event_types()
    released = api.post(f"subscription_schedules/{made['id']}/release")
    assert (released["status"], released["subscription"]) == ("released", None)
    assert api.event_types() == ["subscription_schedule.released", "customer.subscription.updated"]
    assert api.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)["schedule"] is None


def test_a_schedule_from_a_subscription_takes_nothing_else() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    with pytest.raises(StripeError, match="any other parameters"):
        api.post("subscription_schedules", from_subscription=sub["id"], end_behavior="cancel")


def test_the_old_way_to_count_a_phase_is_unknown() -> None:
    api = InMemoryStripe()
    made = api.post("subscription_schedules", from_subscription=api.subscribe()["id"])
    with pytest.raises(StripeError, match=r"unknown parameter: phases\[0\]\[iterations\]"):
        api.post(
            f"subscription_schedules/{made['id']}",
            phases=[{"items": [{"price": api.basic}], "iterations": 1}],
        )
    assert api.get(f"subscription_schedules/{made['id']}") == made


def test_canceling_a_schedule_cancels_its_subscription() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    api.event_types()
    assert api.post(f"subscription_schedules/{made['id']}/cancel")["status"] == "canceled"
    assert api.event_types() == ["customer.subscription.deleted", "subscription_schedule.canceled"]


def test_a_phase_that_begins_within_a_period_is_prorated_as_it_says() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    made = api.post("subscription_schedules", from_subscription=sub["id"])
    first = made["phases"][0]["start_date"]
    phases = [
        {
            "items": [{"price": api.basic}],
            "start_date": first,
            "end_date": at("2026-12-16 12:00:00"),
        },
        {
            "items": [{"price": api.pro}],
            "duration": {"interval": "month"},
            "proration_behavior": "always_invoice",
        },
    ]
    api.post(f"subscription_schedules/{made['id']}", phases=phases)
    api.until("2026-12-16 12:00:00")
    after = api.sub(sub, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [-500, 1500]
    assert after["schedule"] == made["id"]


def test_a_direct_change_is_mirrored_in_the_running_phase() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    made = downgrade(api, sub, api.basic)
    api.switch(sub, api.pro, proration_behavior="none")
    phases = api.get(f"subscription_schedules/{made['id']}")["phases"]
    assert [phase["items"][0]["price"] for phase in phases] == [api.pro, api.basic]
