"""A scheduled call is placed once an attempt, at its time, and not once it is called off."""

import asyncio
import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from db import calls, scheduled_calls
from db.calls import CallChange, CallRow
from db.consent import contacts
from db.privacy import erasures
from db.scheduled_calls import ScheduledRow
from server.calls.actions import CallRequest, start
from server.calls.writing import CALL_DUE
from server.consent.actions import withdraw_consent
from server.core.errors import AppError, NotYetError
from server.core.identity.auth import Identity
from server.scheduled_calls import actions
from server.scheduled_calls.due import attend
from server.scheduled_calls.keeping import Asked
from tests.integration.server.texts.text_node import NOON, TextNode, new_number

WORDS = "I agree to be called."


async def scheduled(node: TextNode, **changes: Any) -> tuple[Identity, ScheduledRow]:
    """A premium user and a call that is due now, to somebody else who agreed."""
    who = await node.sign_up()
    asked = msgspec.structs.replace(Asked("baking bread", new_number(), NOON, WORDS), **changes)
    return who, await actions.schedule(node.deps, who, asked)


async def placed(node: TextNode, row: ScheduledRow) -> list[CallRow]:
    async with node.pools.as_service() as connection:
        rows = await calls.list_page(connection, user_id=row.user_id, limit=10)
    return [call for call in rows if call.scheduled_id == row.id]


async def now(node: TextNode, who: Identity, row: ScheduledRow) -> ScheduledRow:
    return await actions.read(node.deps, who, row.id)


async def ends(node: TextNode, call: CallRow, status: Any) -> None:
    """The call is over."""
    async with node.pools.as_service() as connection:
        await calls.apply_change(connection, call.id, CallChange(status=status), call.lease_epoch)


async def test_two_nodes_at_once_place_one_call(node: TextNode) -> None:
    who, row = await scheduled(node)
    nodes = [node, node.another(), node.another()]
    await asyncio.gather(*(attend(one.deps, str(row.id)) for one in nodes))
    (call,) = await placed(node, row)
    after = await now(node, who, row)
    assert (after.status, after.attempts, after.call_id) == ("calling", 1, call.id)
    await attend(node.deps, str(row.id))
    assert len(await placed(node, row)) == 1


async def test_a_node_that_dies_before_it_placed_the_call_leaves_it_to_another(
    node: TextNode,
) -> None:
    who, row = await scheduled(node)
    async with node.pools.as_service() as connection:
        marked = msgspec.structs.replace(row, status="calling", attempts=1)
        await scheduled_calls.change(connection, marked)
    for _ in range(2):
        await attend(node.deps, str(row.id))
    assert len(await placed(node, row)) == 1
    assert (await now(node, who, row)).attempts == 1


async def test_a_node_that_dies_as_it_placed_the_call_leaves_it_known(node: TextNode) -> None:
    who, row = await scheduled(node)
    async with node.pools.as_service() as connection:
        marked = msgspec.structs.replace(row, status="calling", attempts=1)
        await scheduled_calls.change(connection, marked)
    request = CallRequest(row.topic, row.phone_number, f"scheduled:{row.id}:1", scheduled_id=row.id)
    call = await start(node.deps, who, request)
    await attend(node.deps, str(row.id))
    assert (await now(node, who, row)).call_id == call.id


async def test_an_attempt_that_is_over_before_its_own_node_knows_is_not_waited_for(
    node: TextNode,
) -> None:
    who, row = await scheduled(node)
    request = CallRequest(row.topic, row.phone_number, f"scheduled:{row.id}:1", scheduled_id=row.id)
    call = await start(node.deps, who, request)
    await ends(node, call, "ended")
    assert await node.work() == []
    after = await now(node, who, row)
    assert (after.status, after.call_id) == ("done", call.id)


async def test_what_was_not_placed_for_long_is_as_late_as_if_it_was_never_begun(
    node: TextNode,
) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    found = []
    for hours in (14, 25):  # two in the night in Washington, and too late
        row = await actions.schedule(node.deps, who, Asked("bread", None, NOON))
        async with node.pools.as_service() as connection:
            marked = msgspec.structs.replace(row, status="calling", attempts=1)
            await scheduled_calls.change(connection, marked)
        await attend(node.at(NOON + dt.timedelta(hours=hours)).deps, str(row.id))
        assert await placed(node, row) == []
        found.append(await now(node, who, row))
    assert [(one.status, one.reason, one.attempts) for one in found] == [
        ("scheduled", "quiet_hours", 0), ("failed", "too_late", 0),
    ]  # fmt: skip


async def test_who_took_back_their_consent_is_not_called_and_did_not_give_it_anew(
    node: TextNode,
) -> None:
    number = new_number()
    who = await node.sign_up(phone=number)
    row = await actions.schedule(node.deps, who, Asked("bread", None, NOON))
    await withdraw_consent(node.deps, who, number, "calls")
    await attend(node.deps, str(row.id))
    after = await now(node, who, row)
    assert (after.status, after.reason) == ("failed", "consent_required")
    async with node.pools.as_service() as connection:
        assert not await contacts.has_consent(connection, who.user_id, number, "calls")


async def test_who_was_busy_is_called_again_and_then_no_more(node: TextNode) -> None:
    who, row = await scheduled(node)
    later, after = node, row
    for attempt in (1, 2, 3):
        await attend(later.deps, str(row.id))
        call = (await placed(node, row))[0]
        await ends(node, call, "busy")
        await attend(later.deps, str(row.id))
        after = await now(node, who, row)
        assert after.attempts == attempt
        if attempt < 3:
            assert (after.status, after.reason) == ("scheduled", "busy")
            later = node.at(after.next_at)
    assert (after.status, after.reason) == ("failed", "busy")
    assert len(await placed(node, row)) == 3
    told = await node.told(who)
    assert told.count("scheduled_call.updated") == 10


async def test_a_call_that_was_had_is_done(node: TextNode) -> None:
    who, row = await scheduled(node)
    await attend(node.deps, str(row.id))
    (call,) = await placed(node, row)
    await ends(node, call, "ended")
    await attend(node.deps, str(row.id))
    assert (await now(node, who, row)).status == "done"


async def test_called_off_or_placed_but_never_both(node: TextNode) -> None:
    async def cancel(who: Identity, row: ScheduledRow) -> str:
        try:
            return (await actions.cancel(node.another().deps, who, row.id)).status
        except AppError as refused:
            return refused.code

    for first in (0.0, 0.002, 0.004, 0.008, 0.016):
        who, row = await scheduled(node)
        async with asyncio.TaskGroup() as both:
            both.create_task(attend(node.deps, str(row.id)))
            await asyncio.sleep(first)  # so that either may win
            outcome = await cancel(who, row)
        assert (outcome, len(await placed(node, row))) in {("canceled", 0), ("wrong_state", 1)}
        node.deps.live.drop_all()


async def test_before_its_time_it_waits_and_called_off_it_is_nobodys(node: TextNode) -> None:
    who, row = await scheduled(node, start_at=NOON + dt.timedelta(hours=2))
    with pytest.raises(NotYetError) as early:
        await attend(node.deps, str(row.id))
    assert early.value.after_seconds == 7200
    assert (await actions.cancel(node.deps, who, row.id)).status == "canceled"
    assert (await actions.cancel(node.deps, who, row.id)).status == "canceled"
    await attend(node.at(NOON + dt.timedelta(hours=2)).deps, str(row.id))
    assert await placed(node, row) == []
    stranger = await node.sign_up()
    for act in (actions.cancel, actions.read):
        with pytest.raises(AppError) as refused:
            await act(node.deps, stranger, row.id)
        assert refused.value.code == "not_found"


async def test_at_night_others_are_left_alone_and_one_is_called_oneself(node: TextNode) -> None:
    night = node.at(NOON.replace(hour=4))  # eleven in the evening in Washington
    who, row = await scheduled(night, start_at=NOON.replace(hour=4))
    await attend(night.deps, str(row.id))
    waits = await now(node, who, row)
    assert (waits.status, waits.reason) == ("scheduled", "quiet_hours")
    assert waits.next_at == NOON.replace(hour=14), "nine in the morning"
    assert await placed(node, row) == []
    number = new_number()
    sleepless = await night.sign_up(phone=number)
    own = await actions.schedule(night.deps, sleepless, Asked("sleep", None, None))
    assert own.phone_number == number
    await attend(night.deps, str(own.id))
    assert len(await placed(node, own)) == 1


async def test_the_plan_decides_when_the_call_is_placed(node: TextNode) -> None:
    number = new_number()
    who = await node.sign_up("free", phone=number)
    rows = [await actions.schedule(node.deps, who, Asked("bread", None, NOON)) for _ in range(2)]
    for row in rows:
        await attend(node.deps, str(row.id))
    found = [await now(node, who, row) for row in rows]
    assert [one.status for one in found] == ["calling", "failed"]
    assert (found[1].reason, found[1].attempts) == ("plan_limit", 0)


async def test_the_same_key_is_the_same_call_and_a_batch_refuses_one_by_one(
    node: TextNode,
) -> None:
    who, unwilling = await node.sign_up(), new_number()
    await node.receive(unwilling, "STOP")
    asked = [
        Asked("bread", new_number(), NOON, WORDS), Asked("bread", "nonsense", NOON, WORDS),
        Asked("bread", unwilling, NOON, WORDS), Asked("bread", new_number(), None, WORDS),
    ]  # fmt: skip
    batch_id, found = await actions.schedule_batch(node.deps, who, asked, "key")
    codes = [one.code if isinstance(one, AppError) else one.status for one in found]
    assert codes == ["scheduled", "invalid_number", "opted_out", "scheduled"]
    _, again = await actions.schedule_batch(node.deps, who, asked, "key")
    ids = [[one.id for one in some if isinstance(one, ScheduledRow)] for some in (found, again)]
    assert ids[0] == ids[1]
    rows = await actions.page(node.deps, who, 10, None, None)
    assert {row.batch_id for row in rows} == {batch_id}
    assert len(rows) == 2


async def test_no_more_wait_than_are_allowed_and_who_is_forgotten_has_none(
    node: TextNode,
) -> None:
    settings = msgspec.structs.replace(node.deps.config.scheduled, most_per_user=1)
    config = msgspec.structs.replace(node.deps.config, scheduled=settings)
    strict = node.changed(config=config)
    who, row = await scheduled(strict)
    with pytest.raises(AppError) as refused:
        await actions.schedule(strict.deps, who, Asked("bread", new_number(), NOON, WORDS))
    assert refused.value.code == "too_many"
    assert [one.id for one in await actions.page(node.deps, who, 10, "scheduled", None)] == [row.id]
    async with node.pools.as_service() as connection:
        assert await erasures.begin(connection, who.user_id, None)
        assert await scheduled_calls.get(connection, who.user_id, row.id) is None
    await attend(node.deps, str(row.id))
    assert await placed(node, row) == []


async def test_its_job_is_there_exactly_when_it_is(node: TextNode) -> None:
    _, row = await scheduled(node)
    waiting = await node.pools.queue.fetchval(
        "select count(*) from app.pgqueuer where entrypoint = $1 and payload = $2",
        CALL_DUE, str(row.id).encode(),
    )  # fmt: skip
    assert waiting == 1
    assert await node.work() == []
    assert len(await placed(node, row)) == 1
    await attend(node.deps, str(uuid.uuid4()))
