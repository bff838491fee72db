"""Limits: races at the edge, what a refusal says, and that a change of plan never resets use."""

import asyncio
import datetime as dt
import uuid

import asyncpg
import pytest

from db.billing import usage
from db.billing.usage import Metric, UsageAnswer
from db.core.pool import Pools
from server.billing import actions as billing
from server.billing.actions import PlanAsk
from server.core.errors import AppError
from server.core.events import of_call
from server.core.transaction import Transaction
from server.usage import actions as usage_actions
from server.usage.wire import LimitReached, LimitWarning
from tests.integration.db.arrange import make_user
from tests.integration.server.billing.billing_node import BillingNode
from tests.integration.server.billing.test_stories import subscribe

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
MONTH = "2026-11"


async def reserve(
    pools: Pools, user_id: uuid.UUID, metric: Metric = "calls", now: dt.datetime = NOW
) -> UsageAnswer:
    async with pools.as_service() as connection:
        tx = Transaction(connection, now)
        return await hold(tx, user_id, uuid.uuid4(), metric)


async def hold(
    tx: Transaction, user_id: uuid.UUID, use: uuid.UUID, metric: Metric = "calls"
) -> UsageAnswer:
    return await usage_actions.reserve(tx, metric, use, of_call(user_id, use), 80)


async def refusal(pools: Pools, user_id: uuid.UUID, metric: Metric = "calls") -> AppError:
    with pytest.raises(AppError) as refused:
        await reserve(pools, user_id, metric)
    return refused.value


async def test_a_refusal_says_what_is_used_until_when_and_the_cheapest_plan_that_helps(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await reserve(pools, user_id)
    error = await refusal(pools, user_id)
    assert (error.code, error.kind.status) == ("plan_limit", 402)
    assert error.extra == {
        "metric": "calls", "limit": 1, "used": 0, "reserved": 1, "plan": "free",
        "resets_at": "2026-12-01T00:00:00.000Z", "cheapest_plan": "pro",
    }  # fmt: skip
    await owner.execute("update users set subscription_plan_id = 'pro'")
    for _ in range(4):
        await reserve(pools, user_id)
    assert (await refusal(pools, user_id)).extra["cheapest_plan"] == "premium"


async def test_a_plan_no_longer_on_offer_is_not_advised(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await owner.execute("update subscription_plans set is_active = false where id = 'pro'")
    await reserve(pools, user_id, "texts")
    assert (await refusal(pools, user_id, "texts")).extra["cheapest_plan"] == "premium"


async def test_when_no_plan_allows_more_none_is_advised(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await owner.execute("update subscription_plans set phone_calls_limit = 1")
    await reserve(pools, user_id)
    assert (await refusal(pools, user_id)).extra["cheapest_plan"] is None


async def test_at_one_below_the_limit_fifty_racing_requests_get_exactly_one(pools: Pools) -> None:
    for _ in range(10):
        user_id = await make_user(pools)
        answers = await asyncio.gather(
            *(reserve(pools, user_id) for _ in range(50)), return_exceptions=True
        )
        assert sum(isinstance(answer, UsageAnswer) for answer in answers) == 1
        refused = [answer for answer in answers if isinstance(answer, AppError)]
        assert len(refused) == 49


async def test_an_upgrade_raises_the_limit_at_once_and_keeps_what_is_used(
    node: BillingNode,
) -> None:
    who = await node.sign_up()
    await reserve(node.pools, who.user_id)
    await refusal(node.pools, who.user_id)
    who = await subscribe(node)
    for _ in range(5):
        await reserve(node.pools, who.user_id)
    assert (await refusal(node.pools, who.user_id)).extra["limit"] == 5
    await billing.change(node.deps, who, PlanAsk("premium"))
    answer = await reserve(node.pools, who.user_id)
    assert (answer.limit, answer.reserved) == (-1, 6)


async def test_a_downgrade_blocks_what_is_new_and_takes_nothing_away(
    node: BillingNode,
) -> None:
    who = await subscribe(node, "premium")
    subject = uuid.uuid4()
    async with node.pools.as_service() as connection:
        await hold(Transaction(connection, NOW), who.user_id, subject)
    await billing.cancel(node.deps, who)
    node.advance(days=32)
    await node.deliver()
    assert (await node.entitlement(who))[0] == "free"
    await refusal(node.pools, who.user_id)
    async with node.pools.as_service() as connection:
        assert await usage.settle(connection, "calls", subject, is_used=True)
        rows = await usage.read(connection, who.user_id, MONTH)
    assert (rows[0].used, rows[0].limit) == (1, 1)


async def test_an_edited_plan_changes_the_limit_and_not_the_count(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await reserve(pools, user_id)
    await owner.execute("update subscription_plans set phone_calls_limit = 2 where id = 'free'")
    assert (await reserve(pools, user_id)).reserved == 2
    await refusal(pools, user_id)


async def test_when_the_grace_is_over_free_limits_hold_without_anybody_doing_anything(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    await owner.execute("update users set subscription_plan_id = 'pro' where id = $1", user_id)
    await owner.execute(
        "insert into app.billing (user_id, entitled_until) values ($1, now() + interval '1 hour')",
        user_id,
    )
    assert (await reserve(pools, user_id)).limit == 5
    await owner.execute("update app.billing set entitled_until = now() - interval '1 second'")
    assert (await refusal(pools, user_id)).extra["limit"] == 1
    async with pools.as_service() as connection:
        assert (await usage.read(connection, user_id, MONTH))[0].limit == 1


@pytest.mark.parametrize("day", ["2027-01-01", "2028-03-01", "2027-02-01", "2027-03-01"])
async def test_a_new_month_is_a_new_window_in_utc(pools: Pools, day: str) -> None:
    after = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
    before = after - dt.timedelta(seconds=1)
    user_id = await make_user(pools)
    east = dt.timezone(dt.timedelta(hours=14))
    await reserve(pools, user_id, now=before.astimezone(east))
    with pytest.raises(AppError):
        await reserve(pools, user_id, now=before)
    assert (await reserve(pools, user_id, now=after.astimezone(east))).used == 0


def answer(used: int, limit: int, *, is_new: bool = True) -> UsageAnswer:
    return UsageAnswer(accepted=True, limit=limit, used=used, reserved=1, is_new=is_new)


def test_dashboards_are_warned_once_on_the_way_and_once_at_the_limit() -> None:
    told = [usage_actions.crossed(answer(used, 10), 80) for used in range(10)]
    assert told == [None] * 7 + [LimitWarning, None, LimitReached]
    assert usage_actions.crossed(answer(9, 10, is_new=False), 80) is None
    assert usage_actions.crossed(answer(9, -1), 80) is None


async def test_the_event_of_a_reached_limit_says_when_it_ends(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        tx = Transaction(connection, NOW)
        await hold(tx, user_id, uuid.uuid4())
        usage, reached = await tx.flush()
    assert [usage.type, reached.type] == ["usage.updated", "limit.reached"]
    assert reached.data == LimitReached("calls", 1, 0, 1, "2026-12-01T00:00:00.000Z")
