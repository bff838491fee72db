"""Paid monthly subscriptions turn on the 1st, 00:00 UTC, however somebody came to be monthly."""

import datetime as dt
from typing import Any

import pytest

from sandbox.stripe.subscriptions.schedules import detach
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.errors import AppError
from server.core.identity.auth import Identity
from tests.integration.server.billing.billing_node import PAYS, BillingNode
from tests.integration.server.billing.test_stories import subscribe

YEAR_ENDS = dt.datetime(2027, 11, 10, 12, tzinfo=dt.UTC)
DECEMBER = dt.datetime(2027, 12, 1, tzinfo=dt.UTC)
JANUARY = dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
HELD = ("pro", "active", "monthly")


async def until(node: BillingNode, proration_date: dt.datetime) -> None:
    """Wait for a moment, and let the draft of an hour before it be collected."""
    node.advance(seconds=(proration_date - node.service.clock.now()).total_seconds())
    await node.deliver()


async def became_monthly(node: BillingNode) -> Identity:
    """Somebody whose year ended in mid-month and who pays monthly since an hour ago."""
    who = await subscribe(node, "pro", "yearly")
    await billing.change(node.deps, who, PlanAsk("pro", "monthly"))
    await until(node, YEAR_ENDS + dt.timedelta(hours=1))
    assert await node.entitlement(who) == HELD
    return who


def subscription(node: BillingNode) -> dict[str, Any]:
    (found,) = node.service.account.all("subscription")
    return dict(found)


def period_end(node: BillingNode) -> dt.datetime:
    ends: int = subscription(node)["items"]["data"][0]["current_period_end"]
    return dt.datetime.fromtimestamp(ends, dt.UTC)


def paid(node: BillingNode) -> list[int]:
    return [event["data"]["object"]["amount_paid"] for event in node.events("invoice.paid")]


async def test_after_a_year_the_first_part_month_is_all_that_is_paid_beside_whole_months(
    node: BillingNode,
) -> None:
    who = await became_monthly(node)
    price = paid(node)[-1]
    assert period_end(node) == dt.datetime(2027, 12, 10, 12, tzinfo=dt.UTC)
    assert (await node.changes(who))[-1] == ("pro", "pro", "interval_change", "completed")
    await until(node, DECEMBER)
    assert await node.entitlement(who) == HELD
    left = round(price * 19 / 60)  # nine and a half days of thirty
    assert paid(node)[-2:] == [price, price - left]
    assert period_end(node) == JANUARY
    await until(node, JANUARY + dt.timedelta(hours=1))
    assert await node.entitlement(who) == HELD
    assert paid(node)[-1] == price
    assert period_end(node) == dt.datetime(2028, 2, 1, tzinfo=dt.UTC)
    assert subscription(node)["schedule"] is None
    assert len(await node.changes(who)) == 2


async def test_a_year_that_ends_on_a_first_goes_on_by_whole_months(
    node: BillingNode,
) -> None:
    await until(node, dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    who = await subscribe(node, "pro", "yearly")
    await billing.change(node.deps, who, PlanAsk("pro", "monthly"))
    (schedule,) = node.service.account.all("subscription_schedule")
    assert len(schedule["phases"]) == 2
    await until(node, DECEMBER + dt.timedelta(hours=1))
    assert await node.entitlement(who) == HELD
    assert period_end(node) == JANUARY


async def test_a_larger_monthly_plan_after_a_year_turns_on_the_first_too(
    node: BillingNode,
) -> None:
    who = await subscribe(node, "pro", "yearly")
    await billing.change(node.deps, who, PlanAsk("premium", "monthly"))
    await until(node, DECEMBER)
    assert await node.entitlement(who) == ("premium", "active", "monthly")
    assert period_end(node) == JANUARY


async def test_in_the_first_part_month_one_may_cancel_and_keeps_what_is_paid(
    node: BillingNode,
) -> None:
    who = await became_monthly(node)
    await billing.cancel(node.deps, who)
    await until(node, DECEMBER)
    assert await node.entitlement(who) == HELD
    await until(node, dt.datetime(2027, 12, 10, 12, tzinfo=dt.UTC))
    assert await node.entitlement(who) == ("free", "active", None)


async def test_a_cancellation_taken_back_in_the_first_part_month_leads_to_the_first_again(
    node: BillingNode,
) -> None:
    who = await became_monthly(node)
    await billing.cancel(node.deps, who)
    await billing.resume(node.deps, who)
    with pytest.raises(AppError) as refused:
        await billing.resume(node.deps, who)
    assert refused.value.code == "wrong_state"
    await until(node, DECEMBER)
    assert await node.entitlement(who) == HELD
    assert period_end(node) == JANUARY


async def test_an_upgrade_in_the_first_part_month_leads_to_the_first_again(
    node: BillingNode,
) -> None:
    who = await became_monthly(node)
    shown = await checkout.preview(node.deps, who, PlanAsk("premium"))
    await billing.change(node.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert paid(node)[-1] == shown.amount_due_minor > 0
    await until(node, DECEMBER)
    assert await node.entitlement(who) == ("premium", "active", "monthly")
    assert period_end(node) == JANUARY
    assert (await node.row(who)).period_end == JANUARY


async def test_an_upgrade_holds_even_if_the_way_to_the_first_is_barred(
    node: BillingNode,
) -> None:
    who = await became_monthly(node)
    account = node.service.account
    with account.transaction():
        detach(account, account.get("subscription_schedule", subscription(node)["schedule"]))
    node.fail_requests("subscription_schedules", times=99)
    done = await billing.change(node.deps, who, PlanAsk("premium"))
    assert done.subscription.plan == "premium"
    assert subscription(node)["schedule"] is None
    node.fail_requests("", times=0)
    assert (await billing_events.reconcile(node.deps)).failed == 0
    await until(node, DECEMBER)
    assert period_end(node) == JANUARY


async def test_what_the_portal_undoes_the_daily_comparison_mends(node: BillingNode) -> None:
    who = await became_monthly(node)
    portal = await checkout.portal(node.deps, who)
    assert await node.click(f"{portal.url}/cancel") == 303
    assert await node.click(f"{portal.url}/keep") == 303
    await billing_events.reconcile(node.deps)
    await billing_events.reconcile(node.deps)
    await until(node, DECEMBER)
    assert period_end(node) == JANUARY
    assert await node.click(f"{portal.url}/card", card=PAYS) == 303
