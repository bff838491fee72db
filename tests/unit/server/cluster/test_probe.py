"""What is told of a database that answers, refuses and hangs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import asyncpg
import pytest

from db.core.pool import Pools
from server.cluster import probe as probes
from server.cluster.probe import DatabaseProbe
from tests.support.patience import patience


class _Border:
    """Pools at their border: what the database does when it is looked at."""

    def __init__(self, check: Callable[[], Awaitable[None]]) -> None:
        self.check = check


async def answers(check: Callable[[], Awaitable[None]]) -> bool:
    """What somebody is told who asks while the service runs."""
    probe = DatabaseProbe(cast("Pools", _Border(check)))
    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(probe.run())
        found = await probe.answers()
        running.cancel()
    return found


async def test_a_database_that_answers() -> None:
    async def check() -> None:
        await asyncio.sleep(0)

    assert await answers(check)


@pytest.mark.parametrize("error", [TimeoutError(), asyncpg.InternalClientError("x"), OSError()])
async def test_a_database_that_is_away(error: Exception) -> None:
    async def check() -> None:
        raise error

    assert not await answers(check)


async def test_nobody_waits_for_a_database_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ANSWER_SECONDS", 0.01)

    async def check() -> None:
        await asyncio.Event().wait()

    assert not await answers(check)
