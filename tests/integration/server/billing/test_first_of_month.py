"""Paid monthly subscriptions turn on the 1st, 00:00 UTC, however somebody came to be monthly."""

import datetime as dt
from typing import Any

import pytest

from sandbox.stripe.subscriptions.schedules import detach
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.auth import Identity
from server.core.errors import AppError
from tests.integration.server.billing.shop import PAYS, Shop
from tests.integration.server.billing.test_stories import subscribe

YEAR_ENDS = dt.datetime(2027, 11, 10, 12, tzinfo=dt.UTC)
DECEMBER = dt.datetime(2027, 12, 1, tzinfo=dt.UTC)
JANUARY = dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
HELD = ("pro", "active", "monthly")


async def until(shop: Shop, proration_date: dt.datetime) -> None:
    """Wait for a moment, and let the draft of an hour before it be collected."""
    shop.advance(seconds=(proration_date - shop.service.clock.now()).total_seconds())
    await shop.deliver()


async def became_monthly(shop: Shop) -> Identity:
    """Somebody whose year ended in mid-month and who pays monthly since an hour ago."""
    who = await subscribe(shop, "pro", "yearly")
    await billing.change(shop.deps, who, PlanAsk("pro", "monthly"))
    await until(shop, YEAR_ENDS + dt.timedelta(hours=1))
    assert await shop.entitlement(who) == HELD
    return who


def subscription(shop: Shop) -> dict[str, Any]:
    (found,) = shop.service.account.all("subscription")
    return dict(found)


def period_end(shop: Shop) -> dt.datetime:
    ends: int = subscription(shop)["items"]["data"][0]["current_period_end"]
    return dt.datetime.fromtimestamp(ends, dt.UTC)


def paid(shop: Shop) -> list[int]:
    return [event["data"]["object"]["amount_paid"] for event in shop.events("invoice.paid")]


async def test_after_a_year_the_first_part_month_is_all_that_is_paid_beside_whole_months(
    shop: Shop,
) -> None:
    who = await became_monthly(shop)
    price = paid(shop)[-1]
    assert period_end(shop) == dt.datetime(2027, 12, 10, 12, tzinfo=dt.UTC)
    assert (await shop.changes(who))[-1] == ("pro", "pro", "interval_change", "completed")
    await until(shop, DECEMBER)
    assert await shop.entitlement(who) == HELD
    left = round(price * 19 / 60)  # nine and a half days of thirty
    assert paid(shop)[-2:] == [price, price - left]
    assert period_end(shop) == JANUARY
    await until(shop, JANUARY + dt.timedelta(hours=1))
    assert await shop.entitlement(who) == HELD
    assert paid(shop)[-1] == price
    assert period_end(shop) == dt.datetime(2028, 2, 1, tzinfo=dt.UTC)
    assert subscription(shop)["schedule"] is None
    assert len(await shop.changes(who)) == 2


async def test_a_year_that_ends_on_a_first_goes_on_by_whole_months(shop: Shop) -> None:
    await until(shop, dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    who = await subscribe(shop, "pro", "yearly")
    await billing.change(shop.deps, who, PlanAsk("pro", "monthly"))
    (schedule,) = shop.service.account.all("subscription_schedule")
    assert len(schedule["phases"]) == 2
    await until(shop, DECEMBER + dt.timedelta(hours=1))
    assert await shop.entitlement(who) == HELD
    assert period_end(shop) == JANUARY


async def test_a_larger_monthly_plan_after_a_year_turns_on_the_first_too(shop: Shop) -> None:
    who = await subscribe(shop, "pro", "yearly")
    await billing.change(shop.deps, who, PlanAsk("premium", "monthly"))
    await until(shop, DECEMBER)
    assert await shop.entitlement(who) == ("premium", "active", "monthly")
    assert period_end(shop) == JANUARY


async def test_in_the_first_part_month_one_may_cancel_and_keeps_what_is_paid(shop: Shop) -> None:
    who = await became_monthly(shop)
    await billing.cancel(shop.deps, who)
    await until(shop, DECEMBER)
    assert await shop.entitlement(who) == HELD
    await until(shop, dt.datetime(2027, 12, 10, 12, tzinfo=dt.UTC))
    assert await shop.entitlement(who) == ("free", "active", None)


async def test_a_cancellation_taken_back_in_the_first_part_month_leads_to_the_first_again(
    shop: Shop,
) -> None:
    who = await became_monthly(shop)
    await billing.cancel(shop.deps, who)
    await billing.resume(shop.deps, who)
    with pytest.raises(AppError) as refused:
        await billing.resume(shop.deps, who)
    assert refused.value.code == "wrong_state"
    await until(shop, DECEMBER)
    assert await shop.entitlement(who) == HELD
    assert period_end(shop) == JANUARY


async def test_an_upgrade_in_the_first_part_month_leads_to_the_first_again(shop: Shop) -> None:
    who = await became_monthly(shop)
    shown = await checkout.preview(shop.deps, who, PlanAsk("premium"))
    await billing.change(shop.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert paid(shop)[-1] == shown.amount_due_minor > 0
    await until(shop, DECEMBER)
    assert await shop.entitlement(who) == ("premium", "active", "monthly")
    assert period_end(shop) == JANUARY
    assert (await shop.row(who)).period_end == JANUARY


async def test_an_upgrade_holds_even_if_the_way_to_the_first_is_barred(shop: Shop) -> None:
    who = await became_monthly(shop)
    account = shop.service.account
    with account.transaction():
        detach(account, account.get("subscription_schedule", subscription(shop)["schedule"]))
    shop.fail_requests("subscription_schedules", times=99)
    done = await billing.change(shop.deps, who, PlanAsk("premium"))
    assert done.subscription.plan == "premium"
    assert subscription(shop)["schedule"] is None
    shop.fail_requests("", times=0)
    assert (await billing_events.reconcile(shop.deps)).failed == 0
    await until(shop, DECEMBER)
    assert period_end(shop) == JANUARY


async def test_what_the_portal_undoes_the_daily_comparison_mends(shop: Shop) -> None:
    who = await became_monthly(shop)
    portal = await checkout.portal(shop.deps, who)
    assert await shop.click(f"{portal.url}/cancel") == 303
    assert await shop.click(f"{portal.url}/keep") == 303
    await billing_events.reconcile(shop.deps)
    await billing_events.reconcile(shop.deps)
    await until(shop, DECEMBER)
    assert period_end(shop) == JANUARY
    assert await shop.click(f"{portal.url}/card", card=PAYS) == 303
