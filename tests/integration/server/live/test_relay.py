"""The relay: what was committed is told, whatever became of who committed it."""

import asyncio
from datetime import UTC, datetime

import asyncpg

from db.cluster import event_streams
from db.cluster.event_streams import EventRow, NewEvent
from tests.integration.server.live.people import make_admin
from tests.support.client import Clients, Json, User
from tests.support.follower import Follower

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def commit(connection: asyncpg.Connection, user: User) -> EventRow:
    """An event whose writer says nothing of it to anybody: it dies before it could."""
    notice = {"about": "test", "code": "test", "detail": "test"}
    event = NewEvent(user.id, "server.notice", NOON, f"user:{user.id}", 0, notice)
    return (await event_streams.append(connection, [event]))[0]


def told(message: Json, row: EventRow) -> bool:
    return bool(message["op"] == "event" and message["id"] == str(row.id))


async def test_what_nobody_published_is_told_by_the_relay(clients: Clients) -> None:
    user = await clients.sign_up()
    admin = await make_admin(clients, user)
    subs = [{"topic": "me"}, {"topic": "all"}, {"topic": f"user:{user.id}"}]
    silent = {sub["topic"] for sub in subs}

    def everywhere(message: Json) -> bool:
        if told(message, rows[-1]):
            silent.discard(message["topic"])
        return not silent

    async with admin.live(subs=subs) as dashboard, clients.world.rows() as connection:
        rows = [await commit(connection, user) for _ in range(5)]
        await dashboard.until(everywhere)
    wanted = [str(row.id) for row in rows]
    for sub in subs:  # of which "all" tells of other people, too
        told_there = [event for event in dashboard.events() if event["topic"] == sub["topic"]]
        assert [event["id"] for event in told_there if event["id"] in wanted] == wanted


async def test_a_node_killed_between_commit_and_publish_costs_nobody_an_event(
    clients: Clients,
) -> None:
    world = clients.world
    user = await make_admin(clients, await clients.sign_up())
    follower = Follower(user, "me", "all")
    await follower.watch(lambda _: follower.has_begun)
    async with world.rows() as connection:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.to_thread(world.node.kill))
            rows = [await commit(connection, user) for _ in range(100)]
        rows += [await commit(connection, user) for _ in range(10)]
        await asyncio.to_thread(world.node.start)
        await asyncio.to_thread(world.until_ready)
        wanted = [str(row.id) for row in rows]

        def has_all(_: int) -> bool:
            return all(
                [event["id"] for event in view.events if event["id"] in wanted] == wanted
                for view in follower.views.values()
            )

        await follower.watch(has_all)
        gaps = await connection.fetchval(
            "select max(gseq) - min(gseq - last_seq + first_seq) + 1"
            " - sum(last_seq - first_seq + 1) from app.event_groups"
        )
        waiting = await connection.fetchval(
            "select count(*) from app.event_groups where gseq is null"
        )
    assert (gaps, waiting) == (0, 0)
