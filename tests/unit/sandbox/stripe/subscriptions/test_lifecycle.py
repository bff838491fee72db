"""Subscriptions: begun, paid for the first time, canceled."""

import pytest

from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.money import prorate
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, amounts, at, period, refused

DAY = 86_400

PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]

PAID = [*PAYMENT, "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]


def test_a_subscription_anchored_to_the_first_pays_its_part_month_to_the_second() -> None:
    api = InMemoryStripe("2026-11-23 12:00:00")
    customer = api.customer()
    sub = api.post(
        "subscriptions",
        customer=customer,
        items=[{"price": api.basic}],
        billing_cycle_anchor_config={"day_of_month": 1, "hour": 0, "minute": 0, "second": 0},
        expand=["latest_invoice"],
    )
    assert api.event_types() == [
        "customer.subscription.created", "invoice.created", "invoice.finalized", *PAID,
    ]  # fmt: skip
    assert sub["status"] == "active"
    assert sub["billing_mode"]["type"] == "flexible"
    assert period(sub) == (at("2026-11-23 12:00:00"), at("2026-12-01"))
    seconds = at("2026-12-01") - at("2026-11-23 12:00:00")
    assert amounts(sub["latest_invoice"]) == [prorate(1000, seconds, 30 * DAY)] == [250]
    assert sub["latest_invoice"]["billing_reason"] == "subscription_create"


def test_whoever_begins_on_the_first_pays_the_month() -> None:
    sub = InMemoryStripe("2027-02-01").subscribe(expand=["latest_invoice"])
    assert amounts(sub["latest_invoice"]) == [1000]
    assert period(sub) == (at("2027-02-01"), at("2027-03-01"))


def test_a_wish_to_cancel_is_a_flag_and_the_subscription_ends_with_its_period() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    after = api.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)
    assert (after["cancel_at_period_end"], after["cancel_at"]) == (True, None)
    assert after["cancellation_details"]["reason"] == "cancellation_requested"
    assert api.event_types() == ["customer.subscription.updated"]
    assert api.until("2026-12-31 23:59:59") == []
    assert api.until("2027-01-01") == ["customer.subscription.deleted"]
    assert api.sub(sub)["status"] == "canceled"
    assert api.sub(sub)["ended_at"] == at("2027-01-01")
    assert api.until("2027-03-01") == []


def test_a_cancellation_is_taken_back_by_unsetting_both_ways_of_wishing_it() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.post(f"subscriptions/{sub['id']}", cancel_at="min_period_end")
    assert api.sub(sub)["cancel_at"] == at("2027-01-01")
    after = api.post(f"subscriptions/{sub['id']}", cancel_at_period_end=False, cancel_at="")
    assert (after["cancel_at"], after["canceled_at"]) == (None, None)
    api.event_types()
    assert "customer.subscription.updated" in api.until("2027-01-01")


def test_canceling_now_ends_now_and_gives_back_only_when_asked() -> None:
    api = InMemoryStripe("2026-12-01")
    sub, other = api.subscribe(), api.subscribe()
    api.until("2026-12-16 12:00:00")
    api.call("DELETE", f"subscriptions/{sub['id']}")
    assert api.event_types() == ["customer.subscription.deleted"]
    api.call("DELETE", f"subscriptions/{other['id']}", prorate=True, invoice_now=True)
    assert api.get("invoices", subscription=other["id"])["data"][0]["total"] == -500
    with pytest.raises(StripeError, match="No such subscription"):
        api.call("DELETE", f"subscriptions/{sub['id']}")


def test_a_card_that_asks_its_owner_leaves_the_first_invoice_open_until_they_agree() -> None:
    api = InMemoryStripe()
    sub = api.subscribe(card="pm_card_authenticationRequired")
    assert sub["status"] == "incomplete"
    secret = api.get(f"invoices/{sub['latest_invoice']}", expand=["confirmation_secret"])
    assert secret["confirmation_secret"]["type"] == "payment_intent"
    with pytest.raises(StripeError) as error:
        api.post(f"invoices/{sub['latest_invoice']}/pay")
    assert refused(error)["code"] == "invoice_payment_intent_requires_action"
    assert "invoice.payment_action_required" in api.event_types()


def test_a_first_payment_that_never_comes_expires_the_subscription() -> None:
    api = InMemoryStripe()
    sub = api.subscribe(card="pm_card_chargeCustomerFail")
    assert sub["status"] == "incomplete"
    told = api.until("2026-11-24 11:00:00")
    assert told == ["payment_intent.canceled", "invoice.voided", "customer.subscription.updated"]
    assert api.sub(sub)["status"] == "incomplete_expired"


def test_default_incomplete_waits_for_the_customers_confirmation() -> None:
    api = InMemoryStripe()
    sub = api.subscribe(
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.payments"],
    )
    (payment,) = sub["latest_invoice"]["payments"]["data"]
    intent = api.get(f"payment_intents/{payment['payment']['payment_intent']}")
    assert (sub["status"], intent["status"]) == ("incomplete", "requires_payment_method")
    api.post(f"payment_intents/{intent['id']}/confirm", payment_method="pm_card_mastercard")
    after = api.sub(sub, expand=["default_payment_method"])
    assert after["status"] == "active"
    assert after["default_payment_method"]["card"]["brand"] == "mastercard"


def test_without_any_card_nothing_begins() -> None:
    api = InMemoryStripe()
    customer = api.post("customers")["id"]
    with pytest.raises(StripeError, match="no attached payment source"):
        api.post("subscriptions", customer=customer, items=[{"price": api.basic}])
    assert api.get("subscriptions", status="all")["data"] == []


def test_a_deleted_customers_subscriptions_end_at_once() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    api.call("DELETE", f"customers/{sub['customer']}")
    assert api.event_types() == ["customer.subscription.deleted", "customer.deleted"]
    assert api.get(f"customers/{sub['customer']}")["deleted"] is True
    with pytest.raises(StripeError, match="No such customer"):
        api.post(f"customers/{sub['customer']}", name="Ann")


def test_only_a_customers_own_card_pays_for_them() -> None:
    api = InMemoryStripe()
    foreign = api.get("payment_methods", customer=api.customer())["data"][0]["id"]
    with pytest.raises(StripeError, match="No such payment method"):
        api.subscribe(default_payment_method=foreign)
