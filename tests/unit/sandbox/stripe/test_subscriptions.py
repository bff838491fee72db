"""Stories of a subscription: begun, renewed, switched, canceled, in arrears, tried out."""

from typing import Any

import pytest

from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.money import prorate
from tests.unit.sandbox.stripe.shop import Shop, amounts, at, period

DAY = 86_400
PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
PAID = [*PAYMENT, "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]
DECLINE = ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def refused(error: pytest.ExceptionInfo[StripeError]) -> dict[str, Any]:
    body: dict[str, Any] = error.value.body("req_1")["error"]
    return body


def test_a_subscription_anchored_to_the_first_pays_its_part_month_to_the_second() -> None:
    shop = Shop("2026-11-23 12:00:00")
    customer = shop.customer()
    sub = shop.post(
        "subscriptions",
        customer=customer,
        items=[{"price": shop.basic}],
        billing_cycle_anchor_config={"day_of_month": 1, "hour": 0, "minute": 0, "second": 0},
        expand=["latest_invoice"],
    )
    assert shop.told() == [
        "customer.subscription.created", "invoice.created", "invoice.finalized", *PAID,
    ]  # fmt: skip
    assert sub["status"] == "active"
    assert sub["billing_mode"]["type"] == "flexible"
    assert period(sub) == (at("2026-11-23 12:00:00"), at("2026-12-01"))
    seconds = at("2026-12-01") - at("2026-11-23 12:00:00")
    assert amounts(sub["latest_invoice"]) == [prorate(1000, seconds, 30 * DAY)] == [250]
    assert sub["latest_invoice"]["billing_reason"] == "subscription_create"


def test_whoever_begins_on_the_first_pays_the_month() -> None:
    sub = Shop("2027-02-01").subscribe(expand=["latest_invoice"])
    assert amounts(sub["latest_invoice"]) == [1000]
    assert period(sub) == (at("2027-02-01"), at("2027-03-01"))


@pytest.mark.parametrize(
    ("begun", "ends"),
    [
        ("2027-01-31 10:00:00", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2028-01-30 10:00:00", ["2028-02-29", "2028-03-30", "2028-04-30", "2028-05-30"]),
        ("2026-11-30 10:00:00", ["2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30"]),
    ],
)
def test_renewals_keep_to_the_day_over_month_ends_leap_days_and_year_turns(
    begun: str, ends: list[str]
) -> None:
    shop = Shop(begun)
    sub = shop.subscribe(billing_cycle_anchor_config=None)
    for end in ends:
        assert period(shop.sub(sub))[1] == at(f"{end} 10:00:00")
        shop.until(f"{end} 11:00:00")
    invoices = shop.get("invoices", subscription=sub["id"])["data"]
    assert [one["total"] for one in invoices] == [1000] * 5


def test_a_renewal_moves_the_period_drafts_an_invoice_and_collects_it_an_hour_later() -> None:
    shop = Shop()
    sub = shop.subscribe()
    shop.until("2026-11-30")
    assert shop.until("2026-12-01") == ["customer.subscription.updated", "invoice.created"]
    draft = shop.sub(sub, expand=["latest_invoice"])["latest_invoice"]
    assert (draft["status"], draft["billing_reason"]) == ("draft", "subscription_cycle")
    assert draft["automatically_finalizes_at"] == at("2026-12-01 01:00:00")
    assert (draft["period_start"], draft["period_end"]) == (
        at("2026-11-23 12:00:00"), at("2026-12-01"),
    )  # fmt: skip
    assert draft["lines"]["data"][0]["period"] == {
        "start": at("2026-12-01"), "end": at("2027-01-01"),
    }  # fmt: skip
    assert shop.sub(sub)["status"] == "active"
    assert shop.until("2026-12-01 01:00:00") == ["invoice.finalized", *PAID]


def test_the_renewals_event_tells_the_period_that_was() -> None:
    shop = Shop()
    sub = shop.subscribe()
    shop.until("2026-12-01")
    (event,) = shop.get("events", type="customer.subscription.updated")["data"]
    before = event["data"]["previous_attributes"]
    assert before["latest_invoice"] == sub["latest_invoice"]
    assert period({"items": before["items"]}) == period(sub)
    assert event["request"] == {"id": None, "idempotency_key": None}


def test_a_renewal_is_announced_a_week_before() -> None:
    shop = Shop("2026-12-01")
    shop.subscribe()
    assert shop.until("2026-12-24 23:59:59") == []
    assert shop.until("2026-12-31") == ["invoice.upcoming"]


def test_an_upgrade_credits_what_was_debited_and_debits_the_rest_of_the_new_price() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    items = [{"id": sub["items"]["data"][0]["id"], "price": shop.pro}]
    now = shop.account.now()
    preview = shop.post(
        "invoices/create_preview",
        customer=sub["customer"],
        subscription=sub["id"],
        subscription_details={
            "items": items, "proration_behavior": "always_invoice", "proration_date": now,
        },
    )  # fmt: skip
    assert amounts(preview) == [-500, 1500]
    assert shop.told() == []
    after = shop.switch(
        sub,
        shop.pro,
        proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
        proration_date=now,
        expand=["latest_invoice"],
    )
    assert shop.told() == [
        "invoice.created", "invoice.finalized", *PAID, "customer.subscription.updated",
    ]  # fmt: skip
    made = after["latest_invoice"]
    assert amounts(made) == amounts(preview)
    parents = [line["parent"]["subscription_item_details"] for line in made["lines"]["data"]]
    assert [parent["proration"] for parent in parents] == [True, True]
    credited = parents[0]["proration_details"]["credited_items"]
    assert credited["invoice"] == sub["latest_invoice"]
    assert period(after) == period(sub)
    assert after["items"]["data"][0]["price"]["id"] == shop.pro
    shop.until("2027-01-01 02:00:00")
    assert shop.get("invoices", subscription=sub["id"])["data"][0]["total"] == 3000


def test_an_unpaid_upgrade_waits_and_a_payment_brings_it() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    waiting = shop.switch(
        sub, shop.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    assert shop.told() == [
        "invoice.created", "invoice.finalized", *DECLINE, "invoice.payment_failed",
        "customer.subscription.updated",
    ]  # fmt: skip
    assert (waiting["status"], waiting["items"]) == ("active", sub["items"])
    update = waiting["pending_update"]
    assert update["expires_at"] == shop.account.now() + 23 * 3600
    assert update["subscription_items"][0]["price"]["id"] == shop.pro
    shop.change_card(sub, "pm_card_visa")
    paid = shop.post(f"invoices/{waiting['latest_invoice']}/pay")
    assert paid["status"] == "paid"
    assert shop.told()[-2:] == [
        "customer.subscription.pending_update_applied", "customer.subscription.updated",
    ]  # fmt: skip
    after = shop.sub(sub)
    assert after["pending_update"] is None
    assert after["items"]["data"][0]["price"]["id"] == shop.pro


def test_a_pending_update_nobody_pays_expires_and_its_invoice_is_void() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    waiting = shop.switch(
        sub, shop.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete",
    )  # fmt: skip
    shop.told()
    assert shop.until("2026-12-17 10:59:59") == []
    assert shop.until("2026-12-17 11:00:00") == [
        "payment_intent.canceled", "invoice.voided",
        "customer.subscription.pending_update_expired",
    ]  # fmt: skip
    assert shop.sub(sub)["pending_update"] is None
    assert shop.sub(sub)["items"] == sub["items"]
    assert shop.get(f"invoices/{waiting['latest_invoice']}")["status"] == "void"


def test_only_prices_may_come_with_pending_if_incomplete() -> None:
    shop = Shop()
    sub = shop.subscribe()
    with pytest.raises(StripeError, match="you can only pass") as error:
        shop.switch(sub, shop.pro, payment_behavior="pending_if_incomplete", metadata={"a": "b"})
    assert refused(error)["param"] == "metadata"


def test_error_if_incomplete_changes_nothing() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    before = shop.sub(sub)
    with pytest.raises(StripeError) as error:
        shop.switch(
            sub, shop.pro, proration_behavior="always_invoice",
            payment_behavior="error_if_incomplete",
        )  # fmt: skip
    assert (error.value.status, refused(error)["code"]) == (402, "card_declined")
    assert shop.sub(sub) == before
    assert shop.told() == []


def test_a_change_that_is_applied_unpaid_leaves_the_subscription_past_due() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-11")
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    after = shop.switch(sub, shop.pro, proration_behavior="always_invoice")
    assert after["status"] == "past_due"
    assert after["items"]["data"][0]["price"]["id"] == shop.pro
    shop.change_card(sub, "pm_card_visa")
    shop.post(f"invoices/{after['latest_invoice']}/pay")
    assert shop.sub(sub)["status"] == "active"


def test_prorations_wait_for_the_next_invoice_unless_told_otherwise() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    shop.switch(sub, shop.pro)
    assert shop.told() == [
        "invoiceitem.created", "invoiceitem.created", "customer.subscription.updated",
    ]  # fmt: skip
    upcoming = shop.post("invoices/create_preview", subscription=sub["id"])
    assert amounts(upcoming) == [-500, 1500, 3000]
    shop.until("2027-01-01 01:00:00")
    assert amounts(shop.get("invoices", subscription=sub["id"])["data"][0]) == [-500, 1500, 3000]
    assert shop.get("invoiceitems", pending=True)["data"] == []


def test_a_change_without_prorations_costs_nothing_until_the_renewal() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16")
    shop.switch(sub, shop.pro, proration_behavior="none")
    assert shop.told() == ["customer.subscription.updated"]
    upcoming = shop.post("invoices/create_preview", subscription=sub["id"])
    assert amounts(upcoming) == [3000]


def test_a_credit_is_kept_on_the_balance_and_used_by_the_next_invoice() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(shop.pro)
    shop.until("2026-12-16 12:00:00")
    made = shop.switch(
        sub, shop.basic, proration_behavior="always_invoice", expand=["latest_invoice"]
    )["latest_invoice"]
    assert (made["total"], made["amount_due"], made["status"]) == (-1000, 0, "paid")
    assert shop.get(f"customers/{sub['customer']}")["balance"] == -1000
    shop.until("2027-01-01 02:00:00")
    renewal = shop.get("invoices", subscription=sub["id"])["data"][0]
    assert (renewal["total"], renewal["amount_due"]) == (1000, 0)
    assert shop.get(f"customers/{sub['customer']}")["balance"] == 0


def test_too_little_to_charge_is_put_on_the_balance() -> None:
    shop = Shop("2026-11-30 23:00:00")
    sub = shop.subscribe(expand=["latest_invoice"])
    made = sub["latest_invoice"]
    assert (made["total"], made["amount_due"], made["status"]) == (1, 0, "paid")
    assert sub["status"] == "active"
    assert shop.get("charges")["data"] == []
    shop.until("2026-12-01 01:00:00")
    assert shop.get("charges")["data"][0]["amount"] == 1001


def test_another_interval_bills_at_once_and_begins_a_new_cycle() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    after = shop.switch(sub, shop.year, expand=["latest_invoice"])
    assert amounts(after["latest_invoice"]) == [-500, 9900]
    assert period(after) == (at("2026-12-16 12:00:00"), at("2027-12-16 12:00:00"))
    assert after["billing_cycle_anchor"] == at("2026-12-16 12:00:00")
    assert after["billing_cycle_anchor_config"] is None


def test_an_item_without_its_id_is_a_further_item() -> None:
    shop = Shop()
    sub = shop.subscribe()
    after = shop.post(f"subscriptions/{sub['id']}", items=[{"price": shop.pro}])
    prices = [item["price"]["id"] for item in after["items"]["data"]]
    assert prices == [shop.basic, shop.pro]


def test_a_wish_to_cancel_is_a_flag_and_the_subscription_ends_with_its_period() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    after = shop.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)
    assert (after["cancel_at_period_end"], after["cancel_at"]) == (True, None)
    assert after["cancellation_details"]["reason"] == "cancellation_requested"
    assert shop.told() == ["customer.subscription.updated"]
    assert shop.until("2026-12-31 23:59:59") == []
    assert shop.until("2027-01-01") == ["customer.subscription.deleted"]
    assert shop.sub(sub)["status"] == "canceled"
    assert shop.sub(sub)["ended_at"] == at("2027-01-01")
    assert shop.until("2027-03-01") == []


def test_a_cancellation_is_taken_back_by_unsetting_both_ways_of_wishing_it() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.post(f"subscriptions/{sub['id']}", cancel_at="min_period_end")
    assert shop.sub(sub)["cancel_at"] == at("2027-01-01")
    after = shop.post(f"subscriptions/{sub['id']}", cancel_at_period_end=False, cancel_at="")
    assert (after["cancel_at"], after["canceled_at"]) == (None, None)
    shop.told()
    assert "customer.subscription.updated" in shop.until("2027-01-01")


def test_canceling_now_ends_now_and_gives_back_only_when_asked() -> None:
    shop = Shop("2026-12-01")
    sub, other = shop.subscribe(), shop.subscribe()
    shop.until("2026-12-16 12:00:00")
    shop.call("DELETE", f"subscriptions/{sub['id']}")
    assert shop.told() == ["customer.subscription.deleted"]
    shop.call("DELETE", f"subscriptions/{other['id']}", prorate=True, invoice_now=True)
    assert shop.get("invoices", subscription=other["id"])["data"][0]["total"] == -500
    with pytest.raises(StripeError, match="No such subscription"):
        shop.call("DELETE", f"subscriptions/{sub['id']}")


def test_a_renewal_that_is_declined_is_tried_again_and_then_the_subscription_ends() -> None:
    shop = Shop("2026-12-01", retry_days=(3, 5))
    sub = shop.subscribe()
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    shop.until("2027-01-01")
    assert shop.until("2027-01-01 01:00:00") == [
        "invoice.finalized", *DECLINE, "invoice.payment_failed", "customer.updated",
        "customer.subscription.updated",
    ]  # fmt: skip
    late = shop.sub(sub, expand=["latest_invoice"])
    assert late["status"] == "past_due"
    assert late["latest_invoice"]["attempt_count"] == 1
    assert late["latest_invoice"]["next_payment_attempt"] == at("2027-01-04 01:00:00")
    assert shop.get(f"customers/{sub['customer']}")["delinquent"] is True
    assert shop.until("2027-01-04 01:00:00") == [*DECLINE[1:], "invoice.payment_failed"]
    assert shop.until("2027-01-09 01:00:00") == [
        *DECLINE[1:], "invoice.payment_failed", "customer.subscription.deleted",
    ]  # fmt: skip
    gone = shop.sub(sub)
    assert gone["cancellation_details"]["reason"] == "payment_failed"


@pytest.mark.parametrize("ending", ["unpaid", "past_due"])
def test_what_follows_the_last_attempt_is_the_owners_choice(ending: str) -> None:
    shop = Shop("2026-12-01", retry_days=(3,), after_retries=ending)
    sub = shop.subscribe()
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    shop.until("2027-01-10")
    assert shop.sub(sub)["status"] == ending
    shop.until("2027-02-02")
    drafted = shop.sub(sub, expand=["latest_invoice"])["latest_invoice"]
    assert drafted["status"] == ("draft" if ending == "unpaid" else "open")


def test_a_new_card_makes_the_next_attempt_good_again() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    shop.until("2027-01-02")
    shop.change_card(sub, "pm_card_visa")
    assert shop.until("2027-01-04 01:00:00") == [
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid",
        "invoice.payment_succeeded", "invoice_payment.paid", "customer.updated",
        "customer.subscription.updated",
    ]  # fmt: skip
    assert shop.sub(sub)["status"] == "active"


def test_a_card_that_asks_its_owner_leaves_the_first_invoice_open_until_they_agree() -> None:
    shop = Shop()
    sub = shop.subscribe(card="pm_card_authenticationRequired")
    assert sub["status"] == "incomplete"
    secret = shop.get(f"invoices/{sub['latest_invoice']}", expand=["confirmation_secret"])
    assert secret["confirmation_secret"]["type"] == "payment_intent"
    with pytest.raises(StripeError) as error:
        shop.post(f"invoices/{sub['latest_invoice']}/pay")
    assert refused(error)["code"] == "invoice_payment_intent_requires_action"
    assert "invoice.payment_action_required" in shop.told()


def test_a_first_payment_that_never_comes_expires_the_subscription() -> None:
    shop = Shop()
    sub = shop.subscribe(card="pm_card_chargeCustomerFail")
    assert sub["status"] == "incomplete"
    told = shop.until("2026-11-24 11:00:00")
    assert told == ["payment_intent.canceled", "invoice.voided", "customer.subscription.updated"]
    assert shop.sub(sub)["status"] == "incomplete_expired"


def test_default_incomplete_waits_for_the_customers_confirmation() -> None:
    shop = Shop()
    sub = shop.subscribe(
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.payments"],
    )
    (payment,) = sub["latest_invoice"]["payments"]["data"]
    intent = shop.get(f"payment_intents/{payment['payment']['payment_intent']}")
    assert (sub["status"], intent["status"]) == ("incomplete", "requires_payment_method")
    shop.post(f"payment_intents/{intent['id']}/confirm", payment_method="pm_card_mastercard")
    after = shop.sub(sub, expand=["default_payment_method"])
    assert after["status"] == "active"
    assert after["default_payment_method"]["card"]["brand"] == "mastercard"


def test_without_any_card_nothing_begins() -> None:
    shop = Shop()
    customer = shop.post("customers")["id"]
    with pytest.raises(StripeError, match="no attached payment source"):
        shop.post("subscriptions", customer=customer, items=[{"price": shop.basic}])
    assert shop.get("subscriptions", status="all")["data"] == []


def test_a_trial_is_free_announces_its_end_and_then_bills() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(trial_period_days=14, billing_cycle_anchor_config=None)
    assert (sub["status"], sub["trial_end"]) == ("trialing", at("2026-12-15"))
    assert shop.get("charges")["data"] == []
    assert shop.until("2026-12-12") == ["customer.subscription.trial_will_end"]
    assert shop.until("2026-12-15") == ["customer.subscription.updated", "invoice.created"]
    shop.until("2026-12-15 01:00:00")
    after = shop.sub(sub)
    assert (after["status"], period(after)) == ("active", (at("2026-12-15"), at("2027-01-15")))
    assert [one["amount"] for one in shop.get("charges")["data"]] == [1000]


def test_after_a_trial_an_anchored_subscription_pays_its_part_month() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(trial_period_days=15)
    shop.until("2026-12-16 01:00:00")
    assert period(shop.sub(sub)) == (at("2026-12-16"), at("2027-01-01"))
    assert [one["amount"] for one in shop.get("charges")["data"]] == [prorate(1000, 16, 31)]


@pytest.mark.parametrize(
    ("wish", "status", "told"),
    [
        ("cancel", "canceled", "customer.subscription.deleted"),
        ("pause", "paused", "customer.subscription.paused"),
        ("create_invoice", "active", "customer.subscription.updated"),
    ],
)
def test_a_trial_that_ends_without_a_card_does_as_wished(wish: str, status: str, told: str) -> None:
    shop = Shop("2026-12-01")
    customer = shop.post("customers")["id"]
    sub = shop.post(
        "subscriptions",
        customer=customer,
        items=[{"price": shop.basic}],
        trial_period_days=7,
        trial_settings={"end_behavior": {"missing_payment_method": wish}},
    )
    shop.told()
    assert told in shop.until("2026-12-08")
    assert shop.sub(sub)["status"] == status
    if status == "paused":
        settings = {"default_payment_method": "pm_card_visa"}
        shop.post(f"customers/{customer}", invoice_settings=settings)
        after = shop.post(f"subscriptions/{sub['id']}/resume", billing_cycle_anchor={"type": "now"})
        assert after["status"] == "active"
        assert "customer.subscription.resumed" in shop.told()


def test_a_deleted_customers_subscriptions_end_at_once() -> None:
    shop = Shop()
    sub = shop.subscribe()
    shop.call("DELETE", f"customers/{sub['customer']}")
    assert shop.told() == ["customer.subscription.deleted", "customer.deleted"]
    assert shop.get(f"customers/{sub['customer']}")["deleted"] is True
    with pytest.raises(StripeError, match="No such customer"):
        shop.post(f"customers/{sub['customer']}", name="Ann")


def unpaid_upgrade(shop: Shop, sub: Any, **more: Any) -> Any:
    """An upgrade that waits for a payment the card does not give."""
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    waiting = shop.switch(
        sub, shop.pro, proration_behavior="always_invoice",
        payment_behavior="pending_if_incomplete", **more,
    )  # fmt: skip
    shop.told()
    return waiting


def test_a_second_change_credits_what_the_first_one_debited() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-11")
    shop.switch(sub, shop.pro, proration_behavior="always_invoice")
    shop.until("2026-12-21")
    made = shop.switch(
        sub, shop.basic, proration_behavior="always_invoice", expand=["latest_invoice"]
    )["latest_invoice"]
    first = prorate(3000, 21, 31)
    assert amounts(made) == [-prorate(first, 11, 21), prorate(1000, 11, 31)]


def test_a_change_in_the_first_second_gives_everything_back() -> None:
    shop = Shop("2026-12-01")
    dear = shop.post(
        "prices", product=shop.get(f"prices/{shop.basic}")["product"], currency="usd",
        unit_amount=99_999_999, recurring={"interval": "month"},
    )  # fmt: skip
    sub = shop.subscribe(dear["id"])
    shop.switch(sub, shop.basic)
    waiting = shop.get("invoiceitems")["data"]
    assert sorted(one["amount"] for one in waiting) == [-99_999_999, 1000]


def test_a_void_invoices_debits_are_not_credited() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-10")
    unpaid_upgrade(shop, sub)
    shop.until("2026-12-16 12:00:00")
    preview = shop.post(
        "invoices/create_preview",
        subscription=sub["id"],
        subscription_details={
            "items": [{"id": sub["items"]["data"][0]["id"], "price": shop.pro}],
            "proration_behavior": "always_invoice",
        },
    )
    assert amounts(preview) == [-500, 1500]


def test_a_void_invoice_gives_the_balance_it_used_back() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.post(f"customers/{sub['customer']}", balance=-300)
    waiting = unpaid_upgrade(shop, sub, expand=["latest_invoice"])["latest_invoice"]
    assert (waiting["total"], waiting["amount_due"]) == (2000, 1700)
    assert shop.get(f"customers/{sub['customer']}")["balance"] == 0
    shop.until("2026-12-02")
    assert shop.get(f"customers/{sub['customer']}")["balance"] == -300


def test_a_pending_update_is_given_up_by_voiding_its_invoice() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    waiting = unpaid_upgrade(shop, sub)
    shop.told()
    voided = shop.post(f"invoices/{waiting['latest_invoice']}/void")
    assert voided["status"] == "void"
    assert shop.told()[-1] == "customer.subscription.pending_update_expired"
    assert shop.sub(sub)["pending_update"] is None
    assert shop.sub(sub)["items"] == sub["items"]


def test_a_renewal_decides_although_a_later_update_waits_for_its_payment() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.change_card(sub, "pm_card_chargeCustomerFail")
    shop.until("2027-01-01 00:30:00")
    renewal = shop.sub(sub)["latest_invoice"]
    unpaid_upgrade(shop, sub)
    shop.until("2027-01-01 01:00:00")
    assert shop.sub(sub)["status"] == "past_due"
    shop.until("2027-01-02 00:30:00")
    assert (shop.sub(sub)["pending_update"], shop.sub(sub)["status"]) == (None, "past_due")
    shop.change_card(sub, "pm_card_visa")
    shop.post(f"invoices/{renewal}/pay")
    assert shop.sub(sub)["status"] == "active"


def test_a_newer_change_takes_the_place_of_a_pending_one() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    waiting = unpaid_upgrade(shop, sub)
    shop.change_card(sub, "pm_card_visa")
    after = shop.switch(sub, shop.year)
    assert after["pending_update"] is None
    assert after["items"]["data"][0]["price"]["id"] == shop.year
    assert shop.get(f"invoices/{waiting['latest_invoice']}")["status"] == "void"


def test_an_update_that_is_paid_after_a_renewal_keeps_the_new_period() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    shop.until("2026-12-31 02:00:00")
    waiting = unpaid_upgrade(shop, sub)
    shop.until("2027-01-01 00:30:00")
    shop.change_card(sub, "pm_card_visa")
    shop.post(f"invoices/{waiting['latest_invoice']}/pay")
    after = shop.sub(sub)
    assert after["items"]["data"][0]["price"]["id"] == shop.pro
    assert period(after) == (at("2027-01-01"), at("2027-02-01"))


def test_during_a_trial_a_change_costs_nothing_and_the_trial_goes_on() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(trial_period_days=14, billing_cycle_anchor_config=None)
    after = shop.switch(sub, shop.year, proration_behavior="always_invoice")
    assert (after["status"], after["latest_invoice"]) == ("trialing", sub["latest_invoice"])
    assert period(after) == period(sub)
    shop.until("2026-12-15 01:00:00")
    assert shop.get("charges")["data"][0]["amount"] == 9900
    assert period(shop.sub(sub)) == (at("2026-12-15"), at("2027-12-15"))


def test_a_trial_can_be_ended_at_once_and_is_billed_at_once() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe(trial_period_days=14, billing_cycle_anchor_config=None)
    shop.until("2026-12-05")
    after = shop.post(f"subscriptions/{sub['id']}", trial_end="now", expand=["latest_invoice"])
    assert (after["status"], amounts(after["latest_invoice"])) == ("active", [1000])
    assert period(after) == (at("2026-12-05"), at("2027-01-05"))


def test_only_a_customers_own_card_pays_for_them() -> None:
    shop = Shop()
    foreign = shop.get("payment_methods", customer=shop.customer())["data"][0]["id"]
    with pytest.raises(StripeError, match="No such payment method"):
        shop.subscribe(default_payment_method=foreign)


def test_a_proration_date_is_within_the_period() -> None:
    shop = Shop("2026-12-01")
    sub = shop.subscribe()
    with pytest.raises(StripeError, match="proration_date"):
        shop.switch(sub, shop.pro, proration_date=at("2026-11-30"))
