"""A bus that loses, doubles and shuffles costs freshness: rows and dashboards end up the same."""

import uuid
from typing import Any

import asyncpg
import pytest

from media.events import CarrierStatus
from media.phases.ending import Ending
from server import app
from server.calls import actions as calls
from server.cluster.nats_bus import NatsBus
from server.core.identity.auth import Identity
from server.dashboard import commands
from server.deps import Deps
from server.live.messages import Ack, Command
from tests.integration.server.cluster.nodes import open_nodes, sign_up, until, watching
from tests.integration.server.cluster.phones import accepting_carrier, talking
from tests.support.chaotic_bus import ChaoticBus
from tests.support.client import fold
from tests.support.database import Database
from tests.support.nats import NatsServer

TOLD = {"operator_said", "ai_muted", "ai_unmuted", "hang_up_asked", "adopted"}
SAID = [f"This is sentence {number}." for number in range(6)]


async def insist(node: Deps, who: Identity, name: str, call_id: uuid.UUID, **args: Any) -> Ack:
    """What a client does whose command was answered with `retry`: send it again under its id."""
    sent = Command(uuid.uuid4().hex, f"call.{name}", {"call": str(call_id), **args})
    while True:
        ack = await commands.run(node, who, sent)
        if ack.error is None or not ack.error.retry:
            return ack


async def story(nodes: tuple[Deps, ...], owner: asyncpg.Connection) -> list[Any]:
    """A call that moves twice and is commanded elsewhere: what rows say of it in the end.

    Dashboards at two nodes hold what one holds that is opened then.
    """
    a, b, c = nodes
    who = await sign_up(a)
    async with (
        talking(a, who) as phone,
        watching(b, who, "me") as one,
        watching(c, who, "me") as two,
    ):
        call_id = phone.live.id
        assert (await insist(b, who, "ai_mute", call_id)).ok
        assert not (await insist(c, who, "ai_mute", call_id)).ok
        for number, text in enumerate(SAID):
            if number % 3 == 2:
                for node in nodes:  # an owner that cannot be asked to let go loses the last moment
                    await node.recorder.settled()
                await phone.move(nodes[number % 2 + 1])
                await until(lambda: sum(node.live.get(call_id) is not None for node in nodes) == 1)
            assert (await insist(nodes[number % 3], who, "say", call_id, text=text)).ok
        assert (await insist(b, who, "ai_unmute", call_id)).ok
        assert (await insist(a, who, "hangup", call_id)).ok
        await until(lambda: isinstance(phone.live.runner.call.phase, Ending))
        phone.live.runner.post(CarrierStatus("completed", phone.sid, duration_seconds=30))
        for dashboard in (one, two):
            await dashboard.until(lambda each=dashboard: bool(each.events("call.ended")))  # type: ignore[misc]
        async with watching(a, who, "me") as fresh:
            for dashboard in (one, two):
                assert fold(dashboard.messages) == fold(fresh.messages)
        told = [
            (row.event["type"], row.event.get("text"))
            for row in await calls.events(a, who, call_id)
            if row.event["type"] in TOLD
        ]
        row = await owner.fetchrow(
            "select c.status, d.end_reason, r.state from calls c"
            " join app.call_details d on d.call_id = c.id"
            " join app.reservations r on r.subject_id = c.id where c.id = $1",
            call_id,
        )
    return [*told, tuple(row)]


async def test_chaos_on_the_bus_changes_no_fact(
    database: Database, nats: NatsServer, owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    names = ("a", "b", "c")
    async with accepting_carrier() as url:
        async with open_nodes(database, nats.url, names, TWILIO__BASE_URL=url) as nodes:
            expected = await story(nodes, owner)
        made: list[ChaoticBus] = []

        def chaotic(*args: Any) -> ChaoticBus:
            made.append(ChaoticBus(NatsBus(*args), len(made)))
            return made[-1]

        monkeypatch.setattr(app, "NatsBus", chaotic)
        for _ in range(3):
            async with open_nodes(database, nats.url, names, TWILIO__BASE_URL=url) as nodes:
                assert await story(nodes, owner) == expected
    assert sum(bus.lost for bus in made) > 0
    assert sum(bus.doubled for bus in made) > 0
    assert [text for kind, text in expected[:-1] if kind == "operator_said"] == SAID
