"""Subscriptions that hold more than a plan: the plan is known by its price, the rest stays."""

from typing import Any

import pytest
import stripe

from db.billing import subscriptions as rows
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.core.identity.auth import Identity
from tests.integration.server.billing.billing_node import PAYS, BillingNode


async def add_on(node: BillingNode) -> str:
    """A price that is no plan's."""
    product = await node.admin.v1.products.create_async({"name": "A seat"})
    price = await node.admin.v1.prices.create_async(
        {
            "product": product.id, "currency": "usd", "unit_amount": 300,
            "recurring": {"interval": "month"},
        }
    )  # fmt: skip
    return price.id


async def holder(node: BillingNode, *plans: str, first: bool = True) -> tuple[Identity, str]:
    """Somebody whose one subscription holds an add-on, three seats of it, and these plans."""
    who, seat = await node.sign_up(), await add_on(node)
    async with node.pools.as_service() as connection:
        plan = {row.id: row for row in await rows.plans(connection)}
    customer = await node.admin.v1.customers.create_async(
        {"metadata": {"user_id": str(who.user_id)}}
    )
    card = await node.admin.v1.payment_methods.attach_async(PAYS, {"customer": customer.id})
    items: list[Any] = [{"price": plan[name].stripe_price_id_monthly} for name in plans]
    items.insert(0 if first else len(items), {"price": seat, "quantity": 3})
    await node.admin.v1.subscriptions.create_async(
        {
            "customer": customer.id, "items": items, "default_payment_method": card.id,
            "metadata": {"user_id": str(who.user_id)},
        }
    )  # fmt: skip
    await node.deliver()
    return who, seat


def held(node: BillingNode) -> dict[str, int]:
    """What the one subscription holds: prices and how many."""
    (found,) = node.service.account.all("subscription")
    return {one["price"]["id"]: one["quantity"] for one in found["items"]["data"]}


@pytest.mark.parametrize("first", [True, False])
async def test_the_plan_is_the_item_with_a_plans_price_wherever_it_stands(
    node: BillingNode, first: bool
) -> None:
    who, seat = await holder(node, "pro", first=first)
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    shown = await checkout.preview(node.deps, who, PlanAsk("premium"))
    done = await billing.change(node.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert done.subscription.plan == "premium"
    paid = node.events("invoice.paid")[-1]["data"]["object"]
    assert paid["amount_paid"] == shown.amount_due_minor > 0
    after = held(node)
    assert (len(after), after[seat]) == (2, 3)


async def test_a_downgrade_and_what_comes_at_the_periods_end_leave_the_rest_alone(
    node: BillingNode,
) -> None:
    who, seat = await holder(node, "premium")
    done = await billing.change(node.deps, who, PlanAsk("pro"))
    assert done.subscription.pending is not None
    node.advance(days=45)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert (len(held(node)), held(node)[seat]) == (2, 3)


async def test_of_two_plans_in_one_subscription_the_higher_counts_and_an_operator_is_told(
    node: BillingNode,
) -> None:
    who, _ = await holder(node, "pro", "premium")
    assert (await node.entitlement(who))[0] == "premium"
    row = await node.row(who)
    synced = await billing_events.refresh(node.deps, row.stripe_customer_id or "")
    assert synced is not None
    assert synced.entitlement.alerts == ("two_plans",)


async def test_a_subscription_to_something_else_is_no_plan_and_hides_none(
    node: BillingNode,
) -> None:
    who, _ = await holder(node, "pro")
    row = await node.row(who)
    (first,) = node.service.account.all("subscription")
    await node.admin.v1.subscriptions.create_async(
        {
            "customer": row.stripe_customer_id or "", "items": [{"price": await add_on(node)}],
            "default_payment_method": first["default_payment_method"],
        }
    )  # fmt: skip
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    synced = await billing_events.refresh(node.deps, row.stripe_customer_id or "")
    assert synced is not None
    assert synced.entitlement.alerts == ()


async def test_the_accounts_owner_finds_items_and_customers_as_at_stripe(node: BillingNode) -> None:
    who, seat = await holder(node, "pro")
    (held_one,) = node.service.account.all("subscription")
    listed = await node.admin.v1.subscription_items.list_async({"subscription": held_one["id"]})
    first = listed.data[0].id
    assert listed.data[0].price.id == seat
    page = await node.admin.v1.subscription_items.list_async(
        {"subscription": held_one["id"], "starting_after": first, "limit": 1}
    )
    assert [one.id for one in page.data] == [listed.data[1].id]
    assert (await node.admin.v1.subscription_items.retrieve_async(first)).price.id == seat
    for query in (f"metadata['user_id']:'{who.user_id}'", "created>0 AND -email:'a@b.example'"):
        found = await node.admin.v1.customers.search_async({"query": query})
        assert [one.id for one in found.data] == [held_one["customer"]]
    none = await node.admin.v1.customers.search_async({"query": "email~'nobody' OR name:'x'"})
    assert none.data == []
    with pytest.raises(stripe.InvalidRequestError):
        await node.admin.v1.customers.search_async({"query": "anybody"})


async def test_what_comes_later_keeps_how_many_there_are_and_what_is_taken_off(
    node: BillingNode,
) -> None:
    who, seat = await holder(node, "premium")
    (held_now,) = node.service.account.all("subscription")
    plan = held_now["items"]["data"][1]
    two: Any = {"items": [{"id": plan["id"], "quantity": 2}]}
    await node.admin.v1.subscriptions.update_async(held_now["id"], two)
    (held_now,) = node.service.account.all("subscription")
    node.service.account.change(held_now, discounts=["di_1"])
    await billing.change(node.deps, who, PlanAsk("pro"))
    (schedule,) = node.service.account.all("subscription_schedule")
    for phase in schedule["phases"]:
        assert sorted(one["quantity"] for one in phase["items"]) == [2, 3]
        assert phase["discounts"] == [{"discount": "di_1"}]
    node.advance(days=32)
    assert held(node)[seat] == 3
    assert sorted(held(node).values()) == [2, 3]
