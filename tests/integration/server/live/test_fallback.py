"""The channel without a websocket: events as SSE that resume, commands by POST, both with curl."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest

from tests.integration.server.carrier import Carrier
from tests.integration.server.test_texts import add, begin
from tests.support.client import Clients, Json, User
from tests.support.patience import patience

NOWHERE = "00000000-0000-4000-8000-000000000000"


class Stream:
    """What a stream of events sent, block by block."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.last_id = ""
        self.comments = 0

    async def line(self) -> tuple[str, str]:
        """The next line's field and value."""
        line = (await self._answer.content.readline()).decode()
        assert line, "the stream ended"
        field, _, value = line.rstrip("\n").partition(": ")
        self.comments += line.startswith(":")
        self.last_id = value if field == "id" else self.last_id
        return field, value

    async def next(self) -> Json:
        """The next message."""
        async with patience():
            while (line := await self.line())[0] != "data":
                pass
        message: Json = msgspec.json.decode(line[1])
        return message

    async def until(self, kind: str) -> Json:
        """The next event of a type."""
        while (message := await self.next()).get("type") != kind:
            pass
        return message


@asynccontextmanager
async def stream(user: User, http: aiohttp.ClientSession, last: str = "") -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {user.token}", **({"Last-Event-ID": last} if last else {})}
    url = f"{user.world.url}/v1/events?topic=me"
    async with http.get(url, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        yield Stream(answer)


async def command(user: User, command_id: str, name: str, **args: object) -> Json:
    body = {"op": "cmd", "id": command_id, "name": name, "args": args}
    answer = await user.ask("POST", "/v1/commands", body)
    assert answer.status == 200, answer
    ack: Json = answer.body
    return ack


async def test_a_stream_of_events_goes_on_where_it_was_cut(clients: Clients) -> None:
    user = await clients.sign_up()
    conversation = await begin(user, await add(clients))
    async with stream(user, clients.http) as first:
        snapshot = await first.next()
        assert (snapshot["op"], snapshot["topic"]) == ("snapshot", "me")
        assert first.last_id == f"{snapshot['epoch']}:{snapshot['seq']}"
        assert (await command(user, "c-1", "conv.pause", conv=conversation))["ok"]
        paused = await first.until("conv.paused")
        assert paused["cause"] == "c-1"
        assert first.last_id == f"{paused['epoch']}:{paused['seq']}"
    assert (await command(user, "c-2", "conv.resume", conv=conversation))["ok"]
    async with stream(user, clients.http, first.last_id) as second:
        resumed = await second.next()
        while resumed["type"] != "conv.resumed":
            resumed = await second.next()
        assert resumed["cause"] == "c-2"
    async with stream(user, clients.http, "another:7") as third:
        assert (await third.next())["op"] == "snapshot"


async def test_a_quiet_stream_says_that_it_lives(clients: Clients) -> None:
    user = await clients.sign_up()
    async with stream(user, clients.http) as quiet:
        await quiet.next()
        async with patience():
            while quiet.comments < 2:
                await quiet.line()


async def test_what_is_asked_of_a_stream_is_answered_and_the_connection_goes_on(
    clients: Clients,
) -> None:
    user = await clients.sign_up()
    async with (
        patience(),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http,
    ):
        headers = {"Authorization": f"Bearer {user.token}"}
        async with http.head(f"{user.world.url}/v1/events", headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, "text/event-stream")
        async with http.get(f"{user.world.url}/v1/me", headers=headers) as answer:
            assert answer.status == 200
        async with stream(user, http, last=f"zz:{'9' * 5000}") as events:
            assert (await events.next())["op"] == "snapshot"


async def test_a_command_by_post_is_done_once_and_refused_as_on_the_socket(
    clients: Clients,
) -> None:
    call = await Carrier(clients).ringing_call()
    stranger = await clients.sign_up()
    ended = await command(call.user, "c-1", "call.hangup", call=call.id)
    assert ended == await command(call.user, "c-1", "call.hangup", call=call.id)
    assert (ended["op"], ended["id"], ended["ok"]) == ("ack", "c-1", True)
    for name, args, code in (
        ("call.dance", {}, "unknown_command"),
        ("sub.add", {"topic": "me"}, "unknown_command"),
        ("call.hangup", {"call": "x"}, "bad_request"),
        ("call.hangup", {"call": call.id}, "not_found"),
        ("call.hangup", {"call": NOWHERE}, "not_found"),
    ):
        answer = await stranger.ask(
            "POST", "/v1/commands", {"op": "cmd", "id": f"{name}{code}", "name": name, "args": args}
        )
        problem = answer.body.get("error") or answer.body
        assert problem["code"] == code, name
    for broken in (b"", b"[]", b'{"op":"hello"}', b'{"op":"cmd","id":""}'):
        answer = await stranger.ask("POST", "/v1/commands", broken)
        assert (answer.status, answer.body["code"]) == (400, "bad_request")


async def test_nobody_in_particular_gets_nothing(clients: Clients) -> None:
    for method, path in (("GET", "/v1/events"), ("POST", "/v1/commands")):
        async with clients.http.request(method, f"{clients.world.url}{path}") as answer:
            assert answer.status == 401


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_is_a_dashboard(clients: Clients) -> None:
    user = await clients.sign_up()
    url = f"{clients.world.url}/v1/events?topic=me"
    curl = await asyncio.create_subprocess_exec(
        "curl", "-sN", "-H", f"Authorization: Bearer {user.token}", url,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert curl.stdout is not None
    async with patience():
        first, second = await curl.stdout.readline(), await curl.stdout.readline()
    curl.terminate()
    await curl.wait()
    assert first.startswith(b"id: ")
    assert second.startswith(b'data: {"op":"snapshot","topic":"me"')
