"""A reader that is slow again and again is sent away; the edge is a socket whose sends can wait."""

import asyncio
import uuid
from collections.abc import MutableMapping
from typing import Any

import msgspec

from db import tokens, users
from db.cluster import event_streams
from db.cluster.event_streams import NewEvent
from db.core.pool import Pools
from server.dashboard import socket as dashboard_socket
from server.deps import Deps
from server.http.websocket import Socket
from tests.integration.server.texts.text_node import NOON, open_text_node

SCOPE = {"headers": [], "subprotocols": ["dash.v1"]}


class Line:
    """The two ends of ASGI's websocket: what the peer says, and sends that wait for the gate."""

    def __init__(self, *frames: str) -> None:
        self.gate = asyncio.Event()
        self.stuck = asyncio.Event()
        self.sent: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        for frame in frames:
            self._frames.put_nowait(frame)

    def say(self, frame: str | None) -> None:
        """The peer sends a frame, or is gone."""
        self._frames.put_nowait(frame)

    async def receive(self) -> MutableMapping[str, Any]:
        frame = await self._frames.get()
        if frame is None:
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive" if frame else "websocket.connect", "text": frame}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if not self.gate.is_set():
            self.stuck.set()
            await self.gate.wait()
        for line in message.get("text", "").splitlines():
            await self.sent.put(msgspec.json.decode(line))
        if message["type"] == "websocket.close":
            self.say(None)
            await self.sent.put({"op": "close", "code": message["code"]})

    async def until(self, *wanted: str) -> dict[str, Any]:
        """The next message of one of these kinds."""
        async with asyncio.timeout(60):
            while (message := dict(await self.sent.get()))["op"] not in wanted:
                pass
        return message


async def tell(deps: Deps, user_id: uuid.UUID, times: int) -> None:
    """So many events."""
    for _ in range(times):
        event = NewEvent(uuid.uuid4(), user_id, "server.notice", NOON, "user:1", 0, {})
        async with deps.pools.as_service() as connection:
            row = (await event_streams.append(connection, [event]))[0]
        deps.hub.publish_committed([row])


async def ticket_of(pools: Pools, user_id: uuid.UUID) -> str:
    """A ticket of a user who is registered."""
    claims = {"sub": str(user_id), "role": "authenticated", "exp": NOON.timestamp() + 3600}
    async with pools.as_service() as connection:
        await users.register(connection, user_id, None)
        return await tokens.mint_ticket(connection, claims, lifetime_seconds=30)


async def test_the_third_overflow_in_a_minute_ends_the_socket(pools: Pools) -> None:
    async with open_text_node(pools, "http://127.0.0.1:9", LIMITS__LIVE_QUEUE_FRAMES="5") as node:
        deps, user_id = node.deps, uuid.uuid4()
        ticket = await ticket_of(pools, user_id)
        line = Line("", f'{{"op":"hello","ticket":"{ticket}"}}')
        line.gate.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(dashboard_socket.serve(deps, Socket(SCOPE, line.receive, line.send)))
            ended: dict[str, Any] = {}
            for _ in range(3):
                await line.until("snapshot")
                line.gate.clear()
                line.stuck.clear()
                await tell(deps, user_id, 1)
                await line.stuck.wait()
                await tell(deps, user_id, 8)
                line.gate.set()
                ended = await line.until("resync", "close")
            assert ended == {"op": "close", "code": 4002}
    assert deps.meters.registry.get_sample_value("talking_live_resyncs_total") == 3
    assert deps.meters.registry.get_sample_value("talking_live_slow_closes_total") == 1


async def test_a_database_that_goes_away_ends_the_socket_with_a_word(pools: Pools) -> None:
    async with open_text_node(pools, "http://127.0.0.1:9") as node:
        ticket = await ticket_of(pools, uuid.uuid4())
        line = Line("", f'{{"op":"hello","ticket":"{ticket}"}}')
        line.gate.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                dashboard_socket.serve(node.deps, Socket(SCOPE, line.receive, line.send))
            )
            await line.until("snapshot")
            await pools.close()
            line.say('{"op":"resume","topic":"me"}')
            assert await line.until("close") == {"op": "close", "code": 1011}
