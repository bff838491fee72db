"""The fleet: nodes at one database tell their administrators of each other, without a bus."""

import uuid
from typing import Any

import asyncpg
import msgspec

from db.core.pool import Pools
from server.cluster.heartbeat import Heartbeat
from server.live.hub import Hub
from server.live.listener import Listener
from tests.integration.server.texts.text_node import open_text_node

NOWHERE = "http://127.0.0.1:9"


def watch(hub: Hub) -> Listener:
    """An administrator's dashboard that was shown the fleet already."""
    listener = Listener(uuid.uuid4(), 100, 100_000, is_admin=True)
    hub.join(listener)
    hub.add(listener, "fleet", "fleet", None)
    place = listener.hold("fleet")
    assert place is not None
    listener.release("fleet", place, "", 0)
    return listener


async def told(listener: Listener) -> list[tuple[str, str]]:
    """Which news came of which node."""
    messages: list[Any] = [msgspec.json.decode(frame.text) for frame in await listener.take(100)]
    return [(message["type"], message["data"]["node"]["node"]) for message in messages]


async def test_a_node_is_seen_to_come_to_drain_and_to_stop_by_another(pools: Pools) -> None:
    async with open_text_node(pools, NOWHERE) as here, open_text_node(pools, NOWHERE) as there:
        mine = Heartbeat(here.changed(node="here").deps)
        other = Heartbeat(there.changed(node="there").deps)
        await mine.beat("up")
        listener = watch(here.deps.hub)
        await mine.beat("up")
        assert await told(listener) == [("node.stats", "here")]
        for state in ("up", "draining", "stopped"):
            fresh = watch(here.deps.hub)
            await other.beat(state)
            await mine.beat("up")
            seen = await until(fresh, f"node.{state}")
            assert (f"node.{state}", "there") in seen


async def until(listener: Listener, kind: str) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    while kind not in {name for name, _ in seen}:
        seen += await told(listener)
    return seen


async def test_a_node_that_falls_silent_is_lost_until_it_speaks_again(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    async with open_text_node(pools, NOWHERE) as here, open_text_node(pools, NOWHERE) as there:
        mine = Heartbeat(here.changed(node="here").deps)
        other = Heartbeat(there.changed(node="there").deps)
        await other.beat("up")
        await mine.beat("up")
        listener = watch(here.deps.hub)
        await owner.execute(
            "update app.nodes set seen_at = seen_at - interval '1 minute' where node = 'there'"
        )
        await mine.beat("up")
        assert ("node.lost", "there") in await until(listener, "node.lost")
        await other.beat("up")
        await mine.beat("up")
        assert ("node.up", "there") in await until(listener, "node.up")
