"""A subscriber's stories, each told to its end: rows, audit trail and what dashboards hear."""

import random
from collections.abc import Sequence
from decimal import Decimal

import asyncpg
import msgspec
import pytest

from db.accounts import users
from db.cluster.event_streams import EventRow
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.live.hub import Hub
from tests.integration.server.billing.billing_node import ASKS, FAILS, PAYS, BillingNode


async def subscribe(node: BillingNode, plan: str = "pro", interval: str = "monthly") -> Identity:
    """A user who has bought a plan, with Stripe's events of it worked on."""
    who = await node.sign_up()
    ask = PlanAsk(plan, "yearly" if interval == "yearly" else "monthly")
    link = await checkout.checkout(node.deps, who, ask)
    assert await node.click(link.url, card=PAYS) == 303
    await node.deliver()
    return who


async def code_of(request: object) -> str:
    with pytest.raises(AppError) as refused:
        await request  # type: ignore[misc]
    return refused.value.code


async def test_a_first_plan_is_granted_by_the_payment_and_not_by_the_way_back(
    node: BillingNode,
) -> None:
    who = await node.sign_up()
    link = await checkout.checkout(node.deps, who, PlanAsk("pro"))
    assert await node.changes(who) == [("free", "pro", "upgrade", "pending")]
    assert await node.entitlement(who) == ("free", "active", None)
    assert await node.click(link.url, card=PAYS) == 303
    assert await node.entitlement(who) == ("free", "active", None)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert await node.changes(who) == [("free", "pro", "upgrade", "completed")]
    row = await node.row(who)
    assert row.period_end is not None
    assert (row.period_end.day, row.period_end.hour, row.period_end.minute) == (1, 0, 0)
    assert (await node.told(who)).count("usage.updated") == 1


async def test_the_preview_of_a_first_plan_is_what_the_payment_page_takes(
    node: BillingNode,
) -> None:
    who = await node.sign_up()
    shown = await checkout.preview(node.deps, who, PlanAsk("pro"))
    assert shown.needs_checkout
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    (paid,) = node.events("invoice.paid")
    assert paid["data"]["object"]["amount_paid"] == shown.amount_due_minor > 0


async def test_what_is_bought_anew_holds_at_once_also_where_it_is_less(node: BillingNode) -> None:
    who = await node.sign_up()
    async with node.pools.as_service() as connection:
        await users.give_plan(connection, who.user_id, "premium")  # which nobody pays for
    shown = await checkout.preview(node.deps, who, PlanAsk("pro"))
    assert shown.needs_checkout
    assert (shown.change_type, shown.takes_effect) == ("downgrade", "now")


async def test_the_payment_page_asks_for_nothing_where_the_preview_says_so(
    node: BillingNode,
) -> None:
    node.advance(days=20, hours=6)  # too little is left of the month to be charged
    who = await node.sign_up()
    shown = await checkout.preview(node.deps, who, PlanAsk("pro"))
    url = (await checkout.checkout(node.deps, who, PlanAsk("pro"))).url
    async with node.browser.get(url) as page:
        assert "<td>Due today</td><td>$0.00</td>" in await page.text()
    assert shown.amount_due_minor == 0
    await node.click(url, card=PAYS)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")


async def test_an_upgrade_costs_what_its_preview_said_and_holds_at_once(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    shown = await checkout.preview(node.deps, who, PlanAsk("premium"))
    assert (shown.change_type, shown.takes_effect) == ("upgrade", "now")
    done = await billing.change(node.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert (done.subscription.plan, done.pay_url) == ("premium", None)
    assert await node.entitlement(who) == ("premium", "active", "monthly")
    paid = node.events("invoice.paid")[-1]["data"]["object"]
    assert paid["amount_paid"] == shown.amount_due_minor > 0
    assert (await node.changes(who))[-1] == ("pro", "premium", "upgrade", "completed")


@pytest.mark.parametrize("card", [FAILS, ASKS])
async def test_an_upgrade_that_is_not_paid_grants_nothing(node: BillingNode, card: str) -> None:
    who = await subscribe(node)
    portal = await checkout.portal(node.deps, who)
    assert await node.click(f"{portal.url}/card", card=card) == 303
    done = await billing.change(node.deps, who, PlanAsk("premium"))
    assert done.subscription.plan == "pro"
    assert done.pay_url is not None
    assert (await node.changes(who))[-1] == ("pro", "premium", "upgrade", "pending")
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    node.advance(days=2)
    await node.deliver()
    assert (await node.changes(who))[-1] == ("pro", "premium", "upgrade", "failed")


async def test_an_upgrade_that_waits_for_its_payment_is_given_up_with_the_next_wish(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    portal = await checkout.portal(node.deps, who)
    await node.click(f"{portal.url}/card", card=FAILS)
    await billing.change(node.deps, who, PlanAsk("premium"))
    await billing.cancel(node.deps, who)
    await node.click(f"{portal.url}/card", card=PAYS)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    resumed = await billing.resume(node.deps, who)
    assert (resumed.subscription.plan, resumed.subscription.pending) == ("pro", None)
    statuses = [change[3] for change in (await node.changes(who))[1:]]
    assert statuses == ["cancelled", "cancelled"]


async def test_a_preview_of_less_than_can_be_charged_says_zero(node: BillingNode) -> None:
    who = await subscribe(node)
    node.advance(days=20, hours=6)
    shown = await checkout.preview(node.deps, who, PlanAsk("premium"))
    before = len(node.events("charge.succeeded"))
    done = await billing.change(node.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert (shown.amount_due_minor, done.subscription.plan) == (0, "premium")
    assert len(node.events("charge.succeeded")) == before


async def test_a_downgrade_waits_for_the_periods_end(node: BillingNode) -> None:
    who = await subscribe(node, "premium")
    shown = await checkout.preview(node.deps, who, PlanAsk("pro"))
    assert (shown.takes_effect, shown.amount_due_minor) == ("period_end", 0)
    await billing.change(node.deps, who, PlanAsk("pro"))
    await node.deliver()
    assert await node.entitlement(who) == ("premium", "active", "monthly")
    assert (await node.changes(who))[-1] == ("premium", "pro", "downgrade", "pending")
    node.advance(days=32)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert (await node.changes(who))[-1] == ("premium", "pro", "downgrade", "completed")


async def test_yearly_to_monthly_waits_and_monthly_to_yearly_does_not(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    shown = await checkout.preview(node.deps, who, PlanAsk("pro", "yearly"))
    done = await billing.change(node.deps, who, PlanAsk("pro", "yearly", quoted_at=shown.quoted_at))
    assert done.subscription.interval == "yearly"
    paid = node.events("invoice.paid")[-1]["data"]["object"]
    assert paid["amount_paid"] == shown.amount_due_minor > 0
    back = await billing.change(node.deps, who, PlanAsk("pro", "monthly"))
    assert back.subscription.interval == "yearly"
    assert back.subscription.pending is not None
    node.advance(days=367)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")


async def test_a_cancelled_plan_lasts_to_its_end_and_may_be_resumed(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    cancelled = await billing.cancel(node.deps, who)
    assert cancelled.subscription.ends_at is not None
    resumed = await billing.resume(node.deps, who)
    assert (resumed.subscription.ends_at, resumed.subscription.pending) == (None, None)
    assert (await node.changes(who))[-1] == ("pro", "free", "downgrade", "cancelled")
    await billing.cancel(node.deps, who)
    node.advance(days=32)
    await node.deliver()
    assert await node.entitlement(who) == ("free", "active", None)
    assert (await node.changes(who))[-1] == ("pro", "free", "downgrade", "completed")
    assert await code_of(billing.resume(node.deps, who)) == "checkout_required"


class Published(Hub):
    """A hub that remembers what it was handed."""

    def __init__(self) -> None:
        super().__init__()
        self.types: list[str] = []

    def publish_committed(self, rows: Sequence[EventRow]) -> None:
        self.types += [row.type for row in rows]


async def test_resuming_tells_of_what_was_found_on_the_way_too(node: BillingNode) -> None:
    who = await subscribe(node, "pro")
    hub = Published()
    portal = await checkout.portal(node.deps, who)
    assert await node.click(f"{portal.url}/cancel") == 303  # and no event of it has come yet
    before = await node.told(who)
    await billing.resume(msgspec.structs.replace(node.deps, hub=hub), who)
    assert hub.types == (await node.told(who))[len(before) :]
    assert hub.types.count("plan.changed") == 2  # it was to end, and is to go on


async def test_a_cancellation_in_the_portal_is_seen_as_one(node: BillingNode) -> None:
    who = await subscribe(node)
    portal = await checkout.portal(node.deps, who)
    assert await node.click(f"{portal.url}/cancel") == 303
    await node.deliver()
    assert (await node.row(who)).ends_at is not None
    assert (await node.changes(who))[-1] == ("pro", "free", "downgrade", "pending")


async def test_the_latest_wish_replaces_the_one_before_it(node: BillingNode) -> None:
    who = await subscribe(node, "premium")
    await billing.change(node.deps, who, PlanAsk("pro"))
    await billing.cancel(node.deps, who)
    await billing.change(node.deps, who, PlanAsk("pro"))
    statuses = [change[3] for change in (await node.changes(who))[1:]]
    assert statuses == ["cancelled", "cancelled", "pending"]
    node.advance(days=32)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")


async def test_an_upgrade_takes_a_planned_end_back(node: BillingNode) -> None:
    who = await subscribe(node)
    await billing.cancel(node.deps, who)
    done = await billing.change(node.deps, who, PlanAsk("premium"))
    assert (done.subscription.plan, done.subscription.ends_at) == ("premium", None)


async def test_a_failed_renewal_keeps_the_plan_for_the_grace_and_a_payment_restores_it(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    portal = await checkout.portal(node.deps, who)
    await node.click(f"{portal.url}/card", card=FAILS)
    node.advance(days=21)
    await node.deliver()
    row = await node.row(who)
    assert (row.plan, row.status, row.past_due_since is None) == ("pro", "past_due", False)
    node.advance(days=7)
    await billing_events.refresh(node.deps, str(row.stripe_customer_id))
    assert await node.entitlement(who) == ("free", "past_due", "monthly")
    await node.click(f"{portal.url}/card", card=PAYS)
    invoice = node.events("invoice.payment_failed")[-1]["data"]["object"]
    await node.click(invoice["hosted_invoice_url"], card=PAYS)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert (await node.row(who)).past_due_since is None


async def test_a_wish_for_more_does_not_lengthen_the_grace(node: BillingNode) -> None:
    who = await subscribe(node)
    portal = await checkout.portal(node.deps, who)
    await node.click(f"{portal.url}/card", card=FAILS)
    node.advance(days=23)
    asked = await billing.change(node.deps, who, PlanAsk("premium"))
    assert asked.subscription.plan == "pro"
    row = await node.row(who)
    assert (row.status, row.past_due_since) == ("past_due", row.period_start)


async def test_events_in_any_order_and_number_lead_to_the_same(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    await billing.change(node.deps, who, PlanAsk("premium"))
    doubled = node.events() * 3
    random.Random(7).shuffle(doubled)
    for event in doubled:
        await node.deliver([event])
    assert await node.entitlement(who) == ("premium", "active", "monthly")
    once = "select count(*) = count(distinct stripe_event_id) from subscription_events"
    assert await owner.fetchval(f"{once} where stripe_event_id is not null")
    audited = {
        row[0] for row in await owner.fetch("select stripe_event_id from subscription_events")
    }
    about = {e["id"] for e in node.events() if e["data"]["object"].get("customer")}
    assert about <= audited


async def test_the_audit_trail_has_each_change_of_plan_once_and_the_money_paid(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    await billing.change(node.deps, who, PlanAsk("premium"))
    await node.deliver()
    moves = await owner.fetch(
        "select from_plan, to_plan from subscription_events where user_id = $1"
        " and from_plan <> to_plan order by created_at", who.user_id,
    )  # fmt: skip
    assert [tuple(move) for move in moves] == [("free", "pro"), ("pro", "premium")]
    paid = sum(e["data"]["object"]["amount_paid"] for e in node.events("invoice.paid"))
    total = await owner.fetchval("select sum(billing_amount) from subscription_events")
    assert total == Decimal(paid) / 100


async def test_without_a_single_event_the_comparison_finds_everything(
    node: BillingNode,
) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    done = await billing_events.reconcile(node.deps)
    assert (done.customers, done.repaired, done.failed) == (1, 1, 0)
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert (await billing_events.reconcile(node.deps)).repaired == 0
