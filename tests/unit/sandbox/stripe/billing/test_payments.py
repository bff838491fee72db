"""Charges, cards and refunds."""

import pytest

from sandbox.core.faults import Faults
from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, refused


def test_a_refund_is_counted_on_its_charge_and_changes_nothing_else() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    (charge,) = api.get("charges")["data"]
    api.post("refunds", charge=charge["id"], amount=300, reason="requested_by_customer")
    assert api.event_types() == ["refund.created", "charge.refunded"]
    api.post("refunds", payment_intent=charge["payment_intent"], amount=700)
    (last, first) = api.get("events", type="charge.refunded")["data"]
    assert first["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert last["data"]["previous_attributes"] == {"amount_refunded": 300, "refunded": False}
    after = api.get(f"charges/{charge['id']}", expand=["refunds"])
    assert [one["amount"] for one in after["refunds"]["data"]] == [700, 300]
    with pytest.raises(StripeError) as error:
        api.post("refunds", charge=charge["id"])
    assert refused(error)["code"] == "charge_already_refunded"
    assert api.sub(sub)["status"] == "active"
    assert api.get(f"invoices/{sub['latest_invoice']}")["status"] == "paid"


def test_more_than_was_taken_cannot_be_given_back() -> None:
    api = InMemoryStripe("2026-12-01")
    api.subscribe()
    (charge,) = api.get("charges")["data"]
    with pytest.raises(StripeError, match=r"\(\$10\.01\) is greater than .* \(\$10\.00\)"):
        api.post("refunds", charge=charge["id"], amount=1001)


def test_a_card_no_customer_can_keep_is_declined_when_attached() -> None:
    api = InMemoryStripe()
    customer = api.post("customers")["id"]
    api.event_types()
    with pytest.raises(StripeError) as error:
        api.post("payment_methods/pm_card_visa_chargeDeclined/attach", customer=customer)
    assert (error.value.status, refused(error)["code"]) == (402, "card_declined")
    assert api.get(f"customers/{customer}/payment_methods")["data"] == []


def test_a_detached_card_is_nobodys_default() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    (method,) = api.get("payment_methods", customer=sub["customer"])["data"]
    api.post(f"payment_methods/{method['id']}/detach")
    customer = api.get(f"customers/{sub['customer']}")
    assert customer["invoice_settings"]["default_payment_method"] is None


def test_a_card_is_known_by_its_number() -> None:
    api = InMemoryStripe()
    card = {"number": "4000 0000 0000 0341", "exp_month": 1, "exp_year": 2031, "cvc": "123"}
    made = api.post("payment_methods", type="card", card=card)
    assert made["card"]["last4"] == "0341"
    with pytest.raises(StripeError) as error:
        api.post("payment_methods", type="card", card={**card, "number": "4000"})
    assert refused(error)["code"] == "incorrect_number"


def test_every_card_declines_while_that_fault_is_on() -> None:
    api = InMemoryStripe()
    api.account.faults = Faults(decline_charges=True)
    assert api.subscribe()["status"] == "incomplete"
    api.account.faults = Faults()
    assert api.subscribe()["status"] == "active"


def test_a_stolen_card_is_not_charged_again_until_another_is_there() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    method = api.get(f"customers/{sub['customer']}")["invoice_settings"]["default_payment_method"]
    api.account.set_facts(method, card="pm_card_visa_chargeDeclinedStolenCard")
    api.until("2027-01-01 01:00:00")
    assert api.until("2027-01-04 01:00:00") == []
    api.change_card(sub, "pm_card_visa")
    assert "invoice.paid" in api.until("2027-01-09 01:00:00")
