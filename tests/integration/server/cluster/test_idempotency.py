"""A write with a key is never done twice: not when it takes long, nor when whoever did it died."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import asyncpg
import pytest

from server.core.errors import AppError
from server.deps import Deps
from server.http import idempotency
from server.http.idempotency import idempotent, key_at_work
from tests.integration.server.cluster.nodes import open_nodes, sign_up
from tests.support.database import Database
from tests.support.patience import patience

LONG_AGO = "update app.idempotency set held_until = now() - interval '1 second'"


@pytest.fixture
async def nodes(database: Database) -> AsyncIterator[tuple[Deps, ...]]:
    async with open_nodes(database, "") as opened:
        yield opened


class Work:
    """Something that takes as long as it is left to, and counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> tuple[int, bytes]:
        self.done += 1
        self.begun.set()
        await self.may_end.wait()
        return 201, b"answer"


async def code(asked: Awaitable[tuple[int, bytes]]) -> str:
    with pytest.raises(AppError) as refused:
        await asked
    return refused.value.code


async def test_a_request_that_takes_longer_than_its_claim_is_still_the_only_one(
    nodes: tuple[Deps, ...], owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "RENEW_SECONDS", 0.02)
    a, b = nodes
    who, work = await sign_up(a), Work()
    async with asyncio.TaskGroup() as tasks, patience():
        first = tasks.create_task(idempotent(a, who, "k", "f", work, may_repeat=True))
        await work.begun.wait()
        for _ in range(3):
            await owner.execute(LONG_AGO)
            while not await owner.fetchval("select held_until > now() from app.idempotency"):
                pass
            asked = idempotent(b, who, "k", "f", work, may_repeat=True)
            assert await code(asked) == "idempotency_in_progress"
        work.may_end.set()
    assert first.result() == (201, b"answer")
    assert await idempotent(b, who, "k", "f", work) == (201, b"answer")
    assert work.done == 1


@pytest.mark.parametrize("may_repeat", [False, True])
async def test_what_a_dead_node_did_is_not_known_and_only_what_may_be_is_done_again(
    nodes: tuple[Deps, ...], owner: asyncpg.Connection, *, may_repeat: bool
) -> None:
    a, b = nodes
    who, dead, work = await sign_up(a), Work(), Work()
    work.may_end.set()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(idempotent(a, who, "k", "f", dead))
        await dead.begun.wait()
        first.cancel()  # as a node that ends by force
    asked = idempotent(b, who, "k", "f", work, may_repeat=may_repeat)
    assert await code(asked) == "idempotency_in_progress", "it may still be at work"
    await owner.execute(LONG_AGO)
    assert await code(idempotent(b, who, "k", "other", work, may_repeat=may_repeat)) == (
        "idempotency_mismatch"
    )
    both = [idempotent(node, who, "k", "f", work, may_repeat=may_repeat) for node in nodes]
    answers = await asyncio.gather(*both, return_exceptions=True)
    if may_repeat:
        assert (201, b"answer") in answers
        assert await idempotent(a, who, "k", "f", work) == (201, b"answer")
    else:
        assert [one.code for one in answers if isinstance(one, AppError)] == [
            "idempotency_unknown"
        ] * 2
        assert await code(idempotent(a, who, "k", "f", work)) == "idempotency_unknown"
    assert work.done == may_repeat


@pytest.mark.parametrize("is_refused", [False, True])
async def test_who_asked_is_told_what_was_done_also_where_that_cannot_be_kept(
    nodes: tuple[Deps, ...], owner: asyncpg.Connection, *, is_refused: bool
) -> None:
    a, b = nodes
    who, done = await sign_up(a), []

    async def act() -> tuple[int, bytes]:
        done.append(key_at_work())
        await owner.execute("alter table app.idempotency rename to gone")  # as good as away
        if is_refused:
            raise AppError("plan_limit")
        return 201, b"answer"

    first = idempotent(a, who, "k", "f", act)
    if is_refused:
        assert await code(first) == "plan_limit"
    else:
        assert await first == (201, b"answer")
    await owner.execute("alter table app.gone rename to idempotency")
    assert await code(idempotent(b, who, "k", "f", act)) == "idempotency_in_progress"
    await owner.execute(LONG_AGO)
    assert await code(idempotent(b, who, "k", "f", act)) == "idempotency_unknown"
    assert done == ["k"]
    assert key_at_work() == ""


async def test_whoever_was_thought_dead_changes_nothing_of_what_the_next_one_does(
    nodes: tuple[Deps, ...], owner: asyncpg.Connection
) -> None:
    a, b = nodes
    who, frozen, work = await sign_up(a), Work(), Work()

    async def refused() -> tuple[int, bytes]:
        await frozen()
        raise AppError("plan_limit")

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(code(idempotent(a, who, "k", "f", refused)))
        await frozen.begun.wait()
        await owner.execute(LONG_AGO)
        second = tasks.create_task(idempotent(b, who, "k", "f", work, may_repeat=True))
        await work.begun.wait()
        frozen.may_end.set()
        assert await first == "plan_limit"
        assert await code(idempotent(a, who, "k", "f", work)) == "idempotency_in_progress"
        work.may_end.set()
    assert second.result() == (201, b"answer")
    assert work.done == 1
