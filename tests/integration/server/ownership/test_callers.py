"""Who calls us is talked with, and as whom; or is told why not, whatever is the matter here."""

import uuid
from typing import Any

import msgspec

from db import agents, calls
from db.agents import AgentValues
from db.billing import usage
from db.calls import CallRow
from db.history import journal
from server.core.identity.auth import Identity
from server.ownership.facts import Ring
from server.ownership.inbound import answer
from server.texts import missed_calls
from tests.integration.server.scheduled_calls.conftest import carrier as carrier
from tests.integration.server.scheduled_calls.conftest import node as node
from tests.integration.server.texts.text_node import NOON, TextNode, new_number


async def caller(node: TextNode) -> tuple[Identity, Ring]:
    """A premium user who calls from their own number, for which their network vouches."""
    number = new_number()
    return await node.sign_up(phone=number), Ring(f"CA{uuid.uuid4().hex}", number, "A")


async def requested(node: TextNode, who: Identity) -> tuple[CallRow, dict[str, Any]]:
    """The user's one call, and the first event of its journal."""
    async with node.pools.as_service() as connection:
        (row,) = await calls.list_page(connection, user_id=who.user_id, limit=10)
        return row, (await journal.read(connection, row.id))[0].event


async def jobs(node: TextNode) -> int:
    count: int = await node.pools.queue.fetchval(
        "select count(*) from app.pgqueuer where entrypoint = $1", missed_calls.JOB
    )
    return count


def configured(node: TextNode, **changes: Any) -> TextNode:
    inbound = msgspec.structs.replace(node.deps.config.inbound, **changes)
    return node.changed(config=msgspec.structs.replace(node.deps.config, inbound=inbound))


async def test_what_was_said_before_is_told_to_whom_their_network_vouches_for(
    node: TextNode,
) -> None:
    lenient = configured(node, attestation="B")
    for attestation in ("A", "B"):
        who, ring = await caller(node)
        await node.start(who, ring.number, node.deps.config.inbound.topic)
        await node.receive(ring.number, "I like rye.")
        twiml = await answer(lenient.deps, msgspec.structs.replace(ring, attestation=attestation))
        assert "<Stream" in twiml
        row, first = await requested(node, who)
        assert (row.direction, row.twilio_call_sid) == ("inbound", ring.sid)
        assert first["inbound_sid"] == ring.sid
        assert any("rye" in turn["heard"] for turn in first.get("earlier", ())) is (
            attestation == "A"
        )


async def test_whoever_forges_a_number_uses_up_nothing_of_its_owners_and_learns_nothing(
    node: TextNode,
) -> None:
    few = configured(node, per_number_per_hour=2)
    who, ring = await caller(node)
    heard: dict[str, list[str]] = {}
    for number in (ring.number, new_number()):
        for attestation in ("none", "B", "C", "failed") * 2:
            forged = Ring(f"CA{uuid.uuid4().hex}", number, attestation)
            heard.setdefault(number, []).append(await answer(few.deps, forged))
    assert heard[ring.number] == heard.popitem()[1], "as of a number that nobody has"
    assert ["does not confirm" in twiml for twiml in heard[ring.number]] == [True] * 2 + [False] * 6
    async with node.pools.as_service() as connection:
        calls_used = (await usage.read(connection, who.user_id, usage.month_year(NOON)))[0]
    assert (calls_used.used, calls_used.reserved) == (0, 0)
    assert await jobs(node) == 0
    assert "<Stream" in await answer(few.deps, ring)


async def test_the_agent_for_callers_talks_if_there_is_one(node: TextNode) -> None:
    async with node.pools.as_service() as connection:
        values = AgentValues("Coach", greeting="Coach here.")
        row = await agents.insert(connection, uuid.uuid4(), "coach", values)
    assert row is not None
    for slug, name in (("coach", "Coach"), ("nobody", None)):
        who, ring = await caller(node)
        assert "<Stream" in await answer(configured(node, agent=slug).deps, ring)
        _, first = await requested(node, who)
        assert (first.get("agent") or {}).get("name") == name


async def test_a_node_that_drains_or_is_full_says_so_and_the_call_was_missed(
    node: TextNode,
) -> None:
    who, ring = await caller(node)
    limits = msgspec.structs.replace(node.deps.config.calls, max_live=1)
    small = node.changed(config=msgspec.structs.replace(node.deps.config, calls=limits))
    assert "<Stream" in await answer(small.deps, ring)
    _, other = await caller(node)
    assert "cannot take your call" in await answer(small.deps, other)
    assert await jobs(node) == 1
    node.deps.live.drain_began.set()
    assert "cannot take your call" in await answer(node.deps, other)
    assert await jobs(node) == 2
    assert "<Stream" in await answer(node.deps, ring), "asked again about a call that is there"
    assert (await requested(node, who))[0].status == "ringing"
    stranger = msgspec.structs.replace(ring, sid=f"CA{uuid.uuid4().hex}", number="")
    assert "do not know your number" in await answer(node.deps, stranger)
    assert await jobs(node) == 2


async def test_who_is_refused_again_and_again_hears_a_busy_line(node: TextNode) -> None:
    number = new_number()
    await node.sign_up("free", phone=number)
    few = configured(node, per_number_per_hour=3)
    heard = [await answer(few.deps, Ring(f"CA{uuid.uuid4().hex}", number, "A")) for _ in range(6)]
    assert "<Stream" in heard[0], "the one call of the plan"
    assert all("are used up" in twiml for twiml in heard[1:4])
    assert all("<Reject" in twiml for twiml in heard[4:])


async def test_one_user_has_so_many_calls_at_once_and_no_more(node: TextNode) -> None:
    who, ring = await caller(node)
    limits = msgspec.structs.replace(node.deps.config.calls, at_once_per_user=1)
    strict = node.changed(config=msgspec.structs.replace(node.deps.config, calls=limits))
    assert "<Stream" in await answer(strict.deps, ring)
    again = msgspec.structs.replace(ring, sid=f"CA{uuid.uuid4().hex}")
    assert "cannot take your call" in await answer(strict.deps, again)
    await requested(node, who)  # there is one
