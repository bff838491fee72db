"""Calls asked for in advance are bounded whoever asks how, and a batch is kept whole or not."""

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest

from db import scheduled_calls
from db.scheduled_calls import ScheduledRow
from server.calls.writing import CALL_DUE
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.scheduled_calls import actions
from server.scheduled_calls.keeping import Asked
from tests.integration.server.texts.text_node import NOON, TextNode, new_number

WORDS = "I agree to be called."
BREAD = Asked("bread", None, NOON)


def limited(node: TextNode, **changes: Any) -> TextNode:
    settings = msgspec.structs.replace(node.deps.config.scheduled, **changes)
    return node.changed(config=msgspec.structs.replace(node.deps.config, scheduled=settings))


async def taken(node: TextNode, who: Identity) -> str:
    """Ask for a call and call it off again."""
    try:
        row = await actions.schedule(node.deps, who, BREAD)
        await actions.cancel(node.deps, who, row.id)
    except AppError as refused:
        return refused.code
    return "taken"


@pytest.mark.parametrize(("plan", "most"), [("free", 3), ("premium", 7)])
async def test_no_race_asks_for_more_than_the_plan_lets_in_a_day(
    node: TextNode, plan: str, most: int
) -> None:
    strict = limited(node, free_per_user_per_day=3, per_user_per_day=7)
    who = await strict.sign_up(plan, phone=new_number())
    nodes = [strict, strict.another(), strict.another()]
    found = await asyncio.gather(*(taken(nodes[at % 3], who) for at in range(12)))
    assert sorted(found) == sorted(["taken"] * most + ["too_many_calls"] * (12 - most))
    _, results = await actions.schedule_batch(strict.deps, who, [BREAD] * 2, None)
    assert [one.code for one in results if isinstance(one, AppError)] == ["too_many_calls"] * 2


async def test_a_batch_is_counted_by_its_entries_and_what_is_there_already_is_not(
    node: TextNode,
) -> None:
    who = await node.sign_up(phone=new_number())
    at = NOON.timestamp()
    burst = node.deps.config.limits.requests_per_minute
    await actions.schedule_batch(node.deps, who, [BREAD] * 100, "key")
    rows = await every(node, who)
    assert len(rows) == 100
    await actions.schedule_batch(node.deps, who, [BREAD] * 100, "key")
    assert rows == await every(node, who)
    left = 0
    while node.deps.rates.take(str(who.user_id), at) == 0:
        left += 1
    assert left == burst - 1 - 99  # one for signing up, and that of the request is not made here


async def every(node: TextNode, who: Identity) -> list[ScheduledRow]:
    return await actions.page(node.deps, who, 200, None, None)


async def test_a_batch_that_was_cut_off_anywhere_is_there_whole_or_not_and_once(
    node: TextNode,
) -> None:
    entries = [Asked("bread", new_number(), NOON, WORDS) for _ in range(20)]
    for cut in (0.001, 0.01, 0.02, 0.04, 0.08):
        who = await node.sign_up()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(cut):
                await actions.schedule_batch(node.deps, who, entries, "key")
        assert len(await every(node, who)) in {0, 20}
        _, again = await actions.schedule_batch(node.another().deps, who, entries, "key")
        ids = [str(one.id).encode() for one in again if isinstance(one, ScheduledRow)]
        assert len(set(ids)) == 20
        jobs = await node.pools.queue.fetchval(
            "select count(*) from app.pgqueuer where entrypoint = $1 and payload = any($2)",
            CALL_DUE, ids,
        )  # fmt: skip
        assert jobs == 20
        async with node.pools.as_service() as connection:
            assert await scheduled_calls.count(connection, who.user_id) == 20
