"""What a transaction emits and enqueues: all of it once it is committed, nothing of it before."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest

from db.cluster import event_streams, jobs
from db.cluster.event_streams import EventRow
from db.core.pool import Pools
from server.core.events import Subject, of_metric
from server.live.hub import Hub
from server.usage.wire import LimitReached, LimitWarning
from tests.integration.db.arrange import make_user
from tests.support.wiring import bare_node

REACHED = LimitReached("calls", 1, 1, 0, "2026-12-01T00:00:00.000Z")
WARNING = LimitWarning("texts", 5, 4, 0, "2026-12-01T00:00:00.000Z")


class Published(Hub):
    """A hub that remembers what it was handed, and in which groups."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[list[EventRow]] = []

    def publish_committed(self, rows: Sequence[EventRow]) -> None:
        self.groups.append(list(rows))
        super().publish_committed(rows)


async def stream(pools: Pools, user_id: uuid.UUID) -> list[EventRow]:
    async with pools.as_service() as connection:
        return await event_streams.read_after(connection, user_id, 0, 100)


async def waiting(pools: Pools) -> int:
    async with pools.as_service() as connection:
        return await jobs.waiting(connection, "look")


async def test_nothing_is_told_before_the_commit_and_all_of_it_once_after(pools: Pools) -> None:
    hub, user_id = Published(), await make_user(pools)
    async with bare_node(pools, hub).transaction() as tx:
        tx.emit(REACHED, of_metric(user_id, "calls"))
        tx.emit(WARNING, of_metric(user_id, "texts"))
        tx.enqueue("look", "1")
        assert (hub.groups, await stream(pools, user_id), await waiting(pools)) == ([], [], 0)
    (group,) = hub.groups
    assert [(row.seq, row.type, row.subject) for row in group] == [
        (1, "limit.reached", "usage:calls"), (2, "limit.warning", "usage:texts"),
    ]  # fmt: skip
    kept = await stream(pools, user_id)
    assert [(row.id, row.seq, row.ts) for row in kept] == [
        (row.id, row.seq, row.ts) for row in group
    ]
    assert kept[0].data["resets_at"] == REACHED.resets_at
    assert await waiting(pools) == 1


async def test_what_fails_leaves_no_event_and_no_job(pools: Pools) -> None:
    hub, user_id = Published(), await make_user(pools)

    async def fail() -> None:
        async with bare_node(pools, hub).transaction() as tx:
            tx.emit(REACHED, of_metric(user_id, "calls"))
            tx.enqueue("look", "never")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert (hub.groups, await stream(pools, user_id), await waiting(pools)) == ([], [], 0)


async def test_a_transaction_of_many_users_numbers_each_stream_without_a_gap(pools: Pools) -> None:
    users = [await make_user(pools) for _ in range(3)]
    node = bare_node(pools)

    async def write(turn: int) -> None:
        async with node.transaction() as tx:
            for rev, user_id in enumerate((users + users)[turn % 3 :]):
                tx.emit(REACHED, Subject(user_id, "usage:calls", rev))

    async with asyncio.TaskGroup() as tasks:  # each locks the three streams from another end
        for turn in range(9):
            tasks.create_task(write(turn))
    for user_id in users:
        seqs = [row.seq for row in await stream(pools, user_id)]
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) >= 9
