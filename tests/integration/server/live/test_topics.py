"""Topics: who may watch what, how they begin and end on a socket, and what is written down."""

import base64
import uuid
from typing import Any

import msgspec
import pytest

from db.accounts import tokens
from tests.integration.server.carrier import Carrier
from tests.integration.server.live.people import make_admin
from tests.integration.server.test_live import closed_after, hello, metric
from tests.integration.server.test_texts import add, begin
from tests.support.client import Clients, Dashboard, Json, User

NOWHERE = "00000000-0000-4000-8000-000000000000"
OF_A_USER = {"calls", "transcripts", "conversations", "messages", "emails", "usage", "plan"}
STATES = {  # what a client is shown of each kind of topic: names of the contract
    "me": OF_A_USER,
    "user": OF_A_USER,
    "call": {"call", "transcript", "journal_seq"},
    "conv": {"conversation", "messages"},
    "all": {"calls", "conversations"},
    "fleet": {"nodes"},
}


async def sub(dashboard: Dashboard, topic: str, **more: Any) -> str:
    """Ask for a topic: "ok", or the code of the refusal."""
    ack = await dashboard.command("sub.add", topic=topic, **more)
    return "ok" if ack["ok"] else str(ack["error"]["code"])


async def begun(dashboard: Dashboard, topic: str) -> Json:
    """The topic's snapshot."""
    return await dashboard.until(
        lambda message: message["op"] == "snapshot" and message["topic"] == topic
    )


async def views(admin: User) -> list[tuple[str | None, str]]:
    """What this administrator looked at, newest first."""
    page = await admin.get("/v1/admin/views?limit=100")
    return [
        (line["user_id"], line["what"])
        for line in page["views"]
        if line["admin_id"] == str(admin.id)
    ]


async def test_each_may_watch_what_is_theirs_and_administrators_everything(
    clients: Clients,
) -> None:
    call = await Carrier(clients).ringing_call()
    owner, stranger = call.user, await clients.sign_up()
    admin = await make_admin(clients, await clients.sign_up())
    conversation = await begin(owner, await add(clients))
    own = ("me", f"call:{call.id}", f"conv:{conversation}")
    everybodys = (f"user:{owner.id}", "all", "fleet")
    nobodys = (
        f"call:{NOWHERE}", f"conv:{NOWHERE}", f"user:{NOWHERE}", "call:", "call:x", "nonsense",
        f"call:{call.id.upper()}", f"email:{call.id}", f"call:{conversation}",
    )  # fmt: skip
    rights = {
        owner: {**dict.fromkeys(own, "ok"), **dict.fromkeys(everybodys, "forbidden")},
        stranger: dict.fromkeys((*own[1:], *everybodys), "forbidden"),
        admin: dict.fromkeys((*own, *everybodys), "ok"),
    }
    for who, expected in rights.items():
        async with who.live() as dashboard:
            wanted = {**expected, **dict.fromkeys(nobodys, "forbidden")}
            assert {topic: await sub(dashboard, topic) for topic in wanted} == wanted
            for topic in (topic for topic, code in wanted.items() if code == "ok"):
                snapshot = await begun(dashboard, topic)
                assert snapshot["filtered"] == topic.startswith(("call:", "conv:"))
                assert set(snapshot["data"]) == STATES[topic.partition(":")[0]]
        for topic, code in expected.items():
            if code == "forbidden":
                asked = hello(token=who.token, subs=[{"topic": topic}])
                assert await closed_after(clients.world, asked) == 4502
                answer = await who.ask("GET", f"/v1/events?topic={topic}")
                assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert {(user_id, what) for user_id, what in await views(admin)} == {
        (str(owner.id), "live call"), (str(owner.id), "live conv"), (str(owner.id), "live user"),
        (None, "live all"), (None, "live fleet"),
    }  # fmt: skip
    await call.hang_up()


async def test_an_administrators_looks_are_written_down_and_theirs_alone_to_read(
    clients: Clients,
) -> None:
    call = await Carrier(clients).ringing_call()
    admin = await make_admin(clients, await clients.sign_up())
    assert (await admin.get(f"/v1/calls/{call.id}"))["id"] == call.id
    listed = await admin.get("/v1/admin/calls?limit=1")
    assert (len(listed["calls"]), listed["calls"][0]["id"]) == (1, call.id)
    assert (await admin.get(f"/v1/admin/calls?cursor={listed['cursor']}"))["calls"]
    assert await admin.get("/v1/admin/conversations") is not None
    (node,) = (await admin.get("/v1/admin/nodes"))["nodes"]
    assert node["state"] == "up"
    assert {"calls", "sockets", "event_age_ms", "backlog", "jobs_waiting"} == set(node["stats"])
    assert await views(admin) == [
        (None, "sms_conversations"), (None, "calls"), (None, "calls"),
        (str(call.user.id), f"calls {call.id}"),
    ]  # fmt: skip
    for page in ("calls", "conversations", "nodes", "views", "users", "audit"):
        answer = await call.user.ask("GET", f"/v1/admin/{page}")
        assert (answer.status, answer.body["code"]) == (403, "forbidden"), page
    await call.hang_up()


async def test_a_topic_that_is_given_up_is_silent_and_goes_on_from_its_cursor(
    clients: Clients,
) -> None:
    call = await Carrier(clients).ringing_call()
    topic = f"call:{call.id}"
    async with call.user.live(subs=[]) as dashboard:
        assert await sub(dashboard, topic) == "ok"
        shown = await begun(dashboard, topic)
        assert shown["data"]["call"]["status"] == "ringing"
        assert shown["data"]["transcript"] == []
        assert (await dashboard.command("sub.del", topic=topic))["ok"]
        assert await sub(dashboard, "me") == "ok"
        await begun(dashboard, "me")
        await call.hang_up()
        await dashboard.until_over(call.id)
        assert {event["topic"] for event in dashboard.events()} == {"me"}
        cursor = {"epoch": shown["epoch"], "seq": shown["seq"]}
        assert await sub(dashboard, topic, cursor=cursor) == "ok"
        again = await dashboard.until(
            lambda message: message.get("topic") == topic and message.get("type") == "call.ended"
        )
        assert again["seq"] > shown["seq"]
        await dashboard.send("resume", topic="all")
        assert await dashboard.closed() == 4502


async def test_a_client_may_watch_sixty_four_topics(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    admin = await make_admin(clients, await clients.sign_up())
    people = [uuid.uuid4() for _ in range(64)]
    async with clients.world.rows() as connection:
        for one in people:
            await connection.execute("select app.register_user($1, null)", one)
    async with admin.live(subs=[]) as dashboard:
        answers = [await sub(dashboard, f"user:{one}") for one in people]
        assert answers == ["ok"] * 64
        assert await sub(dashboard, "all") == "too_large"
        await dashboard.command("sub.del", topic=f"user:{people[0]}")
        assert await sub(dashboard, "all") == "ok"
    await call.hang_up()


async def test_a_newer_token_keeps_the_socket_and_a_lesser_one_ends_it(clients: Clients) -> None:
    user, other = await clients.sign_up(), await clients.sign_up()
    admin = await make_admin(clients, user)
    async with admin.live(subs=[{"topic": "all"}]) as dashboard:
        renewed = await dashboard.command("token.refresh", token=admin.token)
        assert renewed["data"]["token_exp"] == dashboard.messages[0]["token_exp"]
        foreign = await dashboard.command("token.refresh", token=other.token)
        assert foreign["error"]["code"] == "forbidden"
        broken = await dashboard.command("token.refresh", token=admin.token[:-9])
        assert broken["error"]["code"] == "unauthenticated"
        await dashboard.send("cmd", id="t", name="token.refresh", args={"token": user.token})
        assert await dashboard.closed() == 4006


async def ticket_for(clients: Clients, user: User, seconds: float) -> str:
    """A ticket that stands for a token which ends so soon."""
    part = user.token.split(".")[1]
    claims = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * 3))
    async with clients.world.rows() as connection:
        now = await connection.fetchval("select extract(epoch from now())::float8")
        ticket: str = await tokens.mint_ticket(
            connection, user.id, {**claims, "exp": now + seconds}, lifetime_seconds=30
        )
    return ticket


async def test_a_socket_ends_with_its_token_unless_there_is_a_newer_one(clients: Clients) -> None:
    user = await clients.sign_up()
    ticket = await ticket_for(clients, user, 0.5)
    async with user.live(ticket=ticket) as dashboard:
        assert await dashboard.closed() == 4005
    ticket = await ticket_for(clients, user, 0.8)
    async with user.live(ticket=ticket) as dashboard:
        assert (await dashboard.command("token.refresh", token=user.token))["ok"]
        async with user.live(ticket=await ticket_for(clients, user, 0.8)) as other:
            assert await other.closed() == 4005
        assert (await dashboard.command("sub.del", topic="me"))["ok"]
    assert await metric(clients.world, 'talking_live_closes_total{code="4005"}') >= 2


async def test_a_quiet_topic_is_told_where_it_stands(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    admin = await make_admin(clients, call.user)
    topics = ("me", f"call:{call.id}", "all")
    async with admin.live(subs=[{"topic": topic} for topic in topics]) as dashboard:
        await call.hang_up()
        await dashboard.until_over(call.id)
        for topic in topics:
            last = max(
                message["seq"]
                for message in dashboard.messages
                if message.get("topic") == topic and "seq" in message
            )
            at = await dashboard.until(
                lambda message, topic=topic, last=last: (  # type: ignore[misc]
                    message["op"] == "at" and message["topic"] == topic and message["seq"] >= last
                )
            )
            assert at["epoch"]


async def test_the_fleet_is_shown_with_its_numbers(clients: Clients) -> None:
    admin = await make_admin(clients, await clients.sign_up())
    async with admin.live(subs=[{"topic": "fleet"}]) as dashboard:
        (node,) = (await begun(dashboard, "fleet"))["data"]["nodes"]
        stats = await dashboard.until(lambda message: message.get("type") == "node.stats")
        assert stats["data"]["node"]["node"] == node["node"]
        assert stats["data"]["node"]["stats"]["sockets"] >= 1
        assert "seq" not in stats


@pytest.mark.parametrize("name", ["sub.add", "sub.del", "token.refresh"])
async def test_arguments_of_the_sockets_own_commands_are_checked(
    clients: Clients, name: str
) -> None:
    user = await clients.sign_up()
    async with user.live() as dashboard:
        for args in ({}, {"topic": 1, "token": 1}, {"topic": "me", "token": "x", "too": 1}):
            ack = await dashboard.command(name, uuid.uuid4().hex, **args)
            assert ack["error"]["code"] == "bad_request"


async def test_the_channel_is_counted(clients: Clients) -> None:
    user = await clients.sign_up()
    async with user.live() as dashboard:
        await dashboard.command("conv.pause", conv=NOWHERE)
        assert await metric(clients.world, 'talking_live_sockets{role="user"}') >= 1
        for name in (
            "talking_live_welcome_seconds_count",
            'talking_live_command_seconds_count{name="conv.pause"}',
            "talking_live_event_age_seconds_count",
            'talking_live_beginnings_total{mode="snapshot"}',
        ):
            assert await metric(clients.world, name) >= 1, name
