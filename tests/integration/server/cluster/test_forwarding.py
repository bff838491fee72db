"""What people ask of a call at a node that does not run it."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import pytest

from db import audit
from db.audit import Filters
from db.history import journal
from media.events import CarrierStatus
from media.phases.ending import Ending
from media.phases.talking.state import Talking
from server.audit import acts
from server.audit.acts import Origin
from server.calls import forwarding
from server.calls.verbs import VERBS, do
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.dashboard import commands
from server.deps import Deps
from server.http.idempotency import idempotent
from server.live.messages import Ack, Command
from server.operators.verbs import STANDING
from tests.integration.server.cluster.nodes import sign_up, until, watching
from tests.integration.server.cluster.phones import calling_nodes, talking
from tests.support.database import Database
from tests.support.nats import NatsServer, until_connected
from tests.support.patience import patience


async def command(
    node: Deps, who: Identity, name: str, call_id: uuid.UUID, *, if_rev: int | None = None,
    command_id: str = "", **args: Any,
) -> Ack:  # fmt: skip
    sent = Command(
        command_id or uuid.uuid4().hex, f"call.{name}", {"call": str(call_id), **args}, if_rev
    )
    return await commands.run(node, who, sent)


def refusal(ack: Ack) -> tuple[str, bool]:
    assert ack.error is not None, ack
    return ack.error.code, ack.error.retry


async def test_every_verb_works_at_any_node(database: Database, nats: NatsServer) -> None:
    async with calling_nodes(database, nats.url) as (a, b):
        who, other = await sign_up(a), await sign_up(b)
        acts.begin(Origin("asked at b"))
        async with talking(a, who) as phone, watching(b, who, "me") as dashboard:
            runner, call_id = phone.live.runner, phone.live.id
            assert b.live.get(call_id) is None

            async def does(name: str, **args: Any) -> Any:
                ack = await command(b, who, name, call_id, **args)
                assert ack.ok, ack
                return ack.data

            standing = await do(STANDING, b, who, call_id)
            assert (standing.phase, standing.muted) == ("talking", False)
            assert await does("ai_mute") == {}
            assert (await do(STANDING, b, who, call_id)).muted
            again = await command(b, who, "ai_mute", call_id)
            assert refusal(again) == ("wrong_state", False)
            assert again.error is not None
            assert again.error.message == "The agent is muted already."
            await does("ai_unmute")
            await does("say", text="Good news.", interrupt=True)
            await does("dtmf", digits="1")
            assert len((await does("takeover"))["ticket"]) > 20
            await does("release")
            assert (await does("listen"))["url"] == "/audio"
            await does("unlisten")
            assert refusal(await command(b, who, "verdict", call_id, answered_by="human"))[0] == (
                "wrong_state"
            )
            assert refusal(await command(b, who, "transfer", call_id, to="12"))[0] == (
                "invalid_number"
            )
            assert refusal(await command(b, other, "ai_mute", call_id))[0] == "not_found"

            before = runner.rev
            stale = await command(b, who, "ai_mute", call_id, if_rev=1)
            assert refusal(stale)[0] == "stale_rev"
            assert stale.error is not None
            assert before <= stale.error.extra["rev"] <= runner.rev  # the agent may speak meanwhile
            while not (ack := await command(b, who, "ai_mute", call_id, if_rev=runner.rev)).ok:
                assert refusal(ack)[0] == "stale_rev"

            await does("hangup")
            await until(lambda: isinstance(runner.call.phase, Ending))
            runner.post(CarrierStatus("completed", phone.sid))
            await dashboard.until(lambda: bool(dashboard.events("call.ended")))
            assert refusal(await command(b, who, "hangup", call_id))[0] == "wrong_state"
            assert refusal(await command(b, who, "ai_mute", call_id)) == ("wrong_state", False)
        assert len(dashboard.events("ai.muted")) == 2
        wanted = Filters(user_id=who.user_id, request_id="asked at b")
        async with b.pools.as_service() as connection:
            noted = [row.action for row in await audit.page(connection, 100, None, wanted)]
        assert Counter(name for name in noted if name.startswith("call.")) == Counter(
            "call." + name
            for name in ("ai_mute", "ai_mute", "ai_unmute", "say", "dtmf", "takeover", "release",
                         "listen", "unlisten", "hangup")
        ), "what is refused is not done"  # fmt: skip


async def test_a_request_that_comes_twice_is_done_once(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            phase = phone.live.runner.call.phase
            assert isinstance(phase, Talking)
            asked: list[tuple[str, bytes]] = []
            request = b.bus.request

            async def lossy(node: str, name: str, body: bytes, *, seconds: float = 0.3) -> Any:
                asked.append((name, body))
                reply = await request(node, name, body, seconds=seconds)
                return None if len(asked) == 1 else reply

            monkeypatch.setattr(b.bus, "request", lossy)
            ack = await command(b, who, "ai_mute", phone.live.id)
            assert ack.ok, ack
            assert [name for name, _ in asked] == [forwarding.ASK] * 2
            assert asked[0] == asked[1]


@pytest.mark.parametrize("again_at", ["the same", "the owner", "the next owner"])
async def test_a_request_whose_answer_came_too_late_is_not_done_again_by_its_key(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch, again_at: str
) -> None:
    monkeypatch.setattr(forwarding, "PATIENCE_SECONDS", 0.0)
    async with calling_nodes(database, nats.url, ("a", "b", "c")) as (a, b, c):
        who = await sign_up(a)
        (saying,) = (verb for verb in VERBS if verb.command == "call.say")
        async with talking(a, who) as phone:
            request = b.bus.request

            async def lossy(*asked: Any, **how: Any) -> Any:
                monkeypatch.setattr(b.bus, "request", request)
                assert await request(*asked, **how) is not None
                return None

            async def say(node: Deps, text: str) -> tuple[int, bytes]:
                async def act() -> tuple[int, bytes]:
                    given = {"text": text, "interrupt": False}
                    await do(saying, node, who, phone.live.id, given)
                    return 200, b"{}"

                return await idempotent(node, who, "k", text, act)

            monkeypatch.setattr(b.bus, "request", lossy)
            with pytest.raises(AppError) as refused:
                await say(b, "Good news.")
            assert refused.value.code == "unavailable"
            if again_at == "the next owner":
                await phone.move(c)
            node, text = (b, "Better news.") if again_at == "the same" else (a, "Good news.")
            assert await say(node, text) == (200, b"{}")
            await (c if again_at == "the next owner" else a).recorder.settled()
        async with a.pools.as_service() as connection:
            rows = await journal.read(connection, phone.live.id)
        said = [row.event["text"] for row in rows if row.event["type"] == "operator_said"]
        assert said == (["Good news.", text] if again_at == "the same" else ["Good news."])


async def test_a_call_that_moves_takes_nothing_that_would_be_lost_on_the_way(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "PATIENCE_SECONDS", 0.3)
    leaving, may_go = asyncio.Event(), asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            leaving.set()
            await may_go.wait()

    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            phone.live.runner._job("slow", slow_to_end())
            await asyncio.sleep(0)  # it begins
            phone.live.runner.leave()
            async with patience():
                await leaving.wait()
            assert refusal(await command(a, who, "hangup", phone.live.id))[0] == "wrong_state"
            assert refusal(await command(b, who, "hangup", phone.live.id))[0] == "unavailable"
            may_go.set()
            await phone.live.over.wait()


async def test_a_call_that_cannot_be_reached_is_asked_for_again_later(
    database: Database, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "PATIENCE_SECONDS", 0.3)
    async with calling_nodes(database, nats.url) as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            nats.kill()
            await until_connected(b.bus, is_connected=False)
            assert refusal(await command(b, who, "ai_mute", phone.live.id)) == ("unavailable", True)
            with pytest.raises(AppError) as refused:
                await do(STANDING, b, who, phone.live.id)
            assert refused.value.extra == {"retry_after": 1}
            assert (await command(a, who, "ai_mute", phone.live.id)).ok
            nats.start()
            await until_connected(b.bus)
            await until_connected(a.bus)
            assert (await command(b, who, "ai_unmute", phone.live.id)).ok


async def test_a_call_that_moved_is_found(database: Database, nats: NatsServer) -> None:
    async with calling_nodes(database, nats.url, ("a", "b", "c")) as (a, b, c):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            assert (await command(b, who, "ai_mute", phone.live.id)).ok
            await phone.move(c)
            assert a.live.get(phone.live.id) is None
            assert (await do(STANDING, b, who, phone.live.id)).muted
            assert (await command(a, who, "ai_unmute", phone.live.id)).ok
            assert (await command(c, who, "hangup", phone.live.id)).ok


async def test_without_a_bus_a_call_elsewhere_is_refused(database: Database) -> None:
    async with calling_nodes(database, "") as (a, b):
        who = await sign_up(a)
        async with talking(a, who) as phone:
            refused = await command(b, who, "ai_mute", phone.live.id)
            assert refusal(refused) == ("wrong_state", False)
            await until(lambda: a.live.get(phone.live.id) is not None)
