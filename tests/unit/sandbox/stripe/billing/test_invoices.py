"""Payments of an invoice, by card or otherwise."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, refused


def test_the_payments_of_an_invoice_lead_to_the_intent_and_back() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    (payment,) = api.get("invoice_payments", invoice=sub["latest_invoice"])["data"]
    intent = payment["payment"]["payment_intent"]
    found = api.get(
        "invoice_payments", payment={"type": "payment_intent", "payment_intent": intent}
    )
    assert found["data"] == [payment]
    assert (payment["status"], payment["is_default"]) == ("paid", True)


def test_an_invoice_paid_outside_is_paid_without_a_payment() -> None:
    api = InMemoryStripe()
    sub = api.subscribe(card="pm_card_chargeCustomerFail")
    api.post(f"invoices/{sub['latest_invoice']}/pay", paid_out_of_band=True)
    told = api.event_types()
    assert "invoice.paid" in told
    assert "invoice.payment_succeeded" not in told
    assert api.sub(sub)["status"] == "active"
    with pytest.raises(StripeError) as error:
        api.post(f"invoices/{sub['latest_invoice']}/pay")
    assert refused(error)["code"] == "invoice_already_paid"


def test_a_failed_payment_on_request_is_refused_and_stays_on_record() -> None:
    api = InMemoryStripe()
    sub = api.subscribe(card="pm_card_chargeCustomerFail")
    with pytest.raises(StripeError) as error:
        api.post(f"invoices/{sub['latest_invoice']}/pay")
    assert (error.value.status, refused(error)["decline_code"]) == (402, "generic_decline")
    assert api.get(f"invoices/{sub['latest_invoice']}")["attempt_count"] == 2
    assert api.event_types()[-1] == "invoice.payment_failed"
