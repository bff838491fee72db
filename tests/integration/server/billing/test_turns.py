"""Work on a customer takes turns, holds no connection, and is bounded while Stripe hangs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import pytest

from sandbox.core.faults import Faults
from server.billing import actions as billing
from server.billing import checkout
from server.billing.actions import PlanAsk
from server.billing.sync import Synced
from server.billing.turns import BusyError, Turns
from server.core.errors import AppError
from server.deps import BillingParts
from server.vendors.stripe.shapes import Page
from tests.integration.server.billing.billing_node import PAYS, BillingNode
from tests.integration.server.billing.test_stories import subscribe
from tests.support.patience import patience


def with_limits(node: BillingNode, **limits: Any) -> BillingParts:
    """The node's parts with other limits, as another node beside it has them."""
    config = node.deps.config
    limited = msgspec.structs.replace(config.stripe, **limits)
    return msgspec.structs.replace(
        node.deps, config=msgspec.structs.replace(config, stripe=limited), turns=Turns()
    )


@asynccontextmanager
async def hanging(node: BillingNode, path: str = "subscriptions") -> AsyncIterator[None]:
    """Stripe accepts requests and answers none of them."""
    node.service.set_faults(
        Faults(
            stripe_request="timeout_after_commit",
            stripe_request_hold_ms=600_000,
            stripe_request_times=1000,
            stripe_request_path=path,
        )
    )
    try:
        yield
    finally:
        node.service.set_faults(Faults())


async def turns_and_held(owner: asyncpg.Connection) -> tuple[int, int]:
    """How many turns there are, and how many connections are held in a transaction meanwhile."""
    turns, held = await owner.fetchrow(
        "select (select count(*) from app.billing_turns), (select count(*) from pg_stat_activity"
        " where datname = current_database() and state = 'idle in transaction')"
    )
    return turns, held


async def busy(request: Awaitable[object]) -> str:
    with pytest.raises(AppError) as refused:
        await request
    return f"{refused.value.code} {refused.value.extra.get('retry_after')}"


async def test_while_stripe_hangs_no_connection_is_held_and_everybody_is_told_to_come_again(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    people = [await subscribe(node) for _ in range(2)]
    for who in people:
        assert (await node.entitlement(who))[0] == "pro"
    deps = with_limits(node, work_seconds=1.0)
    async with hanging(node):
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(busy(work))
                for who in people
                for work in (
                    *(checkout.preview(deps, who, PlanAsk("premium")) for _ in range(10)),
                    billing.change(deps, who, PlanAsk("premium")),
                    billing.cancel(deps, who),
                )
            ]
            while await turns_and_held(owner) != (len(people), 0):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert {task.result() for task in asked} == {"billing_unavailable 5"}
    assert await owner.fetchval("select count(*) from app.billing_turns") == 0
    done = await billing.change(deps, people[0], PlanAsk("premium"))
    assert done.subscription.plan == "premium"


async def test_those_who_never_bought_anything_wait_for_a_stripe_that_hangs_no_longer_either(
    node: BillingNode,
) -> None:
    deps = with_limits(node, work_seconds=2.0, at_once=3)
    people = [await node.sign_up() for _ in range(12)]
    async with hanging(node, "customers"), patience(), asyncio.TaskGroup() as group:
        asked = [
            group.create_task(busy(work))
            for who in people
            for work in (
                checkout.checkout(deps, who, PlanAsk("premium")),
                checkout.portal(deps, who),
                checkout.preview(deps, who, PlanAsk("premium")),
            )
        ]
        waiting = set(asked)
        while len(waiting) > 3 * 3:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert len(waiting) == 3 * 3, "three people wait, one request of each"
        assert {await each for each in asked} == {"billing_unavailable 5"}
    assert (await checkout.checkout(deps, people[0], PlanAsk("premium"))).url


async def test_a_node_works_on_so_many_customers_at_once_and_jobs_leave_people_theirs(
    node: BillingNode,
) -> None:
    deps = with_limits(node, at_once=1)
    async with deps.turns.of(deps, "cus_1"):
        with pytest.raises(BusyError):
            async with deps.turns.of(deps, "cus_2"):
                pass
        async with deps.turns.of(deps, "cus_2", for_someone=False):
            pass
    async with deps.turns.of(deps, "cus_2"):
        pass


async def test_turns_of_two_nodes_never_overlap(node: BillingNode) -> None:
    nodes, inside = [with_limits(node) for _ in range(4)], []

    async def work(deps: BillingParts) -> None:
        for _ in range(3):
            async with deps.turns.of(deps, "cus_1") as turn:
                inside.append(turn.holder)
                async with turn.transaction(deps) as tx:
                    await tx.connection.fetchval("select 1")
                assert inside.pop() == turn.holder
                assert inside == []

    await asyncio.gather(*(work(deps) for deps in nodes))


async def test_a_turn_of_a_node_that_died_ends_by_itself(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    await owner.execute("insert into app.billing_turns values ('cus_1', gen_random_uuid(), now())")
    async with node.deps.turns.of(node.deps, "cus_1"):
        pass


@pytest.mark.parametrize("marked_first", [True, False])
async def test_a_payment_page_made_while_another_takes_its_place_is_closed(
    node: BillingNode, monkeypatch: pytest.MonkeyPatch, *, marked_first: bool
) -> None:
    who, stripe = await node.sign_up(), node.deps.stripe
    assert stripe is not None
    make, look = stripe.checkout, billing.look
    pages, made, done = list[Page](), asyncio.Event(), asyncio.Event()

    async def make_slowly(*asked: Any) -> Page:
        page = await make(*asked)
        pages.append(page)
        if page is pages[0]:
            made.set()
            await done.wait()
        return page

    monkeypatch.setattr(stripe, "checkout", make_slowly)
    async with patience(), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(_code(checkout.checkout(node.deps, who, PlanAsk("pro"))))
        await made.wait()

        async def look_first(*asked: Any) -> Synced:
            found = await look(*asked)
            done.set()
            await first
            return found

        if marked_first:
            monkeypatch.setattr(checkout, "look", look_first)
        another = msgspec.structs.replace(node.deps, turns=Turns())
        second = await checkout.checkout(another, who, PlanAsk("premium"))
        done.set()
    assert first.result() == ("" if marked_first else "wrong_state")
    assert await node.click(pages[0].url, card=PAYS) != 303
    assert await node.click(second.url, card=PAYS) == 303


async def _code(asked: Awaitable[object]) -> str:
    """What it is refused with; "" where it is not."""
    try:
        await asked
    except AppError as refused:
        return refused.code
    return ""
