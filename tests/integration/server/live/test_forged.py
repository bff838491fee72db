"""An event that somebody changed in the database reaches nobody, and nobody waits for it."""

import asyncio
import uuid

import asyncpg
from structlog.testing import capture_logs

from db.cluster import event_streams
from db.cluster.event_streams import NewEvent
from db.core.pool import Pools
from server.cluster.relay import Relay
from server.dashboard import resume
from server.dashboard.topics import Topic
from server.live.messages import Cursor
from tests.integration.server.live.test_slow import dashboard, ticket_of, until
from tests.integration.server.texts.text_node import NOON, open_text_node


async def test_a_forged_event_is_left_out_and_the_others_arrive(
    pools: Pools, owner: asyncpg.Connection
) -> None:
    async with open_text_node(pools, "http://127.0.0.1:9") as node:
        deps, user_id = node.deps, uuid.uuid4()
        ticket = await ticket_of(pools, user_id)
        relay = Relay(deps)
        await relay.begin()
        async with asyncio.TaskGroup() as tasks:
            peer = await dashboard(deps, ticket, tasks)
            await until(peer, "snapshot")
            async with pools.as_service() as connection:
                for number in (1, 2, 3):
                    event = NewEvent(user_id, "server.notice", NOON, "user:1", 0, {"n": number})
                    await event_streams.append(connection, [event])
                stream = await event_streams.position(connection, user_id)
            await owner.execute(
                "update app.events e set body = o.body from app.events o"
                " where e.seq = 2 and o.seq = 3"
            )
            with capture_logs() as logs:
                assert not await relay.step()
            assert [(line["event"], line["place"]) for line in logs] == [("event_unreadable", 2)]
            assert [(await until(peer, "event"))["data"]["n"] for _ in range(2)] == [1, 3]
            assert not await relay.step()
            peer.leave()
        assert stream is not None
        topic = Topic("me", "user", f"user:{user_id}", user_id)
        begun = await resume.begin(deps, topic, Cursor(stream.stream_epoch, 0))
        assert (begun.missed, len(begun.pages)) == (None, 1)
        begun = await resume.begin(deps, topic, Cursor(stream.stream_epoch, 2))
        assert begun.missed is not None
        assert [event.data for event in begun.missed] == [{"n": 3}]
