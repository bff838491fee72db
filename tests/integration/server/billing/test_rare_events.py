"""What happens seldom, and by other hands than the subscriber's: disputes, refunds, trials, pauses.

The account's owner acts with the vendor's own SDK. What is not a change of plan leaves a line in
the audit trail, with its money, and no other trace.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from server.billing import actions, checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.identity.auth import Identity
from server.vendors.stripe.client import lookup_key
from tests.integration.server.billing.billing_node import PAYS, BillingNode
from tests.integration.server.billing.test_stories import subscribe

DISPUTES = "pm_card_createDispute"
PRO = ("pro", "active", "monthly")


async def money(owner: asyncpg.Connection, who: Identity) -> Decimal:
    """What the audit trail says was earned."""
    total: Decimal = await owner.fetchval(
        "select sum(billing_amount) from subscription_events where user_id = $1", who.user_id
    )
    return total


async def audited(owner: asyncpg.Connection, who: Identity, kind: str) -> list[Any]:
    """The amounts and the statuses of the lines of a type."""
    rows = await owner.fetch(
        "select billing_amount, metadata::jsonb ->> 'status' from subscription_events"
        " where user_id = $1 and event_type = $2 order by created_at", who.user_id, kind,
    )  # fmt: skip
    return [tuple(row) for row in rows]


async def paid(node: BillingNode) -> Decimal:
    cents = sum(e["data"]["object"]["amount_paid"] for e in node.events("invoice.paid"))
    return Decimal(cents) / 100


async def disputed(node: BillingNode) -> Identity:
    who = await node.sign_up()
    link = await checkout.checkout(node.deps, who, PlanAsk("pro"))
    assert await node.click(link.url, card=DISPUTES) == 303
    await node.deliver()
    return who


@pytest.mark.parametrize(
    ("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
async def test_a_dispute_takes_the_money_and_brings_it_back_if_won_and_the_plan_stays(
    node: BillingNode, owner: asyncpg.Connection, evidence: str, status: str
) -> None:
    who = await disputed(node)
    assert await node.entitlement(who) == PRO
    assert await audited(owner, who, "charge.dispute.created") == [(None, "needs_response")]
    assert await money(owner, who) == 0
    (dispute,) = (await node.admin.v1.disputes.list_async()).data
    await node.admin.v1.disputes.update_async(
        dispute.id, {"evidence": {"uncategorized_text": evidence}}
    )
    await node.deliver()
    assert await audited(owner, who, "charge.dispute.closed") == [(None, status)]
    assert await money(owner, who) == (await paid(node) if status == "won" else 0)
    assert await node.entitlement(who) == PRO


async def test_refunds_in_two_parts_are_two_lines_and_the_plan_stays(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    (charge,) = node.service.account.all("charge")
    await node.admin.v1.refunds.create_async({"charge": charge["id"], "amount": 100})
    await node.admin.v1.refunds.create_async({"charge": charge["id"]})
    await node.deliver()
    lines = await audited(owner, who, "refund.created")
    assert (Decimal("-1.00"), "succeeded") in lines
    assert len(lines) == 2
    assert await money(owner, who) == 0
    assert await node.entitlement(who) == PRO


async def begin_trial(
    node: BillingNode, *, card: str | None = None, without_card: str = "create_invoice"
) -> tuple[Identity, str]:
    """Somebody whom the account's owner gives seven days for nothing; their subscription."""
    who = await node.sign_up()
    await checkout.portal(node.deps, who)
    customer = str((await node.row(who)).stripe_customer_id)
    if card is not None:
        method = await node.admin.v1.payment_methods.attach_async(card, {"customer": customer})
        default: Any = {"invoice_settings": {"default_payment_method": method.id}}
        await node.admin.v1.customers.update_async(customer, default)
    keys = [lookup_key("pro", "monthly")]
    (price,) = (await node.admin.v1.prices.list_async({"lookup_keys": keys})).data
    asked: Any = {
        "customer": customer,
        "items": [{"price": price.id}],
        "trial_period_days": 7,
        "trial_settings": {"end_behavior": {"missing_payment_method": without_card}},
        "metadata": {"user_id": str(who.user_id)},
    }
    made = await node.admin.v1.subscriptions.create_async(asked)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "trialing", "monthly")
    return who, made.id


async def test_a_trial_is_the_plan_and_is_paid_for_when_it_ends(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who, _ = await begin_trial(node, card=PAYS)
    node.advance(days=5)
    await node.deliver()
    assert await audited(owner, who, "customer.subscription.trial_will_end") == [(None, "trialing")]
    assert await paid(node) == 0
    node.advance(days=2, hours=1)
    await node.deliver()
    assert await node.entitlement(who) == PRO
    assert await money(owner, who) == await paid(node) > 0


async def test_after_a_trial_the_subscription_finds_its_way_to_the_first(
    node: BillingNode,
) -> None:
    who, _ = await begin_trial(node, card=PAYS)
    node.advance(days=8)
    await billing_events.reconcile(node.deps)
    node.advance(days=13)
    await node.deliver()
    assert (await node.row(who)).period_end == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert await node.entitlement(who) == PRO


@pytest.mark.parametrize(
    ("without_card", "after"),
    [
        ("cancel", ("free", "active", None)),
        ("pause", ("free", "paused", "monthly")),
        ("create_invoice", ("pro", "past_due", "monthly")),
    ],
)
async def test_a_trial_that_ends_without_a_card_ends_as_its_maker_said(
    node: BillingNode, without_card: str, after: tuple[str, str, str | None]
) -> None:
    who, _ = await begin_trial(node, without_card=without_card)
    node.advance(days=7, hours=2)
    await node.deliver()
    assert await node.entitlement(who) == after


async def test_a_paused_trial_goes_on_with_a_card(node: BillingNode) -> None:
    who, trial = await begin_trial(node, without_card="pause")
    node.advance(days=8)
    await node.deliver()
    portal = await checkout.portal(node.deps, who)
    await node.click(f"{portal.url}/card", card=PAYS)
    await node.admin.v1.subscriptions.resume_async(trial)
    await node.deliver()
    assert await node.entitlement(who) == PRO


async def test_a_paused_subscription_is_the_free_plan_until_it_is_resumed(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    (held,) = node.service.account.all("subscription")
    await node.admin.v1.subscriptions.pause_async(held["id"])
    await node.deliver()
    assert await node.entitlement(who) == ("free", "paused", "monthly")
    assert await audited(owner, who, "customer.subscription.paused") == [(None, "paused")]
    node.advance(days=40)
    await node.deliver()
    assert await node.entitlement(who) == ("free", "paused", "monthly")
    await node.admin.v1.subscriptions.resume_async(held["id"])
    await node.deliver()
    assert await node.entitlement(who) == PRO
    assert await audited(owner, who, "customer.subscription.resumed") == [(None, "active")]


async def test_while_only_collection_is_paused_the_plan_stays_and_nothing_is_taken(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    (held,) = node.service.account.all("subscription")
    before = await paid(node)
    await node.admin.v1.subscriptions.update_async(
        held["id"], {"pause_collection": {"behavior": "void"}}
    )
    node.advance(days=40)
    await node.deliver()
    assert (await node.entitlement(who), await paid(node)) == (PRO, before)
    await node.admin.v1.subscriptions.update_async(held["id"], {"pause_collection": ""})
    node.advance(days=30)
    await node.deliver()
    assert await node.entitlement(who) == PRO
    assert await paid(node) > before


async def test_a_smaller_plan_wished_for_in_a_trial_leaves_the_trial_as_it_is(
    node: BillingNode,
) -> None:
    who, trial = await begin_trial(node, card=PAYS)
    prices = await node.admin.v1.prices.list_async(
        {"lookup_keys": [lookup_key("premium", "monthly")]}
    )
    item = (await node.admin.v1.subscriptions.retrieve_async(trial)).to_dict()["items"]["data"][0]
    larger: Any = {"items": [{"id": item["id"], "price": prices.data[0].id}]}
    await node.admin.v1.subscriptions.update_async(trial, larger)
    await node.deliver()
    await actions.change(node.deps, who, PlanAsk("pro"))
    (schedule,) = node.service.account.all("subscription_schedule")
    first, *later = schedule["phases"]
    assert first["trial_end"] == item["current_period_end"]
    assert {one["trial_end"] for one in later} == {None}
    assert await paid(node) == 0
