"""What a transfer reserved never stays reserved: not when whoever asked died, or lost the call."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import asyncpg
import msgspec
import pytest

from db.accounts.users import give_plan
from db.calls import CallRow
from db.core.pool import Pools
from media.call import Call, begin
from media.effects import Record, Settle, Transfer
from media.events import Keyed, Requested, TransferRefused
from server.calls.carrier import CallCarrier
from server.calls.deps import CallDeps
from server.calls.recorder import Recorder
from server.calls.writing import Entry, use_of, write
from server.consent import reach
from server.core.errors import NotYetError
from server.live.hub import Hub
from server.usage import transfers
from tests.integration.db.arrange import make_call, make_user
from tests.support.patience import patience
from tests.support.wiring import bare_node

SID = f"CA{0:032}"
STATES = "select subject_id, state from app.reservations"
JOBS = "select convert_from(payload, 'UTF8') from app.pgqueuer where entrypoint = 'transfer_use'"
OVER = Record(type="call.ended", status="ended", ended_at=2_000_000_000.0, end_reason="operator")


@pytest.fixture
async def row(pools: Pools, owner: asyncpg.Connection) -> CallRow:
    user_id = await make_user(pools)
    await give_plan(owner, user_id, "premium")
    return await make_call(pools, user_id)


async def reserve(pools: Pools, row: CallRow, name: str) -> UUID:
    """As an operator does, before anything reaches the call."""
    node = bare_node(pools)
    async with node.transaction() as tx:
        use = use_of(row.id, name)
        await transfers.reserve(tx, node.config, row.user_id, row.id, use)
        number = "+12125550199"
        await reach.count_call(tx.connection, node.config, row.user_id, number, use)
    return use


async def end(pools: Pools, row: CallRow, *settled: Settle) -> None:
    node = bare_node(pools)
    last = Entry(row.id, row.user_id, row.lease_epoch, 9, 2e9, Keyed("1"), (OVER, *settled))
    async with node.transaction() as tx:
        assert not await write(tx, node.config.costs, [last])


async def test_what_nobody_came_to_settle_is_given_back_once_the_call_is_over(
    pools: Pools, owner: asyncpg.Connection, row: CallRow
) -> None:
    deps = bare_node(pools)
    left, asked = await reserve(pools, row, "left"), await reserve(pools, row, "asked")
    jobs = [job for (job,) in await owner.fetch(JOBS)]
    for job in jobs:
        with pytest.raises(NotYetError):
            await transfers.look(deps, job)
    assert dict(await owner.fetch(STATES)) == {left: "reserved", asked: "reserved"}
    await end(pools, row, Settle(commit=True, use="asked"))
    for job in jobs * 2:
        await transfers.look(deps, job)
    assert dict(await owner.fetch(STATES)) == {left: "released", asked: "committed"}
    assert await owner.fetchval("select calls_used from usage_tracking") == 1
    counted = await owner.fetch("select distinct use from app.velocity")
    assert [use for (use,) in counted] == [asked], "nor is it an attempt"


async def test_what_is_left_of_a_call_that_was_deleted_is_given_back(
    pools: Pools, owner: asyncpg.Connection, row: CallRow
) -> None:
    use = await reserve(pools, row, "left")
    await owner.execute("delete from calls where id = $1", row.id)
    await transfers.look(bare_node(pools), await owner.fetchval(JOBS))
    assert dict(await owner.fetch(STATES)) == {use: "released"}


class Dialled(list[str]):
    """A carrier that says which numbers it was asked for."""

    async def dial_on(self, _: str, number: str, *_more: Any) -> None:
        self.append(number)


async def transfer(pools: Pools, row: CallRow, dialled: Dialled) -> object:
    """As the language model has it done."""
    node = bare_node(pools)
    recorder = Recorder(node, Hub(), lambda *_: None)
    parts = {name: getattr(node, name) for name in ("pools", "config", "clock", "transaction")}
    deps = SimpleNamespace(recorder=recorder, twilio=dialled, **parts)
    began, _ = begin(node.config.call_settings, Requested("moss"), 0.0)
    facts = msgspec.structs.replace(began.facts, sid=SID)
    call = Call(began.settings, facts, began.phase)
    wanted = Transfer("+12125550199", by_agent=True, use="turn 3")
    return await CallCarrier(cast("CallDeps", deps), row).transfer(call, wanted)


async def test_a_node_that_lost_the_call_reserves_nothing_for_it(
    pools: Pools, owner: asyncpg.Connection, row: CallRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def frozen_here(_: CallCarrier) -> bool:
        await owner.execute("update app.call_details set epoch = epoch + 1")
        return True

    monkeypatch.setattr(CallCarrier, "_is_ours", frozen_here)
    dialled = Dialled()
    assert await transfer(pools, row, dialled) == TransferRefused(0)
    assert await owner.fetch(STATES) == []
    assert dialled == []


async def test_a_transfer_that_cannot_be_counted_in_time_is_refused_before_it_is_dialled(
    pools: Pools, owner: asyncpg.Connection, row: CallRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled = Dialled()
    async with owner.transaction(), patience():
        await owner.execute("lock table app.reservations")
        monkeypatch.setattr("server.calls.carrier.COUNT_SECONDS", 0.2)
        assert await transfer(pools, row, dialled) == TransferRefused(0)
    assert await owner.fetch(STATES) == []
    assert dialled == []
    monkeypatch.undo()
    await transfer(pools, row, dialled)
    assert dialled == ["+12125550199"]
