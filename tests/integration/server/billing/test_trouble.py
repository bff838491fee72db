"""Misfortunes: lost replies, double clicks, two workers at once, customers that are gone."""

import asyncio
import datetime as dt
import uuid
from typing import Any

import asyncpg
import pytest
from pgqueuer.domain.errors import RetryRequested

from db import billing as rows
from db.core.pool import Pools
from sandbox.core.faults import Faults
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.cluster import jobs
from server.core.auth import Identity
from server.core.errors import AppError
from server.deps import BillingParts
from server.vendors.stripe.client import StripeBilling
from server.vendors.stripe.shapes import Subscription
from server.work import billing_work
from tests.integration.db.arrange import make_user
from tests.integration.server.billing.shop import FAILS, PAYS, Shop, paid
from tests.integration.server.billing.test_stories import subscribe


async def test_an_upgrade_whose_reply_was_lost_is_done_once(shop: Shop) -> None:
    who = await subscribe(shop)
    before, shown = paid(shop), await checkout.preview(shop.deps, who, PlanAsk("premium"))
    lost = Faults(stripe_request="500_after_commit", stripe_request_path="subscriptions/")
    shop.service.set_faults(lost)
    done = await billing.change(shop.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert done.subscription.plan == "premium"
    assert paid(shop) - before == shown.amount_due_minor


async def test_a_change_that_never_reached_stripe_may_be_asked_for_again(shop: Shop) -> None:
    who = await subscribe(shop)
    before = paid(shop)
    shop.fail_requests("subscriptions/", times=2)
    with pytest.raises(AppError) as refused:
        await billing.change(shop.deps, who, PlanAsk("premium"))
    assert refused.value.code == "billing_unavailable"
    assert (paid(shop), (await shop.changes(who))[-1][3]) == (before, "pending")
    done = await billing.change(shop.deps, who, PlanAsk("premium"))
    assert (done.subscription.plan, done.subscription.pending) == ("premium", None)
    assert [change[3] for change in (await shop.changes(who))[1:]] == ["cancelled", "completed"]


async def test_five_clicks_at_once_are_one_upgrade_and_one_payment(shop: Shop) -> None:
    who = await subscribe(shop)
    shown = await checkout.preview(shop.deps, who, PlanAsk("premium"))
    before = paid(shop)
    ask = PlanAsk("premium", quoted_at=shown.quoted_at)
    answers = await asyncio.gather(
        *(billing.change(shop.deps, who, ask) for _ in range(5)), return_exceptions=True
    )
    faults = [one for one in answers if isinstance(one, BaseException)]
    assert {getattr(fault, "code", fault) for fault in faults} <= {"wrong_state"}
    assert len(faults) < 5
    assert paid(shop) - before == shown.amount_due_minor
    assert await shop.entitlement(who) == ("premium", "active", "monthly")


async def test_two_payment_pages_at_once_leave_one_open(shop: Shop) -> None:
    who = await shop.sign_up()
    first = await checkout.checkout(shop.deps, who, PlanAsk("pro"))
    second = await checkout.checkout(shop.deps, who, PlanAsk("premium"))
    assert await shop.click(first.url, card=PAYS) != 303
    assert await shop.click(second.url, card=PAYS) == 303
    await shop.deliver()
    assert (await shop.entitlement(who))[0] == "premium"
    assert [change[3] for change in await shop.changes(who)] == ["cancelled", "completed"]


async def test_a_payment_page_nobody_used_fails_its_change(shop: Shop) -> None:
    who = await shop.sign_up()
    await checkout.checkout(shop.deps, who, PlanAsk("pro"))
    shop.advance(days=2)
    await shop.deliver()
    assert await shop.changes(who) == [("free", "pro", "upgrade", "failed")]


async def test_a_second_plan_cannot_be_bought_beside_the_first(shop: Shop) -> None:
    who = await subscribe(shop)
    with pytest.raises(AppError) as refused:
        await checkout.checkout(shop.deps, who, PlanAsk("premium"))
    assert refused.value.code == "wrong_state"


async def test_a_hard_refusal_fails_the_change_and_says_so(shop: Shop) -> None:
    who = await subscribe(shop)
    shop.service.set_faults(Faults(stripe_request="402", stripe_request_path="subscriptions/"))
    with pytest.raises(AppError) as refused:
        await billing.change(shop.deps, who, PlanAsk("premium"))
    assert refused.value.code == "payment_refused"
    assert (await shop.changes(who))[-1] == ("pro", "premium", "upgrade", "failed")
    assert await shop.entitlement(who) == ("pro", "active", "monthly")


async def test_a_stale_quote_is_not_charged(shop: Shop) -> None:
    who = await subscribe(shop)
    shown = await checkout.preview(shop.deps, who, PlanAsk("premium"))
    shop.advance(minutes=16)
    with pytest.raises(AppError) as refused:
        await billing.change(shop.deps, who, PlanAsk("premium", quoted_at=shown.quoted_at))
    assert refused.value.code == "wrong_state"
    assert await shop.entitlement(who) == ("pro", "active", "monthly")


async def delete_customer(shop: Shop, who: Identity) -> list[dict[str, Any]]:
    """The owner of the account deletes somebody at Stripe; the events of it."""
    before = len(shop.events())
    await shop.admin.v1.customers.delete_async(str((await shop.row(who)).stripe_customer_id))
    return shop.events()[before:]


async def test_a_deleted_customer_is_on_the_free_plan_and_may_buy_again_at_once(
    shop: Shop,
) -> None:
    who = await subscribe(shop)
    await delete_customer(shop, who)
    await shop.deliver()
    row = await shop.row(who)
    assert (row.plan, row.stripe_customer_id) == ("free", None)
    link = await checkout.checkout(shop.deps, who, PlanAsk("pro"))
    assert await shop.click(link.url, card=PAYS) == 303
    await shop.deliver()
    assert (await shop.entitlement(who))[0] == "pro"


async def test_what_is_told_late_of_a_deleted_customer_is_audited_and_changes_nothing(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who = await subscribe(shop)
    told = {event["type"]: event for event in await delete_customer(shop, who)}
    await shop.deliver([told["customer.deleted"]])
    await shop.deliver([told["customer.subscription.deleted"]])
    assert (await shop.row(who)).stripe_customer_id is None
    link = await checkout.checkout(shop.deps, who, PlanAsk("premium"))
    assert await shop.click(link.url, card=PAYS) == 303
    await shop.deliver()
    assert await shop.entitlement(who) == ("premium", "active", "monthly")
    lines = await owner.fetch("select stripe_event_id from subscription_events")
    assert {event["id"] for event in told.values()} <= {line[0] for line in lines}


async def test_customers_of_one_user_are_never_two_at_a_time(shop: Shop) -> None:
    who = await shop.sign_up()
    for round_ in (1, 2):
        shop.service.set_faults(
            Faults(
                stripe_request="timeout_after_commit",
                stripe_request_path="customers",
                stripe_request_hold_ms=1,
            )
        )
        links = await asyncio.gather(
            *(checkout.portal(shop.deps, who) for _ in range(4)), return_exceptions=True
        )
        assert all(isinstance(link, checkout.Link) for link in links)
        made = shop.events("customer.created")
        assert len(made) == round_
        await delete_customer(shop, who)
        await shop.deliver()


async def test_a_customer_whose_making_was_never_answered_is_found_by_its_event(
    shop: Shop,
) -> None:
    who = await shop.sign_up()
    shop.service.set_faults(
        Faults(
            stripe_request="500_after_commit",
            stripe_request_path="customers",
            stripe_request_times=9,
        )
    )
    with pytest.raises(AppError) as refused:
        await checkout.portal(shop.deps, who)
    assert refused.value.code == "billing_unavailable"
    shop.service.set_faults(Faults())
    (made,) = shop.events("customer.created")
    await shop.deliver()
    shop.advance(days=2)
    await checkout.portal(shop.deps, who)
    assert (await shop.row(who)).stripe_customer_id == made["data"]["object"]["id"]
    assert len(shop.events("customer.created")) == 1


async def test_a_refund_and_its_money_stand_in_the_audit_trail(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who = await subscribe(shop)
    (charge,) = shop.service.account.all("charge")
    await shop.admin.v1.refunds.create_async({"charge": charge["id"]})
    await shop.deliver()
    kinds = await owner.fetch(
        "select event_type, billing_amount from subscription_events where user_id = $1"
        " and event_type like '%refund%'", who.user_id,
    )  # fmt: skip
    assert "refund.created" in {row["event_type"] for row in kinds}
    total = await owner.fetchval("select sum(billing_amount) from subscription_events")
    assert total == 0
    assert await shop.entitlement(who) == ("pro", "active", "monthly")


class SlowReader(StripeBilling):
    """The vendor's client, whose first reading is held back after it was made."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.deps.config.stripe)
        self.has_read = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def subscriptions(self, customer: str) -> list[Subscription]:
        found = await super().subscriptions(customer)
        self.has_read.set()
        await self.may_go_on.wait()
        return found


async def test_an_older_reading_never_overwrites_a_newer_one(shop: Shop) -> None:
    who = await subscribe(shop)
    customer = str((await shop.row(who)).stripe_customer_id)
    slow = SlowReader(shop)
    held = BillingParts(
        config=shop.deps.config, pools=shop.pools, hub=shop.deps.hub, clock=shop.deps.clock,
        stripe=slow,
    )  # fmt: skip
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(billing_events.refresh(held, customer))
            await slow.has_read.wait()
            cancel = group.create_task(billing.cancel(shop.deps, who))
            while not await waiting_for_lock(shop.pools):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            slow.may_go_on.set()
            assert (await cancel).subscription.ends_at is not None
    finally:
        await slow.close()
    assert (await shop.row(who)).ends_at is not None


async def waiting_for_lock(pools: Pools) -> bool:
    async with pools.as_service() as connection:
        waits: bool = await connection.fetchval(
            "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
        )
    return waits


async def test_two_workers_at_once_apply_nothing_twice(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who = await shop.sign_up()
    await shop.click((await checkout.checkout(shop.deps, who, PlanAsk("pro"))).url, card=PAYS)
    for event in shop.events():
        await billing_events.keep(shop.deps, billing_events.read_event(event))
    await asyncio.gather(*(billing_events.attend_all(shop.deps) for _ in range(4)))
    assert await shop.entitlement(who) == ("pro", "active", "monthly")
    moves = "select count(*) from subscription_events where from_plan <> to_plan"
    assert await owner.fetchval(moves) == 1
    assert (await shop.told(who)).count("usage.updated") == 1


async def test_the_daily_comparison_mends_what_no_event_told(shop: Shop) -> None:
    who = await shop.sign_up()
    await shop.click((await checkout.checkout(shop.deps, who, PlanAsk("pro"))).url, card=PAYS)
    times, chore = billing_work(shop.deps).chores["reconcile"]
    assert times == "17 3 * * *"
    await chore()
    assert (await shop.entitlement(who))[0] == "pro"


async def test_the_worker_wakes_when_an_event_comes(shop: Shop) -> None:
    who = await shop.sign_up()
    await shop.click((await checkout.checkout(shop.deps, who, PlanAsk("pro"))).url, card=PAYS)
    async with asyncio.TaskGroup() as group:
        worker = group.create_task(jobs.run(shop.deps, billing_work(shop.deps)))
        for event in shop.events():
            await billing_events.keep(shop.deps, billing_events.read_event(event))
        async with asyncio.timeout(60):
            while (await shop.entitlement(who))[0] != "pro":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        worker.cancel()


async def test_an_event_stripe_cannot_be_asked_about_is_tried_again_later_each_time(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    who = await shop.sign_up()
    await shop.click((await checkout.checkout(shop.deps, who, PlanAsk("pro"))).url, card=PAYS)
    shop.fail_requests("subscriptions", times=10_000)
    event = billing_events.read_event(shop.events("customer.subscription.created")[0])
    await billing_events.keep(shop.deps, event)
    handler = billing_work(shop.deps).handlers[billing_events.JOB]
    pauses = []
    for attempts in (0, 1, 5, 40, 2000):
        with pytest.raises(RetryRequested) as asked:
            await handler(event.event_id, attempts)
        pauses.append(asked.value.delay.total_seconds())
    assert pauses == [2, 4, 64, 3600, 3600]
    shop.fail_requests("", times=1)
    await handler(event.event_id, 9)
    assert (await shop.entitlement(who))[0] == "pro"


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


async def test_declined_at_checkout_nothing_is_bought(shop: Shop) -> None:
    who = await shop.sign_up()
    link = await checkout.checkout(shop.deps, who, PlanAsk("pro"))
    assert await shop.click(link.url, card=FAILS) != 303
    await shop.deliver()
    assert await shop.entitlement(who) == ("free", "active", None)
    assert (await shop.changes(who))[-1][3] == "pending"
