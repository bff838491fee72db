"""Refused tokens: any number of them makes few rows, and the counts in them add up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from db.audit import NewAct
from server.audit.acts import Origin
from server.audit.refusals import MOST_WAITING, PER_HOUR, REST_SECONDS, Refusals
from tests.support.patience import patience

EXPIRED, FORGED = "The access token has expired; refresh it.", "The access token is not valid."


def at(address: int) -> Origin:
    return Origin(f"request-{address}", address.to_bytes(32, "big"))


class Log:
    """A node whose database takes rows, or is away."""

    def __init__(self) -> None:
        self.rows: list[NewAct] = []
        self.is_away = False
        self.was_written = asyncio.Event()

    def clock(self) -> float:
        return 1.0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        if self.is_away:
            raise ConnectionRefusedError
        noted: list[NewAct] = []
        yield SimpleNamespace(note=noted.append)
        self.rows += noted
        self.was_written.set()

    def counted(self) -> Counter[str]:
        return sum((Counter(row.data["reasons"]) for row in self.rows), Counter())


@pytest.mark.parametrize("addresses", [1, 7, 1000])
@pytest.mark.parametrize("seconds", [0.0, 3.0, 3600.0])
async def test_a_thousand_refusals_make_a_bounded_number_of_rows_that_count_them_all(
    addresses: int, seconds: float
) -> None:
    refusals, log = Refusals(), Log()
    node: Any = log
    for n in range(1000):
        refusals.count(FORGED if n % 3 else EXPIRED, at(n % addresses), n * seconds / 1000)
        if n % 50 == 0:
            await refusals.write(node)
    refusals.count_rest(seconds + 3600.0)
    await refusals.write(node)
    assert log.counted() == {EXPIRED: 334, FORGED: 666}
    assert sum(row.data["refused"] for row in log.rows) == 1000
    by_address = Counter(row.address_hash for row in log.rows)
    assert len(log.rows) <= min(PER_HOUR, addresses * (1 + seconds / REST_SECONDS)) + 1
    assert max(by_address.values()) <= 1 + seconds / REST_SECONDS


async def test_a_row_says_where_from_and_nothing_of_what_was_shown() -> None:
    refusals = Refusals()
    refusals.count(FORGED, at(7), 0.0)
    (row,) = refusals.waiting
    assert (row.action, row.actor_kind, row.actor_name) == ("auth.refused", "user", "stranger")
    assert (row.request_id, row.address_hash) == ("request-7", (7).to_bytes(32, "big"))
    assert (row.actor_id, row.user_id, row.subject, row.reason) == (None, None, "", "")
    assert row.data == {"refused": 1, "reasons": {FORGED: 1}}


async def test_no_row_and_no_count_is_lost_while_the_database_is_away() -> None:
    refusals, log = Refusals(), Log()
    node: Any = log
    log.is_away = True
    for n in range(100_000):
        refusals.count(FORGED, at(n), float(n))
    assert len(refusals.waiting) <= MOST_WAITING
    with pytest.raises(ConnectionRefusedError):
        await refusals.write(node)
    log.is_away = False
    await refusals.write(node)
    assert refusals.waiting == []
    refusals.count_rest(200_000.0)
    await refusals.write(node)
    assert log.counted() == {FORGED: 100_000}


async def test_rows_are_written_soon_after_the_refusal_and_by_nobody_who_waits() -> None:
    refusals, log = Refusals(), Log()
    node: Any = log
    async with patience(), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(refusals.run(node))
        refusals.count(FORGED, at(7), 0.0)
        assert log.rows == []
        await log.was_written.wait()
        assert len(log.rows) == 1
        running.cancel()
