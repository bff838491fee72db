"""Work on the same key takes turns, in the order in which it was asked for."""

import asyncio

import pytest

from server.core import keyed_locks
from server.core.errors import AppError
from server.core.keyed_locks import KeyedLocks


async def test_one_of_those_who_share_a_key_works_at_a_time() -> None:
    locks, at_work, most = KeyedLocks(), 0, 0

    async def work(*keys: str) -> None:
        nonlocal at_work, most
        async with locks.all_of(*keys):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1

    await asyncio.gather(*(work("user:1", f"address:{number}") for number in range(5)))
    await asyncio.gather(*(work(f"user:{number}", "address:1") for number in range(5)))
    assert most == 1
    await asyncio.gather(*(work(f"user:{number}", f"address:{number}") for number in range(5)))
    assert most == 5


async def test_who_would_wait_for_long_is_told_so_and_holds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyed_locks, "PATIENCE_SECONDS", 0.01)
    locks = KeyedLocks()
    async with locks.of("address:1"):
        with pytest.raises(AppError, match="unavailable"):
            async with locks.all_of("user:1", "address:1"):
                pytest.fail("the lock is held by another")
        assert not locks.of("user:1").locked()
    async with locks.all_of("user:1", "address:1"):
        assert locks.of("user:1").locked()


async def test_work_may_take_longer_than_waiting_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyed_locks, "PATIENCE_SECONDS", 0.01)
    async with KeyedLocks().all_of("user:1"):
        await asyncio.sleep(0.03)
