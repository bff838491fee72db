"""The live socket from outside: who may open one, commands, cursors, and what ends it."""

import asyncio
import contextlib
import re
import socket as sockets
import uuid

import aiohttp
import msgspec
import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from tests.integration.server.carrier import Carrier
from tests.support.client import Clients, Dashboard, Json, User, close_code, fold, live_socket
from tests.support.node import World
from tests.support.patience import patience
from tests.support.people import human, patient

NOWHERE = "00000000-0000-4000-8000-000000000000"
NODE_LABEL = re.compile(r'(?<=\{)node="[^"]*",|,?node="[^"]*"')


async def closed_after(world: World, *frames: str | bytes, **options: object) -> int | None:
    """The close code that these frames lead to."""
    socket = live_socket(world, ping_interval=1, close_timeout=2, **options)
    return await close_code(socket, *frames)


def hello(**members: object) -> str:
    return msgspec.json.encode({"op": "hello", **members}).decode()


async def metric(world: World, name: str) -> float:
    """One of the node's numbers; the node's name, which is on each, is left out of `name`."""
    async with aiohttp.ClientSession() as http, http.get(f"{world.url}/metrics") as answer:
        lines = NODE_LABEL.sub("", await answer.text()).splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0.0)


async def snapshot(dashboard: Dashboard) -> Json:
    return await dashboard.until(lambda message: message["op"] == "snapshot")


async def without_limit(clients: Clients) -> User:
    """A user whose plan has no limit of calls."""
    user = await clients.sign_up()
    await user.get("/v1/me")
    async with clients.world.rows() as connection:
        await connection.execute(
            "update public.users set subscription_plan_id = 'premium' where id = $1", user.id
        )
    return user


async def test_a_page_of_another_origin_is_refused_before_the_upgrade(clients: Clients) -> None:
    for origin in ("http://evil.example", "null", f"{clients.world.url}.evil.example"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with live_socket(clients.world, origin=origin):
                pass
        assert refused.value.response.status_code == 403
    assert clients.world.logged("live_refused", reason="origin")


async def test_our_own_origin_and_none_are_welcome(clients: Clients) -> None:
    user = await clients.sign_up()
    for origin in (clients.world.url, None):
        async with live_socket(clients.world, origin=origin) as socket:
            await socket.send(hello(token=user.token))
            assert msgspec.json.decode(await socket.recv())["op"] == "welcome"


async def test_nobody_in_particular_is_refused_with_4501(clients: Clients) -> None:
    user = await clients.sign_up()
    ticket = await user.ticket()
    async with user.live(ticket=ticket):
        pass
    for who in (
        {},
        {"ticket": "x"},
        {"ticket": ticket},
        {"token": "x"},
        {"token": user.token[:-9]},
    ):
        assert await closed_after(clients.world, hello(**who)) == 4501
    assert clients.world.logged("live_closed", code=4501)


async def test_another_protocol_or_version_is_refused_with_4503(clients: Clients) -> None:
    token = (await clients.sign_up()).token
    world = clients.world
    for offered in ([Subprotocol("dash.v2")], None):
        assert await closed_after(world, hello(token=token), subprotocols=offered) == 4503
    assert await closed_after(world, hello(token=token, v=2)) == 4503


async def test_whoever_says_nothing_for_five_seconds_is_sent_away(clients: Clients) -> None:
    begun = asyncio.get_running_loop().time()
    assert await closed_after(clients.world) == 4500
    assert asyncio.get_running_loop().time() - begun > 4.5


@pytest.mark.parametrize(
    "frame",
    ["", "{", '{"op":"dance"}', '{"op":"cmd","id":1}', '{"op":"cmd","id":"","name":"x"}', b"\x00",
     '{"op":"hello","ticket":"x"}', "x" * 20_000, '{"op":"pong","extra":1}',
     '{"op":"resume","topic":"me\\u0000"}'],
    ids=range(10),
)  # fmt: skip
async def test_a_frame_that_breaks_the_protocol_ends_the_socket(
    clients: Clients, frame: str | bytes
) -> None:
    user = await clients.sign_up()
    assert await closed_after(clients.world, hello(token=user.token), frame) == 4500


async def test_the_first_frame_is_held_to_the_size_of_all(clients: Clients) -> None:
    user = await clients.sign_up()
    for size, code in ((20_000, 4500), (10_000, None)):
        async with live_socket(clients.world) as socket, patience():
            await socket.send(hello(token=user.token) + " " * size)
            if code is None:
                assert '"op":"welcome"' in str(await socket.recv())
            else:
                await socket.wait_closed()
                assert socket.close_reason == "text frames of at most 16384 bytes"
            assert socket.close_code == code


async def test_whose_frame_cannot_be_read_is_told_why_in_as_much_as_fits(clients: Clients) -> None:
    user = await clients.sign_up()
    odd = msgspec.json.encode({"op": "€" * 99}).decode()
    for frames in ((odd,), (hello(token=user.token), odd)):
        async with live_socket(clients.world) as socket, patience():
            for frame in frames:
                await socket.send(frame)
            await socket.wait_closed()
        assert socket.close_code == 4500
        assert "Invalid value '€€" in str(socket.close_reason)


async def test_a_command_with_a_nul_anywhere_is_refused_and_the_socket_stays(
    clients: Clients,
) -> None:
    call = await Carrier(clients).ringing_call()
    async with call.user.live() as dashboard:
        refused = [
            await dashboard.command("call.say", call=call.id, text="a\x00b"),
            await dashboard.command("call.hangup", command_id="a\x00b", call=call.id),
            await dashboard.command("conv.start", topic="tea", to="+12025550100", consent="\x00"),
            await dashboard.command(
                "email.send", topic="tea", type="custom", variables={"x": ["\x00"]}
            ),
            await dashboard.command("sub.add", topic="me\x00"),
        ]
        assert [ack["error"]["code"] for ack in refused] == ["bad_request"] * 5
        assert "`$.args.text`" in refused[0]["error"]["message"]
        assert "`$.args.variables.x[0]`" in refused[3]["error"]["message"]
        assert (await call.now())["status"] == "ringing"
        assert (await dashboard.command("call.hangup", call=call.id))["ok"]


async def test_a_frame_of_a_megabyte_is_too_big(clients: Clients) -> None:
    user = await clients.sign_up()
    code = await closed_after(clients.world, hello(token=user.token), "x" * 1_000_000)
    assert code == 1009


async def test_other_topics_than_ones_own_are_forbidden(clients: Clients) -> None:
    user, other = await clients.sign_up(), await clients.sign_up()
    for topic in ("all", f"user:{other.id}", "fleet"):
        asked = hello(token=user.token, subs=[{"topic": topic}])
        assert await closed_after(clients.world, asked) == 4502
        resume = msgspec.json.encode({"op": "resume", "topic": topic}).decode()
        assert await closed_after(clients.world, hello(token=user.token), resume) == 4502


async def test_the_twenty_first_socket_of_a_user_is_one_too_many(clients: Clients) -> None:
    user = await clients.sign_up()
    async with asyncio.TaskGroup() as tasks:
        enough, opened = asyncio.Event(), asyncio.Semaphore(0)

        async def watch() -> None:
            async with user.live(token=user.token):
                opened.release()
                await enough.wait()

        for _ in range(20):
            tasks.create_task(watch())
        for _ in range(20):
            await opened.acquire()
        assert await closed_after(clients.world, hello(token=user.token)) == 4504
        enough.set()


async def test_commands_that_cannot_be_done_are_answered_with_their_code(clients: Clients) -> None:
    user, call = await clients.sign_up(), await Carrier(clients).ringing_call()
    attempts: list[tuple[str, Json, str]] = [
        ("call.dance", {}, "unknown_command"),
        ("call.start", {}, "bad_request"),
        ("call.start", {"topic": 1}, "bad_request"),
        ("call.start", {"topic": "x", "too": "+12025550100"}, "bad_request"),
        ("call.start", {"topic": "x"}, "number_required"),
        ("call.start", {"topic": "x", "to": "+442079460000"}, "country_not_allowed"),
        ("call.hangup", {"call": "first"}, "bad_request"),
        ("call.hangup", {"call": NOWHERE}, "not_found"),
        ("call.hangup", {"call": call.id}, "not_found"),
        ("call.say", {"call": call.id, "text": "Boo"}, "not_found"),
    ]
    async with user.live() as dashboard:
        for name, args, code in attempts:
            ack = await dashboard.command(name, **args)
            assert (ack["ok"], ack["error"]["code"]) == (False, code)
            assert ack["error"]["see"] == f"/errors/{code}"
    async with call.user.live() as dashboard:
        ack = await dashboard.command("call.say", call=call.id, text="Too early")
        assert ack["error"]["code"] == "wrong_state"
        assert (await dashboard.command("call.hangup", call=call.id))["ok"]
        assert (await dashboard.until_over(call.id))["status"] == "canceled"


async def test_a_repeated_command_gets_the_first_answer_and_is_done_once(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human(answers="no-answer"))
    command_id = uuid.uuid4().hex
    async with user.live() as dashboard, user.live() as other:
        asked: Json = {"topic": "repeats", "to": number}
        first = await dashboard.command("call.start", command_id, **asked)
        assert first["ok"]
        for again in (dashboard, other, dashboard):
            assert await again.command("call.start", command_id, **asked) == first
        changed = await other.command("call.start", command_id, topic="repeats!", to=number)
        assert changed["error"]["code"] == "idempotency_mismatch"
        call_id = first["data"]["call"]["id"]
        await dashboard.until_status(call_id, "ringing")
        started = dashboard.events("call.initiating")
        assert [event["cause"] for event in started] == [command_id]
        assert (await other.command("call.hangup", call=call_id))["ok"]
        await dashboard.until_over(call_id)
    assert len(await clients.sandbox.calls_to(number)) == 1


async def test_the_second_call_of_a_free_user_is_refused_with_all_there_is_to_know(
    clients: Clients,
) -> None:
    call = await Carrier(clients).ringing_call()
    async with call.user.live() as dashboard:
        ack = await dashboard.command("call.start", topic="more", to="+12025550100")
        extra = ack["error"]["extra"]
        assert ack["error"]["code"] == "plan_limit"
        assert (extra["metric"], extra["limit"], extra["used"], extra["reserved"]) == (
            "calls", 1, 0, 1,
        )  # fmt: skip
        assert extra["resets_at"].endswith("-01T00:00:00.000Z")
        assert (await dashboard.command("call.hangup", call=call.id))["ok"]


async def test_a_flood_is_slowed_down_and_then_cut_off(clients: Clients) -> None:
    user = await clients.sign_up()
    async with user.live() as dashboard:
        for number in range(300):
            try:
                await dashboard.send("cmd", id=str(number), name="call.dance")
            except websockets.ConnectionClosed:
                break
        assert await dashboard.closed() == 4007
    errors = [message["error"] for message in dashboard.messages if message["op"] == "ack"]
    assert {error["code"] for error in errors[:20]} == {"unknown_command"}
    limited = [error for error in errors if error["code"] == "rate_limited"]
    assert limited
    assert all(error["retry"] and error["retry_ms"] > 0 for error in limited)
    assert clients.world.logged("live_closed", code=4007)


async def test_a_client_that_comes_back_is_told_what_it_missed(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    user = call.user
    async with user.live() as dashboard:
        before = await snapshot(dashboard)
    assert (await call.hang_up()).status == 200
    async with user.live() as dashboard:
        await dashboard.until_over(call.id) if not await _over(user, call.id) else None
    cursor = {"epoch": before["epoch"], "seq": before["seq"]}
    async with user.live(subs=[{"topic": "me", "cursor": cursor}]) as dashboard:
        welcome = dashboard.messages[0]
        (mode,) = welcome["subs"]
        assert mode["mode"] == "resumed"
        await dashboard.until(
            lambda message: message.get("seq") == before["seq"] + mode["replayed"]
        )
        assert not [message for message in dashboard.messages if message["op"] == "snapshot"]
        resumed = fold([before, *dashboard.messages[1:]])
    async with user.live() as dashboard:
        assert resumed == fold([await snapshot(dashboard)])


async def _over(user: User, call_id: str) -> bool:
    call: Json = await user.get(f"/v1/calls/{call_id}")
    return call["ended_time"] is not None


@pytest.mark.parametrize("change", ["epoch", "future", "ancient"])
async def test_a_cursor_that_does_not_fit_gets_a_snapshot(clients: Clients, change: str) -> None:
    call = await Carrier(clients).ringing_call()
    async with call.user.live() as dashboard:
        now = await snapshot(dashboard)
    cursor = {"epoch": now["epoch"], "seq": now["seq"]}
    cursor |= {"epoch": {"epoch": "x"}, "future": {"seq": now["seq"] + 5}, "ancient": {"seq": -9}}[
        change
    ]
    async with call.user.live(subs=[{"topic": "me", "cursor": cursor}]) as dashboard:
        assert dashboard.messages[0]["subs"][0]["mode"] == "snapshot"
        assert (await snapshot(dashboard))["seq"] >= now["seq"]
    assert (await call.hang_up()).status == 200


async def test_a_live_client_may_ask_for_what_it_misses(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    async with call.user.live() as dashboard:
        now = await snapshot(dashboard)
        cursor = {"epoch": now["epoch"], "seq": now["seq"] - 2}
        await dashboard.send("resume", topic="me", cursor=cursor)
        again = await dashboard.until(lambda message: message.get("seq") == now["seq"] - 1)
        assert again["op"] == "event"
        await dashboard.send("resume", topic="me")
        assert (await call.hang_up()).status == 200
        await dashboard.until_over(call.id)
        snapshots = [message for message in dashboard.messages if message["op"] == "snapshot"]
        assert len(snapshots) == 2


async def test_words_of_the_operator_carry_the_commands_id(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(patient())
    async with user.live() as dashboard:
        ack = await dashboard.command("call.start", topic="silence", to=number)
        call_id = ack["data"]["call"]["id"]
        await dashboard.until_status(call_id, "talking")
        said = await dashboard.command(
            "call.say", "say-1", call=call_id, text="Your taxi is here.", interrupt=True
        )
        assert said["ok"]
        spoken = await dashboard.until(lambda message: message.get("type") == "operator.said")
        assert (spoken["cause"], spoken["data"]["text"]) == ("say-1", "Your taxi is here.")
        await dashboard.until(
            lambda message: (
                message.get("type") == "transcript.final"
                and message["data"]["heard"].endswith("Your taxi is here.")
            )
        )
        assert (await dashboard.command("call.hangup", call=call_id))["ok"]
        over = await dashboard.until_over(call_id)
        assert (over["status"], over["end_reason"]) == ("ended", "operator")


def _small_window(world: World) -> sockets.socket:
    """A connection whose receiver takes little before it is read; so does the kernel for it."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_MAXSEG, 536)
    raw.connect(("127.0.0.1", world.port))
    raw.setblocking(False)
    return raw


async def _fill(world: World, slow: ClientConnection) -> None:
    """Ask for snapshots that nobody reads, until the node cannot send any more of them."""
    begun = -1
    while begun != (begun := await _snapshots(world)):
        await slow.send('{"op":"resume","topic":"me"}')
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while await _snapshots(world) == begun:  # noqa: ASYNC110 - polls with a deadline
                    await asyncio.sleep(0.02)


async def _snapshots(world: World) -> int:
    return int(await metric(world, 'talking_live_beginnings_total{mode="snapshot"}'))


async def _until_resync(socket: ClientConnection) -> list[Json]:
    """Read on to the snapshot that follows a resync."""
    messages: list[Json] = []
    async with patience():
        async for frame in socket:
            messages += [msgspec.json.decode(line) for line in str(frame).splitlines()]
            resynced = [each["op"] for each in messages].count("resync")
            if resynced and messages[-1]["op"] == "snapshot":
                return messages
    raise AssertionError("closed")


async def test_a_slow_reader_is_resynced_and_costs_others_nothing(clients: Clients) -> None:
    user = await without_limit(clients)
    nobody, topic = "+12125559999", "x" * 200
    async with user.live() as quick:
        for _ in range(40):  # so that a snapshot is long
            await user.start_call(nobody, topic)
        async with live_socket(
            clients.world, sock=_small_window(clients.world), max_queue=1, ping_interval=None
        ) as slow:
            await slow.send(hello(token=user.token))
            await _fill(clients.world, slow)
            # More events than its queue takes; who reads nothing for ten seconds is sent away.
            made = [(await user.start_call(nobody, topic))["id"] for _ in range(14)]
            for call_id in made:
                await quick.until_over(call_id)
            messages = await _until_resync(slow)
    assert fold(quick.messages)
    assert quick.close_code is None
    last = messages[-1]
    assert {call["id"] for call in last["data"]["calls"]} >= set(made)


async def test_whoever_talks_on_without_listening_is_cut_off(clients: Clients) -> None:
    user = await clients.sign_up()
    command = '{"op":"cmd","id":"1","name":"call.dance"}'
    async with live_socket(clients.world, ping_interval=None, close_timeout=0.1) as socket:
        await socket.send(hello(token=user.token))
        async with patience():
            with pytest.raises(websockets.ConnectionClosed):  # noqa: PT012 - any of them may
                while True:
                    await socket.send(command)
