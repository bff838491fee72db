"""Who runs a call: one owner at a time, by its node's lease and the call's epoch."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from db import calls
from db.calls import CallChange, CallRow
from db.cluster import leases, nodes
from db.cluster.leases import Held, Lease
from db.core.pool import Pools
from db.history import journal
from db.history.journal import JournalEntry
from tests.integration.db.arrange import make_call, make_user

NODE = "a"
LEASE_SECONDS = 60.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def hold(pools: Pools, node: str, *held: CallRow, seconds: float = LEASE_SECONDS) -> Held:
    async with pools.as_service() as connection:
        mine = [(call.id, call.lease_epoch) for call in held]
        return await leases.hold(connection, node, mine, lease_seconds=seconds)


async def claim_all(pools: Pools, node: str, *running: UUID) -> list[Lease]:
    async with pools.as_service() as connection:
        return await leases.claim_abandoned(
            connection, node, running, lease_seconds=LEASE_SECONDS, limit=10
        )


async def claim(pools: Pools, node: str, call: CallRow) -> Lease | None:
    async with pools.as_service() as connection:
        return await leases.claim(connection, node, call.id, lease_seconds=LEASE_SECONDS)


async def release(pools: Pools, node: str, lease: Lease, *, for_seconds: float = 0) -> None:
    async with pools.as_service() as connection:
        await leases.release(connection, node, lease, for_seconds=for_seconds)


async def test_a_call_nobody_runs_is_claimed_by_exactly_one_of_many_nodes(pools: Pools) -> None:
    user_id = await make_user(pools)
    lost = [await make_call(pools, user_id, lease_seconds=-1) for _ in range(6)]
    await make_call(pools, user_id)
    claimed = await asyncio.gather(*(claim_all(pools, f"node-{n}") for n in range(8)))
    taken = [lease for group in claimed for lease in group]
    assert sorted(lease.call_id for lease in taken) == sorted(call.id for call in lost)
    assert {(lease.lease_epoch, lease.former) for lease in taken} == {(2, NODE)}
    assert await claim_all(pools, "late") == []


async def test_a_node_that_beats_keeps_its_calls_however_old_they_are(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools), lease_seconds=-1)
    held = await hold(pools, NODE, call)
    assert (held.ours, held.peers, held.has_abandoned) == ({call.id}, 0, False)
    other = await hold(pools, "b")
    assert (other.ours, other.peers, other.has_abandoned) == (set(), 1, False)
    assert await claim_all(pools, "b") == []


async def test_nodes_that_drain_and_that_are_gone_of_late_may_have_heard_of_a_call(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    await hold(pools, "b")
    for state in ("draining", "stopped"):
        async with pools.as_service() as connection:
            await nodes.beat(connection, "b", NOW, state, {})
        assert (await hold(pools, NODE)).peers == 1
    await owner.execute("update app.nodes set seen_at = seen_at - interval '20 seconds'")
    assert (await hold(pools, NODE)).peers == 0


async def test_a_node_is_late_with_less_than_a_third_of_its_lease_left(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    left = "update app.nodes set lease_until = now() + make_interval(secs => $1)"
    assert (await hold(pools, NODE)).was_late
    assert not (await hold(pools, NODE)).was_late
    await owner.execute(left, LEASE_SECONDS / 2)
    assert not (await hold(pools, NODE)).was_late
    await owner.execute(left, LEASE_SECONDS / 4)
    assert (await hold(pools, NODE)).was_late


async def test_a_node_that_falls_silent_loses_its_calls(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools), lease_seconds=-1)
    await hold(pools, NODE, call, seconds=-1)
    assert (await hold(pools, "b")).has_abandoned
    [lease] = await claim_all(pools, "b")
    assert lease.former == NODE
    assert lease.seen_at is not None
    assert (await hold(pools, NODE, call)).ours == set()
    assert not (await hold(pools, "c")).has_abandoned


async def test_a_call_that_its_living_owner_does_not_run_is_found_by_it_alone(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools), lease_seconds=-1)
    assert (await hold(pools, NODE)).has_abandoned
    assert not (await hold(pools, "b")).has_abandoned
    assert await claim_all(pools, NODE, call.id) == []
    assert [lease.call_id for lease in await claim_all(pools, NODE)] == [call.id]


async def test_a_new_call_is_nobodys_to_find_until_its_node_runs_it(pools: Pools) -> None:
    await make_call(pools, await make_user(pools))
    assert not (await hold(pools, NODE)).has_abandoned
    assert not (await hold(pools, "b")).has_abandoned


async def test_whoever_has_the_sound_claims_a_call_from_its_living_owner(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    await hold(pools, NODE, call)
    claimed = await asyncio.gather(*(claim(pools, f"node-{n}", call) for n in range(5)))
    assert sorted(lease.lease_epoch for lease in claimed if lease) == [2, 3, 4, 5, 6]
    assert (await hold(pools, NODE, call)).ours == set()


async def test_a_finished_call_is_left_alone(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools), lease_seconds=-1)
    async with pools.as_service() as connection:
        await calls.apply_change(connection, call.id, CallChange(status="lost"), 1)
    assert await claim_all(pools, "b") == []
    assert await claim(pools, "b", call) is None


async def test_the_former_owner_can_neither_release_nor_write_nor_journal(pools: Pools) -> None:
    call = await make_call(pools, await make_user(pools))
    assert await claim(pools, "b", call)
    await release(pools, NODE, Lease(call.id, call.user_id, 1))
    async with pools.as_service() as connection:
        entry = JournalEntry(call.id, call.user_id, 1, 0, NOW, {"type": "old"})
        assert (await journal.append(connection, [entry])).fenced == {(call.id, 1)}
        assert await journal.read(connection, call.id) == []
        change = CallChange(status="talking")
        assert await calls.apply_change(connection, call.id, change, 1) is None
        row = await calls.get_any(connection, call.id)
    assert row is not None
    assert (row.owner_node, row.lease_epoch) == ("b", 2)


async def test_a_released_call_is_found_at_once_or_after_a_while(pools: Pools) -> None:
    user_id = await make_user(pools)
    silent, talking = await make_call(pools, user_id), await make_call(pools, user_id)
    await release(pools, NODE, Lease(silent.id, user_id, 1))
    await release(pools, NODE, Lease(talking.id, user_id, 1), for_seconds=60)
    assert [lease.call_id for lease in await claim_all(pools, "b")] == [silent.id]
    lease = await claim(pools, "b", talking)
    assert lease is not None
    assert lease.former is None


async def test_a_node_that_starts_gives_up_what_it_had_in_its_former_life(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    call = await make_call(pools, await make_user(pools))
    await hold(pools, NODE, call)
    async with pools.as_service() as connection:
        await leases.forfeit(connection, NODE)
    assert [lease.call_id for lease in await claim_all(pools, NODE)] == [call.id]
    assert await owner.fetchval("select count(*) from app.nodes") == 1


async def test_other_nodes_are_up_while_they_beat_and_take_calls(pools: Pools) -> None:
    async def are_up() -> bool:
        async with pools.as_service() as connection:
            return await nodes.are_others_up(connection, "a")

    await hold(pools, "a")
    assert not await are_up()
    await hold(pools, "b")
    assert await are_up()
    async with pools.as_service() as connection:
        await nodes.beat(connection, "b", NOW, "draining", {})
    assert not await are_up()
    await hold(pools, "c", seconds=-1)
    assert not await are_up()


async def test_calls_that_were_given_up_are_nobodys_until_they_are_adopted(pools: Pools) -> None:
    user_id = await make_user(pools)
    one, two = await make_call(pools, user_id), await make_call(pools, user_id)

    async def unowned() -> int:
        async with pools.as_service() as connection:
            return await leases.count_unowned(connection, [one.id, two.id])

    assert await unowned() == 0
    await release(pools, NODE, Lease(one.id, user_id, 1), for_seconds=60)
    assert await unowned() == 1
    assert await claim(pools, "b", one)
    assert await unowned() == 0


async def test_a_node_that_drains_says_so_at_once(pools: Pools) -> None:
    await hold(pools, "b")
    async with pools.as_service() as connection:
        assert await nodes.are_others_up(connection, "a")
        await nodes.set_state(connection, "b", "draining")
        assert not await nodes.are_others_up(connection, "a")
