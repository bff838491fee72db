"""Everything else that is sold, charged, given back, listed or expanded."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.core.faults import Faults
from sandbox.stripe.core.account import difference
from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.shop import MONTHLY, Shop


def refused(error: pytest.ExceptionInfo[StripeError]) -> dict[str, Any]:
    body: dict[str, Any] = error.value.body("req_1")["error"]
    return body


def test_a_lookup_key_moves_only_when_told_to() -> None:
    shop = Shop()
    product = shop.get(f"prices/{shop.basic}")["product"]
    terms = {"product": product, "currency": "USD", "recurring": MONTHLY, "lookup_key": "plus"}
    first = shop.post("prices", **terms, unit_amount=500)
    with pytest.raises(StripeError, match="already uses that lookup key"):
        shop.post("prices", **terms, unit_amount=600)
    second = shop.post("prices", **terms, unit_amount=600, transfer_lookup_key=True)
    (found,) = shop.get("prices", lookup_keys=["plus"])["data"]
    assert found["id"] == second["id"]
    assert shop.get(f"prices/{first['id']}")["lookup_key"] is None
    assert found["currency"] == "usd"


def test_a_price_that_is_not_recurring_or_not_active_cannot_be_subscribed_to() -> None:
    shop = Shop()
    product = shop.get(f"prices/{shop.basic}")["product"]
    once = shop.post("prices", product=product, currency="usd", unit_amount=500)["id"]
    with pytest.raises(StripeError, match="type=one_time"):
        shop.subscribe(once)
    shop.post(f"prices/{shop.pro}", active=False)
    with pytest.raises(StripeError, match="inactive"):
        shop.subscribe(shop.pro)


def test_a_refund_is_counted_on_its_charge_and_changes_nothing_else() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    (charge,) = shop.get("charges")["data"]
    shop.post("refunds", charge=charge["id"], amount=300, reason="requested_by_customer")
    assert shop.told() == ["refund.created", "charge.refunded"]
    shop.post("refunds", payment_intent=charge["payment_intent"], amount=700)
    (last, first) = shop.get("events", type="charge.refunded")["data"]
    assert first["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert last["data"]["previous_attributes"] == {"amount_refunded": 300, "refunded": False}
    after = shop.get(f"charges/{charge['id']}", expand=["refunds"])
    assert [one["amount"] for one in after["refunds"]["data"]] == [700, 300]
    with pytest.raises(StripeError) as error:
        shop.post("refunds", charge=charge["id"])
    assert refused(error)["code"] == "charge_already_refunded"
    assert shop.sub(sub)["status"] == "active"
    assert shop.get(f"invoices/{sub['latest_invoice']}")["status"] == "paid"


def test_more_than_was_taken_cannot_be_given_back() -> None:
    shop = Shop("2026-12-01")
    shop.subscribe()
    (charge,) = shop.get("charges")["data"]
    with pytest.raises(StripeError, match=r"\(\$10\.01\) is greater than .* \(\$10\.00\)"):
        shop.post("refunds", charge=charge["id"], amount=1001)


def test_the_payments_of_an_invoice_lead_to_the_intent_and_back() -> None:
    shop = Shop()
    sub = shop.subscribe()
    (payment,) = shop.get("invoice_payments", invoice=sub["latest_invoice"])["data"]
    intent = payment["payment"]["payment_intent"]
    found = shop.get(
        "invoice_payments", payment={"type": "payment_intent", "payment_intent": intent}
    )
    assert found["data"] == [payment]
    assert (payment["status"], payment["is_default"]) == ("paid", True)


def test_an_invoice_paid_outside_is_paid_without_a_payment() -> None:
    shop = Shop()
    sub = shop.subscribe(card="pm_card_chargeCustomerFail")
    shop.post(f"invoices/{sub['latest_invoice']}/pay", paid_out_of_band=True)
    told = shop.told()
    assert "invoice.paid" in told
    assert "invoice.payment_succeeded" not in told
    assert shop.sub(sub)["status"] == "active"
    with pytest.raises(StripeError) as error:
        shop.post(f"invoices/{sub['latest_invoice']}/pay")
    assert refused(error)["code"] == "invoice_already_paid"


def test_a_failed_payment_on_request_is_refused_and_stays_on_record() -> None:
    shop = Shop()
    sub = shop.subscribe(card="pm_card_chargeCustomerFail")
    with pytest.raises(StripeError) as error:
        shop.post(f"invoices/{sub['latest_invoice']}/pay")
    assert (error.value.status, refused(error)["decline_code"]) == (402, "generic_decline")
    assert shop.get(f"invoices/{sub['latest_invoice']}")["attempt_count"] == 2
    assert shop.told()[-1] == "invoice.payment_failed"


def test_a_card_no_customer_can_keep_is_declined_when_attached() -> None:
    shop = Shop()
    customer = shop.post("customers")["id"]
    shop.told()
    with pytest.raises(StripeError) as error:
        shop.post("payment_methods/pm_card_visa_chargeDeclined/attach", customer=customer)
    assert (error.value.status, refused(error)["code"]) == (402, "card_declined")
    assert shop.get(f"customers/{customer}/payment_methods")["data"] == []


def test_a_detached_card_is_nobodys_default() -> None:
    shop = Shop()
    sub = shop.subscribe()
    (method,) = shop.get("payment_methods", customer=sub["customer"])["data"]
    shop.post(f"payment_methods/{method['id']}/detach")
    customer = shop.get(f"customers/{sub['customer']}")
    assert customer["invoice_settings"]["default_payment_method"] is None


def test_a_card_is_known_by_its_number() -> None:
    shop = Shop()
    card = {"number": "4000 0000 0000 0341", "exp_month": 1, "exp_year": 2031, "cvc": "123"}
    made = shop.post("payment_methods", type="card", card=card)
    assert made["card"]["last4"] == "0341"
    with pytest.raises(StripeError) as error:
        shop.post("payment_methods", type="card", card={**card, "number": "4000"})
    assert refused(error)["code"] == "incorrect_number"


def test_every_card_declines_while_that_fault_is_on() -> None:
    shop = Shop()
    shop.account.faults = Faults(decline_charges=True)
    assert shop.subscribe()["status"] == "incomplete"
    shop.account.faults = Faults()
    assert shop.subscribe()["status"] == "active"


def test_a_stolen_card_is_not_charged_again_until_another_is_there() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    method = shop.get(f"customers/{sub['customer']}")["invoice_settings"]["default_payment_method"]
    shop.account.note(method, card="pm_card_visa_chargeDeclinedStolenCard")
    shop.until("2027-01-01 01:00:00")
    assert shop.until("2027-01-04 01:00:00") == []
    shop.change_card(sub, "pm_card_visa")
    assert "invoice.paid" in shop.until("2027-01-09 01:00:00")


def test_lists_page_newest_first_by_cursors() -> None:
    shop = Shop()
    ids = [shop.post("customers", email=f"{n}@example.com")["id"] for n in range(5)][::-1]
    first = shop.get("customers", limit=2)
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (ids[:2], True)
    second = shop.get("customers", limit=2, starting_after=ids[1])
    assert ([row["id"] for row in second["data"]], second["has_more"]) == (ids[2:4], True)
    last = shop.get("customers", limit=2, starting_after=ids[3])
    assert ([row["id"] for row in last["data"]], last["has_more"]) == (ids[4:], False)
    back = shop.get("customers", limit=2, ending_before=ids[3])
    assert [row["id"] for row in back["data"]] == ids[1:3]
    assert shop.get("customers", email="3@example.com")["data"][0]["id"] == ids[1]
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_none"}):
        with pytest.raises(StripeError):
            shop.get("customers", **wrong)


def test_lists_can_be_bounded_by_creation() -> None:
    shop = Shop("2026-12-01")
    early = shop.customer()
    shop.until("2026-12-02")
    late = shop.customer()
    moment = shop.account.now()
    assert [row["id"] for row in shop.get("customers", created={"gte": moment})["data"]] == [late]
    assert [row["id"] for row in shop.get("customers", created={"lt": moment})["data"]] == [early]


def test_ids_are_expanded_up_to_four_deep_and_nothing_else_is() -> None:
    shop = Shop()
    sub = shop.subscribe()
    shown = shop.sub(sub, expand=["latest_invoice.payments", "customer.subscriptions"])
    assert shown["latest_invoice"]["payments"]["data"][0]["status"] == "paid"
    assert shown["customer"]["subscriptions"]["data"][0]["id"] == sub["id"]
    rows = shop.get("subscriptions", expand=["data.customer"])["data"]
    assert rows[0]["customer"]["email"] == "ann@example.com"
    priced = shop.sub(sub, expand=["items.data.price.product"])
    assert priced["items"]["data"][0]["price"]["product"]["name"] == "Plus"
    deep = "latest_invoice.customer.subscriptions.data.customer"
    for wrong in ("status", "nonsense", "latest_invoice.customer.nonsense", deep):
        with pytest.raises(StripeError, match="expand"):
            shop.sub(sub, expand=[wrong])


def test_what_is_missing_is_named_with_its_parameter() -> None:
    shop = Shop()
    with pytest.raises(StripeError) as error:
        shop.get("customers/cus_none")
    assert (error.value.status, refused(error)["param"]) == (404, "id")
    with pytest.raises(StripeError) as error:
        shop.post("subscriptions", customer="cus_none", items=[{"price": shop.basic}])
    assert (error.value.status, refused(error)["code"]) == (400, "resource_missing")
    assert refused(error)["param"] == "customer"
    assert refused(error)["message"] == "No such customer: 'cus_none'"


def test_a_difference_has_what_was_where_it_differs() -> None:
    before = {"a": 1, "b": {"c": 1, "d": 2}, "e": [1], "gone": 5}
    after = {"a": 1, "b": {"c": 1, "d": 3}, "e": [2], "new": 6}
    assert difference(before, after) == {"b": {"d": 2}, "e": [1], "gone": 5, "new": None}


def test_everything_outlives_the_process_also_what_is_due(tmp_path: Path) -> None:
    shop = Shop("2026-12-01", tmp_path / "stripe.json")
    sub = shop.subscribe()
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    shop.until("2026-12-15")
    waiting = shop.switch(
        sub, shop.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    shop.account.save()
    again = Shop("2026-12-15", tmp_path / "stripe.json")
    assert again.sub(sub) == waiting
    again.until("2026-12-16")
    assert again.sub(sub)["pending_update"] is None


def test_a_preview_of_a_new_subscription_keeps_nothing() -> None:
    shop = Shop("2026-12-16 12:00:00")
    customer = shop.customer()
    details = {
        "items": [{"price": shop.basic}],
        "billing_cycle_anchor": {"type": "timestamp", "timestamp": 1798761600},
    }
    made = shop.post("invoices/create_preview", customer=customer, subscription_details=details)
    assert made["total"] == 500
    assert shop.get("subscriptions", status="all")["data"] == []
    assert shop.told() == []
