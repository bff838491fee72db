"""What happens seldom, and by other hands than the subscriber's: disputes, refunds, trials, pauses.

The account's owner acts with the vendor's own SDK. What is not a change of plan leaves a line in
the audit trail, with its money, and no other trace.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.auth import Identity
from server.vendors.stripe.client import lookup_key
from tests.integration.server.billing.shop import PAYS, Shop
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


async def paid(shop: Shop) -> Decimal:
    cents = sum(e["data"]["object"]["amount_paid"] for e in shop.events("invoice.paid"))
    return Decimal(cents) / 100


async def disputed(shop: Shop) -> Identity:
    who = await shop.sign_up()
    link = await checkout.checkout(shop.deps, who, PlanAsk("pro"))
    assert await shop.click(link.url, card=DISPUTES) == 303
    await shop.deliver()
    return who


@pytest.mark.parametrize(
    ("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
async def test_a_dispute_takes_the_money_and_brings_it_back_if_won_and_the_plan_stays(
    shop: Shop, owner: asyncpg.Connection, evidence: str, status: str
) -> None:
    who = await disputed(shop)
    assert await shop.entitlement(who) == PRO
    assert await audited(owner, who, "charge.dispute.created") == [(None, "needs_response")]
    assert await money(owner, who) == 0
    (dispute,) = (await shop.admin.v1.disputes.list_async()).data
    await shop.admin.v1.disputes.update_async(
        dispute.id, {"evidence": {"uncategorized_text": evidence}}
    )
    await shop.deliver()
    assert await audited(owner, who, "charge.dispute.closed") == [(None, status)]
    assert await money(owner, who) == (await paid(shop) if status == "won" else 0)
    assert await shop.entitlement(who) == PRO


async def test_refunds_in_two_parts_are_two_lines_and_the_plan_stays(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who = await subscribe(shop)
    (charge,) = shop.service.account.all("charge")
    await shop.admin.v1.refunds.create_async({"charge": charge["id"], "amount": 100})
    await shop.admin.v1.refunds.create_async({"charge": charge["id"]})
    await shop.deliver()
    lines = await audited(owner, who, "refund.created")
    assert (Decimal("-1.00"), "succeeded") in lines
    assert len(lines) == 2
    assert await money(owner, who) == 0
    assert await shop.entitlement(who) == PRO


async def begin_trial(
    shop: Shop, *, card: str | None = None, without_card: str = "create_invoice"
) -> tuple[Identity, str]:
    """Somebody whom the account's owner gives seven days for nothing; their subscription."""
    who = await shop.sign_up()
    await checkout.portal(shop.deps, who)
    customer = str((await shop.row(who)).stripe_customer_id)
    if card is not None:
        method = await shop.admin.v1.payment_methods.attach_async(card, {"customer": customer})
        default: Any = {"invoice_settings": {"default_payment_method": method.id}}
        await shop.admin.v1.customers.update_async(customer, default)
    keys = [lookup_key("pro", "monthly")]
    (price,) = (await shop.admin.v1.prices.list_async({"lookup_keys": keys})).data
    asked: Any = {
        "customer": customer,
        "items": [{"price": price.id}],
        "trial_period_days": 7,
        "trial_settings": {"end_behavior": {"missing_payment_method": without_card}},
        "metadata": {"user_id": str(who.user_id)},
    }
    made = await shop.admin.v1.subscriptions.create_async(asked)
    await shop.deliver()
    assert await shop.entitlement(who) == ("pro", "trialing", "monthly")
    return who, made.id


async def test_a_trial_is_the_plan_and_is_paid_for_when_it_ends(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who, _ = await begin_trial(shop, card=PAYS)
    shop.advance(days=5)
    await shop.deliver()
    assert await audited(owner, who, "customer.subscription.trial_will_end") == [(None, "trialing")]
    assert await paid(shop) == 0
    shop.advance(days=2, hours=1)
    await shop.deliver()
    assert await shop.entitlement(who) == PRO
    assert await money(owner, who) == await paid(shop) > 0


async def test_after_a_trial_the_subscription_finds_its_way_to_the_first(shop: Shop) -> None:
    who, _ = await begin_trial(shop, card=PAYS)
    shop.advance(days=8)
    await billing_events.reconcile(shop.deps)
    shop.advance(days=13)
    await shop.deliver()
    assert (await shop.row(who)).period_end == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert await shop.entitlement(who) == PRO


@pytest.mark.parametrize(
    ("without_card", "after"),
    [
        ("cancel", ("free", "active", None)),
        ("pause", ("free", "paused", "monthly")),
        ("create_invoice", ("pro", "past_due", "monthly")),
    ],
)
async def test_a_trial_that_ends_without_a_card_ends_as_its_maker_said(
    shop: Shop, without_card: str, after: tuple[str, str, str | None]
) -> None:
    who, _ = await begin_trial(shop, without_card=without_card)
    shop.advance(days=7, hours=2)
    await shop.deliver()
    assert await shop.entitlement(who) == after


async def test_a_paused_trial_goes_on_with_a_card(shop: Shop) -> None:
    who, trial = await begin_trial(shop, without_card="pause")
    shop.advance(days=8)
    await shop.deliver()
    portal = await checkout.portal(shop.deps, who)
    await shop.click(f"{portal.url}/card", card=PAYS)
    await shop.admin.v1.subscriptions.resume_async(trial)
    await shop.deliver()
    assert await shop.entitlement(who) == PRO


async def test_a_paused_subscription_is_the_free_plan_until_it_is_resumed(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who = await subscribe(shop)
    (held,) = shop.service.account.all("subscription")
    await shop.admin.v1.subscriptions.pause_async(held["id"])
    await shop.deliver()
    assert await shop.entitlement(who) == ("free", "paused", "monthly")
    assert await audited(owner, who, "customer.subscription.paused") == [(None, "paused")]
    shop.advance(days=40)
    await shop.deliver()
    assert await shop.entitlement(who) == ("free", "paused", "monthly")
    await shop.admin.v1.subscriptions.resume_async(held["id"])
    await shop.deliver()
    assert await shop.entitlement(who) == PRO
    assert await audited(owner, who, "customer.subscription.resumed") == [(None, "active")]


async def test_while_only_collection_is_paused_the_plan_stays_and_nothing_is_taken(
    shop: Shop,
) -> None:
    who = await subscribe(shop)
    (held,) = shop.service.account.all("subscription")
    before = await paid(shop)
    await shop.admin.v1.subscriptions.update_async(
        held["id"], {"pause_collection": {"behavior": "void"}}
    )
    shop.advance(days=40)
    await shop.deliver()
    assert (await shop.entitlement(who), await paid(shop)) == (PRO, before)
    await shop.admin.v1.subscriptions.update_async(held["id"], {"pause_collection": ""})
    shop.advance(days=30)
    await shop.deliver()
    assert await shop.entitlement(who) == PRO
    assert await paid(shop) > before
