"""Renewals: periods, drafts, attempts to collect."""

import pytest

from tests.unit.sandbox.stripe.in_memory import InMemoryStripe, at, period

PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]

PAID = [*PAYMENT, "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]

DECLINE = ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


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
    api = InMemoryStripe(begun)
    sub = api.subscribe(billing_cycle_anchor_config=None)
    for end in ends:
        assert period(api.sub(sub))[1] == at(f"{end} 10:00:00")
        api.until(f"{end} 11:00:00")
    invoices = api.get("invoices", subscription=sub["id"])["data"]
    assert [one["total"] for one in invoices] == [1000] * 5


def test_a_renewal_moves_the_period_drafts_an_invoice_and_collects_it_an_hour_later() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    api.until("2026-11-30")
    assert api.until("2026-12-01") == ["customer.subscription.updated", "invoice.created"]
    draft = api.sub(sub, expand=["latest_invoice"])["latest_invoice"]
    assert (draft["status"], draft["billing_reason"]) == ("draft", "subscription_cycle")
    assert draft["automatically_finalizes_at"] == at("2026-12-01 01:00:00")
    assert (draft["period_start"], draft["period_end"]) == (
        at("2026-11-23 12:00:00"), at("2026-12-01"),
    )  # fmt: skip
    assert draft["lines"]["data"][0]["period"] == {
        "start": at("2026-12-01"), "end": at("2027-01-01"),
    }  # fmt: skip
    assert api.sub(sub)["status"] == "active"
    assert api.until("2026-12-01 01:00:00") == ["invoice.finalized", *PAID]


def test_the_renewals_event_tells_the_period_that_was() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    api.until("2026-12-01")
    (event,) = api.get("events", type="customer.subscription.updated")["data"]
    before = event["data"]["previous_attributes"]
    assert before["latest_invoice"] == sub["latest_invoice"]
    assert period({"items": before["items"]}) == period(sub)
    assert event["request"] == {"id": None, "idempotency_key": None}


def test_a_renewal_is_announced_a_week_before() -> None:
    api = InMemoryStripe("2026-12-01")
    api.subscribe()
    assert api.until("2026-12-24 23:59:59") == []
    assert api.until("2026-12-31") == ["invoice.upcoming"]


def test_a_renewal_announced_late_because_a_cancellation_was_taken_back_is_not_dated_back() -> None:
    api = InMemoryStripe()
    sub = api.subscribe()
    api.post(f"subscriptions/{sub['id']}", cancel_at_period_end=True)
    api.until("2026-11-29")
    api.post(f"subscriptions/{sub['id']}", cancel_at_period_end=False)
    api.event_types()
    assert api.wait(60) == ["invoice.upcoming"]
    assert api.account.all("event")[-1]["created"] == at("2026-11-29")


def test_a_renewal_that_is_declined_is_tried_again_and_then_the_subscription_ends() -> None:
    api = InMemoryStripe("2026-12-01", retry_days=(3, 5))
    sub = api.subscribe()
    api.change_card(sub, "pm_card_chargeCustomerFail")
    api.until("2027-01-01")
    assert api.until("2027-01-01 01:00:00") == [
        "invoice.finalized", *DECLINE, "invoice.payment_failed", "customer.updated",
        "customer.subscription.updated",
    ]  # fmt: skip
    late = api.sub(sub, expand=["latest_invoice"])
    assert late["status"] == "past_due"
    assert late["latest_invoice"]["attempt_count"] == 1
    assert late["latest_invoice"]["next_payment_attempt"] == at("2027-01-04 01:00:00")
    assert api.get(f"customers/{sub['customer']}")["delinquent"] is True
    assert api.until("2027-01-04 01:00:00") == [*DECLINE[1:], "invoice.payment_failed"]
    assert api.until("2027-01-09 01:00:00") == [
        *DECLINE[1:], "invoice.payment_failed", "customer.subscription.deleted",
    ]  # fmt: skip
    gone = api.sub(sub)
    assert gone["cancellation_details"]["reason"] == "payment_failed"


@pytest.mark.parametrize("ending", ["unpaid", "past_due"])
def test_what_follows_the_last_attempt_is_the_owners_choice(ending: str) -> None:
    api = InMemoryStripe("2026-12-01", retry_days=(3,), after_retries=ending)
    sub = api.subscribe()
    api.change_card(sub, "pm_card_chargeCustomerFail")
    api.until("2027-01-10")
    assert api.sub(sub)["status"] == ending
    api.until("2027-02-02")
    drafted = api.sub(sub, expand=["latest_invoice"])["latest_invoice"]
    assert drafted["status"] == ("draft" if ending == "unpaid" else "open")


def test_a_new_card_makes_the_next_attempt_good_again() -> None:
    api = InMemoryStripe("2026-12-01")
    sub = api.subscribe()
    api.change_card(sub, "pm_card_chargeCustomerFail")
    api.until("2027-01-02")
    api.change_card(sub, "pm_card_visa")
    assert api.until("2027-01-04 01:00:00") == [
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid",
        "invoice.payment_succeeded", "invoice_payment.paid", "customer.updated",
        "customer.subscription.updated",
    ]  # fmt: skip
    assert api.sub(sub)["status"] == "active"
