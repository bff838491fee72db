"""Changes that wait for their payment."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, at, period, refused, unpaid_upgrade

DECLINE = ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_an_unpaid_upgrade_waits_and_a_payment_brings_it() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16 12:00:00")
    api.change_card(sub, "pm_card_chargeCustomerFail")
    waiting = api.switch(
        sub, api.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    assert api.event_types() == [
        "invoice.created", "invoice.finalized", *DECLINE, "invoice.payment_failed",
        "customer.subscription.updated",
    ]  # fmt: skip
    assert (waiting["status"], waiting["items"]) == ("active", sub["items"])
    update = waiting["pending_update"]
    assert update["expires_at"] == api.account.now() + 23 * 3600
    assert update["subscription_items"][0]["price"]["id"] == api.pro
    api.change_card(sub, "pm_card_visa")
    paid = api.post(f"invoices/{waiting['latest_invoice']}/pay")
    assert paid["status"] == "paid"
    assert api.event_types()[-2:] == [
        "customer.subscription.pending_update_applied", "customer.subscription.updated",
    ]  # fmt: skip
    after = api.sub(sub)
    assert after["pending_update"] is None
    assert after["items"]["data"][0]["price"]["id"] == api.pro


def test_a_pending_update_nobody_pays_expires_and_its_invoice_is_void() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16 12:00:00")
    api.change_card(sub, "pm_card_chargeCustomerFail")
    waiting = api.switch(
        sub, api.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    api.event_types()
    assert api.until("2026-12-17 10:59:59") == []
    assert api.until("2026-12-17 11:00:00") == [
        "payment_intent.canceled", "invoice.voided",
        "customer.subscription.pending_update_expired",
    ]  # fmt: skip
    assert api.sub(sub)["pending_update"] is None
    assert api.sub(sub)["items"] == sub["items"]
    assert api.get(f"invoices/{waiting['latest_invoice']}")["status"] == "void"


def test_only_prices_may_come_with_pending_if_incomplete() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    with pytest.raises(StripeError, match="you can only pass") as error:
        api.switch(sub, api.pro, payment_behavior="pending_if_incomplete", metadata={"a": "b"})
    assert refused(error)["param"] == "metadata"


def test_error_if_incomplete_changes_nothing() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.change_card(sub, "pm_card_chargeCustomerFail")
    before = api.sub(sub)
    with pytest.raises(StripeError) as error:
        api.switch(
            sub, api.pro, proration_behavior="always_invoice",
            payment_behavior="error_if_incomplete",
        )  # fmt: skip
    assert (error.value.status, refused(error)["code"]) == (402, "card_declined")
    assert api.sub(sub) == before
    assert api.event_types() == []


def test_a_change_that_is_applied_unpaid_leaves_the_subscription_past_due() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-11")
    api.change_card(sub, "pm_card_chargeCustomerFail")
    after = api.switch(sub, api.pro, proration_behavior="always_invoice")
    assert after["status"] == "past_due"
    assert after["items"]["data"][0]["price"]["id"] == api.pro
    api.change_card(sub, "pm_card_visa")
    api.post(f"invoices/{after['latest_invoice']}/pay")
    assert api.sub(sub)["status"] == "active"


def test_a_pending_update_is_given_up_by_voiding_its_invoice() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    waiting = unpaid_upgrade(api, sub)
    api.event_types()
    voided = api.post(f"invoices/{waiting['latest_invoice']}/void")
    assert voided["status"] == "void"
    assert api.event_types()[-1] == "customer.subscription.pending_update_expired"
    assert api.sub(sub)["pending_update"] is None
    assert api.sub(sub)["items"] == sub["items"]


def test_a_renewal_decides_although_a_later_update_waits_for_its_payment() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.change_card(sub, "pm_card_chargeCustomerFail")
    api.until("2027-01-01 00:30:00")
    renewal = api.sub(sub)["latest_invoice"]
    unpaid_upgrade(api, sub)
    api.until("2027-01-01 01:00:00")
    assert api.sub(sub)["status"] == "past_due"
    api.until("2027-01-02 00:30:00")
    assert (api.sub(sub)["pending_update"], api.sub(sub)["status"]) == (None, "past_due")
    api.change_card(sub, "pm_card_visa")
    api.post(f"invoices/{renewal}/pay")
    assert api.sub(sub)["status"] == "active"


def test_a_newer_change_takes_the_place_of_a_pending_one() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    waiting = unpaid_upgrade(api, sub)
    api.change_card(sub, "pm_card_visa")
    after = api.switch(sub, api.year)
    assert after["pending_update"] is None
    assert after["items"]["data"][0]["price"]["id"] == api.year
    assert api.get(f"invoices/{waiting['latest_invoice']}")["status"] == "void"


def test_an_update_that_is_paid_after_a_renewal_keeps_the_new_period() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-31 02:00:00")
    waiting = unpaid_upgrade(api, sub)
    api.until("2027-01-01 00:30:00")
    api.change_card(sub, "pm_card_visa")
    api.post(f"invoices/{waiting['latest_invoice']}/pay")
    after = api.sub(sub)
    assert after["items"]["data"][0]["price"]["id"] == api.pro
    assert period(after) == (at("2027-01-01"), at("2027-02-01"))
