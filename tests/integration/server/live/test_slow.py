"""A reader that is slow again and again is sent away, and nobody for what we are late with."""

import asyncio
import uuid
from typing import Any

import asyncpg
import msgspec
import pytest

from db.accounts import tokens, users
from db.cluster import event_streams
from db.cluster.event_streams import NewEvent
from db.core.pool import Pools
from server.dashboard import socket as dashboard_socket
from server.deps import Deps
from tests.integration.server.texts.text_node import NOON, open_text_node
from tests.support.websocket_peer import Peer


async def until(peer: Peer, *wanted: str) -> dict[str, Any]:
    """The next message of one of these kinds; the close is one, too."""
    text = await peer.until_heard(*(f'"op":"{kind}"' for kind in wanted))
    return {"op": "close", "code": peer.close_code} if not text else msgspec.json.decode(text)


async def dashboard(deps: Deps, ticket: str, tasks: asyncio.TaskGroup) -> Peer:
    """A dashboard that has said hello."""
    peer = Peer(["dash.v1"])
    tasks.create_task(dashboard_socket.serve(deps, peer.socket))
    await peer.opened()
    peer.say(f'{{"op":"hello","ticket":"{ticket}"}}')
    return peer


async def tell(deps: Deps, user_id: uuid.UUID, times: int) -> None:
    """So many events."""
    for _ in range(times):
        event = NewEvent(user_id, "server.notice", NOON, "user:1", 0, {})
        async with deps.pools.as_service() as connection:
            row = (await event_streams.append(connection, [event]))[0]
        deps.hub.publish_committed([row])


async def ticket_of(pools: Pools, user_id: uuid.UUID) -> str:
    """A ticket of a user who is registered."""
    claims = {"sub": str(user_id), "role": "authenticated", "exp": NOON.timestamp() + 3600}
    async with pools.as_service() as connection:
        await users.register(connection, user_id, None)
        return await tokens.mint_ticket(connection, user_id, claims, lifetime_seconds=30)


async def test_the_third_overflow_in_a_minute_ends_the_socket(pools: Pools) -> None:
    async with open_text_node(pools, "http://127.0.0.1:9", LIMITS__LIVE_QUEUE_FRAMES="5") as node:
        deps, user_id = node.deps, uuid.uuid4()
        ticket = await ticket_of(pools, user_id)
        async with asyncio.TaskGroup() as tasks:
            peer = await dashboard(deps, ticket, tasks)
            ended: dict[str, Any] = {}
            for _ in range(3):
                await until(peer, "snapshot")
                peer.transport.is_full = True
                await tell(deps, user_id, 1)
                await peer.transport.written_something()
                await tell(deps, user_id, 8)
                peer.keep_reading()
                ended = await until(peer, "resync", "close")
            assert ended == {"op": "close", "code": 4002}
    assert deps.meters.registry.get_sample_value("talking_live_resyncs_total") == 3
    assert deps.meters.registry.get_sample_value("talking_live_slow_closes_total") == 1


async def test_a_database_that_goes_away_ends_the_socket_with_a_word(pools: Pools) -> None:
    async with open_text_node(pools, "http://127.0.0.1:9") as node:
        ticket = await ticket_of(pools, uuid.uuid4())
        async with asyncio.TaskGroup() as tasks:
            peer = await dashboard(node.deps, ticket, tasks)
            await until(peer, "snapshot")
            await pools.close()
            peer.say('{"op":"resume","topic":"me"}')
            assert await until(peer, "close") == {"op": "close", "code": 1011}


async def test_nobody_is_silent_while_a_command_of_theirs_is_worked_on(
    pools: Pools, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard_socket, "PING_SECONDS", 0.0)
    async with open_text_node(pools, "http://127.0.0.1:9") as node:
        ticket = await ticket_of(pools, uuid.uuid4())
        async with asyncio.TaskGroup() as tasks:
            peer = await dashboard(node.deps, ticket, tasks)
            await until(peer, "snapshot")
            async with owner.transaction():
                await owner.execute("lock table sms_conversations")
                conv = f'"conv":"{uuid.uuid4()}"'
                peer.say(f'{{"op":"cmd","id":"00000001","name":"conv.end","args":{{{conv}}}}}')
                monkeypatch.setattr(dashboard_socket, "PONG_SECONDS", 0.01)
                for _ in range(4):
                    assert (await until(peer, "ping", "ack", "close"))["op"] == "ping"
            assert (await until(peer, "ack", "close"))["op"] == "ack"
            assert await until(peer, "close") == {"op": "close", "code": 4003}
