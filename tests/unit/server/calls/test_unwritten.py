"""Webhooks that could not be recorded: kept in order, and tried until they are."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from server.calls import unwritten
from server.calls.unwritten import CarrierFact, Unwritten, decode
from tests.support.patience import patience

FACTS = [CarrierFact(UUID(int=n), "status", {"CallStatus": "ringing"}) for n in range(3)]


async def worked_off(refusals: dict[UUID, list[Exception]]) -> list[CarrierFact]:
    """What was recorded, in order, when the database first refuses so."""
    kept, recorded, done = Unwritten(), [], asyncio.Event()

    async def record(fact: CarrierFact) -> None:
        if refusals.get(fact.call_id):
            raise refusals[fact.call_id].pop(0)
        recorded.append(fact)
        if fact == FACTS[-1]:
            done.set()

    for fact in FACTS:
        kept.add(fact)
    assert len(kept) == 3
    async with patience(), asyncio.TaskGroup() as group:
        running = group.create_task(kept.run(record))
        await done.wait()
        running.cancel()
    return recorded


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwritten, "RETRY_SECONDS", 0.001)


async def test_they_wait_for_the_database_in_order() -> None:
    away: list[Exception] = [
        ConnectionResetError(),
        asyncpg.CannotConnectNowError(),
        TimeoutError(),
    ]
    assert await worked_off({FACTS[0].call_id: away}) == FACTS


@pytest.mark.parametrize("refused", [asyncpg.CheckViolationError(), ValueError("unreadable")])
async def test_one_that_is_refused_for_good_holds_up_no_other(refused: Exception) -> None:
    assert await worked_off({FACTS[1].call_id: [refused]}) == [FACTS[0], FACTS[2]]


async def test_of_too_many_only_the_oldest_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwritten, "MOST", 2)
    kept, recorded, done = Unwritten(), list[CarrierFact](), asyncio.Event()

    async def record(fact: CarrierFact) -> None:
        if not recorded:
            kept.add(FACTS[2])  # comes meanwhile, and there is no room
        recorded.append(fact)
        if fact == FACTS[2]:
            done.set()

    for fact in FACTS[:2]:
        kept.add(fact)
    async with patience(), asyncio.TaskGroup() as group:
        running = group.create_task(kept.run(record))
        await done.wait()
        running.cancel()
    assert recorded == FACTS


def test_other_nodes_read_what_was_sent() -> None:
    assert decode(FACTS[1].encode()) == FACTS[1]
