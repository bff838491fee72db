"""Changes of a running subscription: credits, debits, intervals, items."""

import pytest

from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.money import prorate
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, amounts, at, period, unpaid_upgrade

PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]

PAID = [*PAYMENT, "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]


def test_an_upgrade_credits_what_was_debited_and_debits_the_rest_of_the_new_price() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16 12:00:00")
    items = [{"id": sub["items"]["data"][0]["id"], "price": api.pro}]
    now = api.account.now()
    preview = api.post(
        "invoices/create_preview",
        customer=sub["customer"],
        subscription=sub["id"],
        subscription_details={
            "items": items, "proration_behavior": "always_invoice", "proration_date": now,
        },
    )  # fmt: skip
    assert amounts(preview) == [-500, 1500]
    assert api.event_types() == []
    after = api.switch(
        sub,
        api.pro,
        proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
        proration_date=now,
        expand=["latest_invoice"],
    )
    assert api.event_types() == [
        "invoice.created", "invoice.finalized", *PAID, "customer.subscription.updated",
    ]  # fmt: skip
    made = after["latest_invoice"]
    assert amounts(made) == amounts(preview)
    parents = [line["parent"]["subscription_item_details"] for line in made["lines"]["data"]]
    assert [parent["proration"] for parent in parents] == [True, True]
    credited = parents[0]["proration_details"]["credited_items"]
    assert credited["invoice"] == sub["latest_invoice"]
    assert period(after) == period(sub)
    assert after["items"]["data"][0]["price"]["id"] == api.pro
    api.until("2027-01-01 02:00:00")
    assert api.get("invoices", subscription=sub["id"])["data"][0]["total"] == 3000


def test_prorations_wait_for_the_next_invoice_unless_told_otherwise() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16 12:00:00")
    api.switch(sub, api.pro)
    assert api.event_types() == [
        "invoiceitem.created", "invoiceitem.created", "customer.subscription.updated",
    ]  # fmt: skip
    upcoming = api.post("invoices/create_preview", subscription=sub["id"])
    assert amounts(upcoming) == [-500, 1500, 3000]
    api.until("2027-01-01 01:00:00")
    assert amounts(api.get("invoices", subscription=sub["id"])["data"][0]) == [-500, 1500, 3000]
    assert api.get("invoiceitems", pending=True)["data"] == []


def test_a_change_without_prorations_costs_nothing_until_the_renewal() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16")
    api.switch(sub, api.pro, proration_behavior="none")
    assert api.event_types() == ["customer.subscription.updated"]
    upcoming = api.post("invoices/create_preview", subscription=sub["id"])
    assert amounts(upcoming) == [3000]


def test_a_credit_is_kept_on_the_balance_and_used_by_the_next_invoice() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe(api.pro)
    api.until("2026-12-16 12:00:00")
    made = api.switch(
        sub, api.basic, proration_behavior="always_invoice", expand=["latest_invoice"]
    )["latest_invoice"]
    assert (made["total"], made["amount_due"], made["status"]) == (-1000, 0, "paid")
    assert api.get(f"customers/{sub['customer']}")["balance"] == -1000
    api.until("2027-01-01 02:00:00")
    renewal = api.get("invoices", subscription=sub["id"])["data"][0]
    assert (renewal["total"], renewal["amount_due"]) == (1000, 0)
    assert api.get(f"customers/{sub['customer']}")["balance"] == 0


def test_too_little_to_charge_is_put_on_the_balance() -> None:
    api = InMemoryStripe("2026-11-30 23:00:00")
    sub = api.subscribe(expand=["latest_invoice"])
    made = sub["latest_invoice"]
    assert (made["total"], made["amount_due"], made["status"]) == (1, 0, "paid")
    assert sub["status"] == "active"
    assert api.get("charges")["data"] == []
    api.until("2026-12-01 01:00:00")
    assert api.get("charges")["data"][0]["amount"] == 1001


def test_another_interval_bills_at_once_and_begins_a_new_cycle() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-16 12:00:00")
    after = api.switch(sub, api.year, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [-500, 9900]
    assert period(after) == (at("2026-12-16 12:00:00"), at("2027-12-16 12:00:00"))
    assert after["billing_cycle_anchor"] == at("2026-12-16 12:00:00")
    assert after["billing_cycle_anchor_config"] is None


def test_an_item_without_its_id_is_a_further_item() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    after = api.post(f"subscriptions/{sub['id']}", items=[{"price": api.pro}])
    prices = [item["price"]["id"] for item in after["items"]["data"]]
    assert prices == [api.basic, api.pro]


def test_a_second_change_credits_what_the_first_one_debited() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-11")
    api.switch(sub, api.pro, proration_behavior="always_invoice")
    api.until("2026-12-21")
    made = api.switch(
        sub, api.basic, proration_behavior="always_invoice", expand=["latest_invoice"]
    )["latest_invoice"]
    first = prorate(3000, 21, 31)
    assert amounts(made) == [-prorate(first, 11, 21), prorate(1000, 11, 31)]


def test_a_change_in_the_first_second_gives_everything_back() -> None:
    api = InMemoryStripe("2026-12-01")
    dear = api.post(
        "prices", product=api.get(f"prices/{api.basic}")["product"], currency="usd",
        unit_amount=99_999_999, recurring={"interval": "month"},
    )  # fmt: skip
    sub = api.subscribe(dear["id"])
    api.switch(sub, api.basic)
    waiting = api.get("invoiceitems")["data"]
    assert sorted(one["amount"] for one in waiting) == [-99_999_999, 1000]


def test_a_void_invoices_debits_are_not_credited() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.until("2026-12-10")
    unpaid_upgrade(api, sub)
    api.until("2026-12-16 12:00:00")
    preview = api.post(
        "invoices/create_preview",
        subscription=sub["id"],
        subscription_details={
            "items": [{"id": sub["items"]["data"][0]["id"], "price": api.pro}],
            "proration_behavior": "always_invoice",
        },
    )
    assert amounts(preview) == [-500, 1500]


def test_a_void_invoice_gives_the_balance_it_used_back() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.post(f"customers/{sub['customer']}", balance=-300)
    waiting = unpaid_upgrade(api, sub, expand=["latest_invoice"])["latest_invoice"]
    assert (waiting["total"], waiting["amount_due"]) == (2000, 1700)
    assert api.get(f"customers/{sub['customer']}")["balance"] == 0
    api.until("2026-12-02")
    assert api.get(f"customers/{sub['customer']}")["balance"] == -300


def test_a_proration_date_is_within_the_period() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    with pytest.raises(StripeError, match="proration_date"):
        api.switch(sub, api.pro, proration_date=at("2026-11-30"))
