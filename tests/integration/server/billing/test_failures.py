"""Misfortunes: lost replies, double clicks, two workers at once, customers that are gone."""

import asyncio
import datetime as dt
import uuid
from typing import Any

import asyncpg
import pytest
from pgqueuer.domain.errors import RetryRequested

from db.billing import subscriptions as rows
from db.core.pool import Pools
from sandbox.core.faults import Faults
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.billing_rules.plans import Offers
from server.cluster import jobs
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.deps import BillingParts
from server.vendors.stripe.client import StripeBilling
from server.vendors.stripe.shapes import Subscription
from server.work import billing_work
from tests.integration.db.arrange import make_user
from tests.integration.server.billing.billing_node import FAILS, PAYS, BillingNode, paid
from tests.integration.server.billing.test_stories import subscribe
from tests.support.patience import patience


async def test_an_upgrade_whose_reply_was_lost_is_done_once(node: BillingNode) -> None:
    who = await subscribe(node)
    before, shown = (
        paid(node),
        await checkout.preview(node.deps, who, PlanAsk("premium")),
    )
    lost = Faults(stripe_request="500_after_commit", stripe_request_path="subscriptions/")
    node.service.set_faults(lost)
    done = await billing.change(node.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert done.subscription.plan == "premium"
    assert paid(node) - before == shown.amount_due_minor


async def test_a_change_that_never_reached_stripe_may_be_asked_for_again(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    before = paid(node)
    node.fail_requests("subscriptions/", times=2)
    with pytest.raises(AppError) as refused:
        await billing.change(node.deps, who, PlanAsk("premium"))
    assert refused.value.code == "billing_unavailable"
    assert (paid(node), (await node.changes(who))[-1][3]) == (before, "pending")
    done = await billing.change(node.deps, who, PlanAsk("premium"))
    assert (done.subscription.plan, done.subscription.pending) == ("premium", None)
    assert [change[3] for change in (await node.changes(who))[1:]] == [
        "cancelled",
        "completed",
    ]


async def test_five_clicks_at_once_are_one_upgrade_and_one_payment(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    shown = await checkout.preview(node.deps, who, PlanAsk("premium"))
    before = paid(node)
    ask = PlanAsk("premium", quoted_at=shown.quoted_at)
    answers = await asyncio.gather(
        *(billing.change(node.deps, who, ask) for _ in range(5)), return_exceptions=True
    )
    faults = [one for one in answers if isinstance(one, BaseException)]
    assert {getattr(fault, "code", fault) for fault in faults} <= {"wrong_state"}
    assert len(faults) < 5
    assert paid(node) - before == shown.amount_due_minor
    assert await node.entitlement(who) == ("premium", "active", "monthly")


async def test_two_payment_pages_at_once_leave_one_open(node: BillingNode) -> None:
    who = await node.sign_up()
    first = await checkout.checkout(node.deps, who, PlanAsk("pro"))
    second = await checkout.checkout(node.deps, who, PlanAsk("premium"))
    assert await node.click(first.url, card=PAYS) != 303
    assert await node.click(second.url, card=PAYS) == 303
    await node.deliver()
    assert (await node.entitlement(who))[0] == "premium"
    assert [change[3] for change in await node.changes(who)] == ["cancelled", "completed"]


async def test_a_payment_page_nobody_used_fails_its_change(node: BillingNode) -> None:
    who = await node.sign_up()
    await checkout.checkout(node.deps, who, PlanAsk("pro"))
    node.advance(days=2)
    await node.deliver()
    assert await node.changes(who) == [("free", "pro", "upgrade", "failed")]


async def test_a_second_plan_cannot_be_bought_beside_the_first(node: BillingNode) -> None:
    who = await subscribe(node)
    with pytest.raises(AppError) as refused:
        await checkout.checkout(node.deps, who, PlanAsk("premium"))
    assert refused.value.code == "wrong_state"


async def test_a_hard_refusal_fails_the_change_and_says_so(node: BillingNode) -> None:
    who = await subscribe(node)
    node.service.set_faults(Faults(stripe_request="402", stripe_request_path="subscriptions/"))
    with pytest.raises(AppError) as refused:
        await billing.change(node.deps, who, PlanAsk("premium"))
    assert refused.value.code == "payment_refused"
    assert (await node.changes(who))[-1] == ("pro", "premium", "upgrade", "failed")
    assert await node.entitlement(who) == ("pro", "active", "monthly")


async def test_a_stale_quote_is_not_charged(node: BillingNode) -> None:
    who = await subscribe(node)
    shown = await checkout.preview(node.deps, who, PlanAsk("premium"))
    node.advance(minutes=16)
    with pytest.raises(AppError) as refused:
        await billing.change(node.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert refused.value.code == "wrong_state"
    assert await node.entitlement(who) == ("pro", "active", "monthly")


async def delete_customer(node: BillingNode, who: Identity) -> list[dict[str, Any]]:
    """The owner of the account deletes somebody at Stripe; the events of it."""
    before = len(node.events())
    await node.admin.v1.customers.delete_async(str((await node.row(who)).stripe_customer_id))
    return node.events()[before:]


async def test_a_deleted_customer_is_on_the_free_plan_and_may_buy_again_at_once(
    node: BillingNode,
) -> None:
    who = await subscribe(node)
    await delete_customer(node, who)
    await node.deliver()
    row = await node.row(who)
    assert (row.plan, row.stripe_customer_id) == ("free", None)
    link = await checkout.checkout(node.deps, who, PlanAsk("pro"))
    assert await node.click(link.url, card=PAYS) == 303
    await node.deliver()
    assert (await node.entitlement(who))[0] == "pro"


async def test_what_is_told_late_of_a_deleted_customer_is_audited_and_changes_nothing(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    told = {event["type"]: event for event in await delete_customer(node, who)}
    await node.deliver([told["customer.deleted"]])
    await node.deliver([told["customer.subscription.deleted"]])
    assert (await node.row(who)).stripe_customer_id is None
    link = await checkout.checkout(node.deps, who, PlanAsk("premium"))
    assert await node.click(link.url, card=PAYS) == 303
    await node.deliver()
    assert await node.entitlement(who) == ("premium", "active", "monthly")
    lines = await owner.fetch("select stripe_event_id from subscription_events")
    assert {event["id"] for event in told.values()} <= {line[0] for line in lines}


async def test_customers_of_one_user_are_never_two_at_a_time(node: BillingNode) -> None:
    who = await node.sign_up()
    for round_ in (1, 2):
        node.service.set_faults(
            Faults(
                stripe_request="timeout_after_commit",
                stripe_request_path="customers",
                stripe_request_hold_ms=1,
            )
        )
        links = await asyncio.gather(
            *(checkout.portal(node.deps, who) for _ in range(4)), return_exceptions=True
        )
        assert all(isinstance(link, checkout.Link) for link in links)
        made = node.events("customer.created")
        assert len(made) == round_
        await delete_customer(node, who)
        await node.deliver()


async def test_a_customer_whose_making_was_never_answered_is_found_by_its_event(
    node: BillingNode,
) -> None:
    who = await node.sign_up()
    node.service.set_faults(
        Faults(
            stripe_request="500_after_commit",
            stripe_request_path="customers",
            stripe_request_times=9,
        )
    )
    with pytest.raises(AppError) as refused:
        await checkout.portal(node.deps, who)
    assert refused.value.code == "billing_unavailable"
    node.service.set_faults(Faults())
    (made,) = node.events("customer.created")
    await node.deliver()
    node.advance(days=2)
    await checkout.portal(node.deps, who)
    assert (await node.row(who)).stripe_customer_id == made["data"]["object"]["id"]
    assert len(node.events("customer.created")) == 1


async def test_a_refund_and_its_money_stand_in_the_audit_trail(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    (charge,) = node.service.account.all("charge")
    await node.admin.v1.refunds.create_async({"charge": charge["id"]})
    await node.deliver()
    kinds = await owner.fetch(
        "select event_type, billing_amount from subscription_events where user_id = $1"
        " and event_type like '%refund%'", who.user_id,
    )  # fmt: skip
    assert "refund.created" in {row["event_type"] for row in kinds}
    total = await owner.fetchval("select sum(billing_amount) from subscription_events")
    assert total == 0
    assert await node.entitlement(who) == ("pro", "active", "monthly")


class SlowReader(StripeBilling):
    """The vendor's client, whose first reading is held back after it was made."""

    def __init__(self, node: BillingNode) -> None:
        super().__init__(node.deps.config.stripe)
        self.has_read = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def subscriptions(self, customer: str, offers: Offers) -> list[Subscription]:
        found = await super().subscriptions(customer, offers)
        self.has_read.set()
        await self.may_go_on.wait()
        return found


async def test_an_older_reading_never_overwrites_a_newer_one(node: BillingNode) -> None:
    who = await subscribe(node)
    customer = str((await node.row(who)).stripe_customer_id)
    slow = SlowReader(node)
    held = BillingParts(
        config=node.deps.config, pools=node.pools, hub=node.deps.hub, clock=node.deps.clock,
        stripe=slow,
    )  # fmt: skip
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(billing_events.refresh(held, customer))
            await slow.has_read.wait()
            cancel = group.create_task(billing.cancel(node.deps, who))
            slow.may_go_on.set()
            assert (await cancel).subscription.ends_at is not None
    finally:
        await slow.close()
    assert (await node.row(who)).ends_at is not None


async def test_a_reading_whose_turn_is_over_is_thrown_away(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await subscribe(node)
    customer = str((await node.row(who)).stripe_customer_id)
    slow = SlowReader(node)
    held = BillingParts(
        config=node.deps.config, pools=node.pools, hub=node.deps.hub, clock=node.deps.clock,
        stripe=slow,
    )  # fmt: skip
    try:
        async with asyncio.TaskGroup() as group:
            late = group.create_task(billing_events.refresh(held, customer))
            await slow.has_read.wait()  # and then the node is frozen for longer than its turn
            await owner.execute("update app.billing_turns set until = now() - interval '1 second'")
            assert (await billing.cancel(node.deps, who)).subscription.ends_at is not None
            slow.may_go_on.set()
            assert await late is None
    finally:
        await slow.close()
    assert (await node.row(who)).ends_at is not None


async def test_two_workers_at_once_apply_nothing_twice(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    for event in node.events():
        await billing_events.keep(node.deps, billing_events.read_event(event))
    await asyncio.gather(*(billing_events.attend_all(node.deps) for _ in range(4)))
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    moves = "select count(*) from subscription_events where from_plan <> to_plan"
    assert await owner.fetchval(moves) == 1
    assert (await node.told(who)).count("usage.updated") == 1


async def test_the_daily_comparison_mends_what_no_event_told(node: BillingNode) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    times, chore = billing_work(node.deps).chores["reconcile"]
    assert times == "17 3 * * *"
    await chore()
    assert (await node.entitlement(who))[0] == "pro"


async def test_the_worker_wakes_when_an_event_comes(node: BillingNode) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    async with asyncio.TaskGroup() as group:
        worker = group.create_task(jobs.run(node.deps, billing_work(node.deps)))
        for event in node.events():
            await billing_events.keep(node.deps, billing_events.read_event(event))
        async with patience():
            while (await node.entitlement(who))[0] != "pro":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        worker.cancel()


async def test_an_event_stripe_cannot_be_asked_about_is_tried_again_later_each_time(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    node.fail_requests("subscriptions", times=10_000)
    event = billing_events.read_event(node.events("customer.subscription.created")[0])
    await billing_events.keep(node.deps, event)
    handler = billing_work(node.deps).handlers[billing_events.JOB]
    pauses = []
    for attempts in (0, 1, 5, 40, 2000):
        with pytest.raises(RetryRequested) as asked:
            await handler(event.event_id, attempts)
        pauses.append(asked.value.delay.total_seconds())
    assert pauses == [2, 4, 64, 3600, 3600]
    node.fail_requests("", times=1)
    await handler(event.event_id, 9)
    assert (await node.entitlement(who))[0] == "pro"


async def test_two_changes_of_one_user_are_never_pending_together(pools: Pools) -> None:
    user_id = await make_user(pools)
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)

    def change() -> rows.NewChange:
        return rows.NewChange(
            uuid.uuid4(), user_id, "free", "pro", "upgrade", None, None, "monthly", "now", at
        )

    async def insert() -> bool:
        async with pools.as_service() as connection:
            return await rows.insert_change(connection, change())

    assert sorted(await asyncio.gather(*(insert() for _ in range(10)))) == [False] * 9 + [True]


async def test_declined_at_checkout_nothing_is_bought(node: BillingNode) -> None:
    who = await node.sign_up()
    link = await checkout.checkout(node.deps, who, PlanAsk("pro"))
    assert await node.click(link.url, card=FAILS) != 303
    await node.deliver()
    assert await node.entitlement(who) == ("free", "active", None)
    assert (await node.changes(who))[-1][3] == "pending"
