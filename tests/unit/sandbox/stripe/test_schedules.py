"""Schedules: made of a subscription, given phases, turned by time, let go."""

import pytest

from sandbox.stripe.core.account import Object
from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.shop import Shop, amounts, at, period


def downgrade(shop: Shop, sub: Object, price: str) -> Object:
    """The product's way: a schedule from the subscription, then its phases."""
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    now = made["phases"][0]
    current = {
        "items": [{"price": now["items"][0]["price"], "quantity": 1}],
        "start_date": now["start_date"],
        "end_date": now["end_date"],
    }
    then = {"items": [{"price": price}], "proration_behavior": "none"}
    planned: Object = shop.post(
        f"subscription_schedules/{made['id']}", phases=[current, then], end_behavior="release"
    )
    return planned


def test_a_downgrade_waits_for_the_end_of_the_period_and_leaves_no_proration() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(shop.pro)
    made = downgrade(shop, sub, shop.basic)
    assert shop.told() == [
        "subscription_schedule.created", "customer.subscription.updated",
        "subscription_schedule.updated",
    ]  # fmt: skip
    assert shop.sub(sub)["schedule"] == made["id"]
    assert made["phases"][1]["end_date"] == at("2027-02-01")
    assert shop.until("2026-12-31 23:59:59") == ["invoice.upcoming"]
    assert shop.until("2027-01-01") == [
        "customer.subscription.updated", "invoice.created", "subscription_schedule.updated",
    ]  # fmt: skip
    after = shop.sub(sub, expand=["latest_invoice"])
    assert after["items"]["data"][0]["price"]["id"] == shop.basic
    assert after["items"]["data"][0]["id"] == sub["items"]["data"][0]["id"]
    assert amounts(after["latest_invoice"]) == [1000]
    assert period(after) == (at("2027-01-01"), at("2027-02-01"))


def test_after_its_last_phase_a_schedule_lets_the_subscription_go_on() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(shop.pro)
    made = downgrade(shop, sub, shop.basic)
    shop.until("2027-01-31")
    told = shop.until("2027-02-01")
    assert told[:2] == ["subscription_schedule.released", "customer.subscription.updated"]
    done = shop.get(f"subscription_schedules/{made['id']}")
    assert (done["status"], done["released_subscription"]) == ("released", sub["id"])
    assert shop.sub(sub)["schedule"] is None
    assert period(shop.sub(sub)) == (at("2027-02-01"), at("2027-03-01"))


def test_a_schedule_that_ends_in_cancellation_is_completed() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    shop.post(f"subscription_schedules/{made['id']}", end_behavior="cancel")
    shop.told()
    assert shop.until("2027-01-01") == [
        "invoice.upcoming", "customer.subscription.deleted", "subscription_schedule.completed",
    ]  # fmt: skip
    assert shop.get(f"subscription_schedules/{made['id']}")["status"] == "completed"


def test_from_yearly_to_monthly_at_the_end_of_the_year() -> None:
    shop = Shop("2026-12-16 12:00:00")
    sub = shop.subscribe(shop.year, billing_cycle_anchor_config=None)
    downgrade(shop, sub, shop.basic)
    shop.until("2027-12-16 13:00:00")
    after = shop.sub(sub, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [1000]
    assert period(after) == (at("2027-12-16 12:00:00"), at("2028-01-16 12:00:00"))


def test_a_phase_that_moves_the_anchor_credits_the_period_it_cuts_short() -> None:
    shop = Shop("2026-12-16 12:00:00")
    sub = shop.subscribe(shop.year, billing_cycle_anchor_config=None)
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    year = {"items": [{"price": shop.year}], "end_date": at("2027-12-16 12:00:00")}
    part = {"items": [{"price": shop.basic}], "end_date": at("2028-01-01")}
    rest = {"items": [{"price": shop.basic}], "billing_cycle_anchor": "phase_start"}
    made = shop.post(f"subscription_schedules/{made['id']}", phases=[year, part, rest])
    assert [phase["billing_cycle_anchor"] for phase in made["phases"]] == [
        None, None, "phase_start",
    ]  # fmt: skip
    assert made["phases"][2]["end_date"] == at("2028-02-01")
    shop.until("2027-12-16 13:00:00")
    monthly = shop.sub(sub, expand=["latest_invoice"])
    assert amounts(monthly["latest_invoice"]) == [1000]
    assert period(monthly) == (at("2027-12-16 12:00:00"), at("2028-01-16 12:00:00"))
    told = shop.until("2028-01-01")
    assert told[-2:] == ["customer.subscription.updated", "subscription_schedule.updated"]
    assert "invoice.paid" in told
    moved = shop.sub(sub, expand=["latest_invoice"])
    assert amounts(moved["latest_invoice"]) == [-500, 1000]
    assert period(moved) == (at("2028-01-01"), at("2028-02-01"))
    assert moved["billing_cycle_anchor"] == at("2028-01-01")
    shop.until("2028-02-01 01:00:00")
    assert shop.sub(sub)["schedule"] is None
    assert period(shop.sub(sub)) == (at("2028-02-01"), at("2028-03-01"))


def test_a_phase_that_moves_the_anchor_at_the_end_of_a_period_cuts_nothing_short() -> None:
    shop = Shop("2027-01-31")
    sub = shop.subscribe(billing_cycle_anchor_config=None)
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    until = {"items": [{"price": shop.basic}], "end_date": at("2027-02-28")}
    then = {"items": [{"price": shop.basic}], "billing_cycle_anchor": "phase_start"}
    shop.post(f"subscription_schedules/{made['id']}", phases=[until, then])
    shop.until("2027-02-28")
    after = shop.sub(sub, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [1000]
    assert period(after) == (at("2027-02-28"), at("2027-03-28"))


def test_while_a_schedule_manages_a_subscription_its_end_cannot_be_wished_directly() -> None:
    shop = Shop()
    sub = shop.subscribe()
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    with pytest.raises(StripeError, match="managed by the subscription schedule"):
        shop.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)
    with pytest.raises(StripeError, match="already attached"):
        shop.post("subscription_schedules", from_subscription=sub["id"])
    shop.told()
    released = shop.post(f"subscription_schedules/{made['id']}/release")
    assert (released["status"], released["subscription"]) == ("released", None)
    assert shop.told() == ["subscription_schedule.released", "customer.subscription.updated"]
    assert shop.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)["schedule"] is None


def test_a_schedule_from_a_subscription_takes_nothing_else() -> None:
    shop = Shop()
    sub = shop.subscribe()
    with pytest.raises(StripeError, match="any other parameters"):
        shop.post("subscription_schedules", from_subscription=sub["id"], end_behavior="cancel")


def test_the_old_way_to_count_a_phase_is_unknown() -> None:
    shop = Shop()
    made = shop.post("subscription_schedules", from_subscription=shop.subscribe()["id"])
    with pytest.raises(StripeError, match=r"unknown parameter: phases\[0\]\[iterations\]"):
        shop.post(
            f"subscription_schedules/{made['id']}",
            phases=[{"items": [{"price": shop.basic}], "iterations": 1}],
        )
    assert shop.get(f"subscription_schedules/{made['id']}") == made


def test_canceling_a_schedule_cancels_its_subscription() -> None:
    shop = Shop()
    sub = shop.subscribe()
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    shop.told()
    assert shop.post(f"subscription_schedules/{made['id']}/cancel")["status"] == "canceled"
    assert shop.told() == ["customer.subscription.deleted", "subscription_schedule.canceled"]


def test_a_phase_that_begins_within_a_period_is_prorated_as_it_says() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    made = shop.post("subscription_schedules", from_subscription=sub["id"])
    first = made["phases"][0]["start_date"]
    phases = [
        {
            "items": [{"price": shop.basic}],
            "start_date": first,
            "end_date": at("2026-12-16 12:00:00"),
        },
        {
            "items": [{"price": shop.pro}],
            "duration": {"interval": "month"},
            "proration_behavior": "always_invoice",
        },
    ]
    shop.post(f"subscription_schedules/{made['id']}", phases=phases)
    shop.until("2026-12-16 12:00:00")
    after = shop.sub(sub, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [-500, 1500]
    assert after["schedule"] == made["id"]


def test_a_direct_change_is_mirrored_in_the_running_phase() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    made = downgrade(shop, sub, shop.basic)
    shop.switch(sub, shop.pro, proration_behavior="none")
    phases = shop.get(f"subscription_schedules/{made['id']}")["phases"]
    assert [phase["items"][0]["price"] for phase in phases] == [shop.pro, shop.basic]
