"""A client of the public interfaces for tests: REST, the live socket and the sandbox's own pages.

It keeps what it was sent as it came and judges nothing. Knows nothing of the node's insides.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import aiohttp
import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.node import World
from tests.support.patience import PATIENCE_SECONDS, patience

Json: TypeAlias = dict[str, Any]

TERMINAL = {"ended", "busy", "no_answer", "failed", "canceled", "lost"}
KEY = {"apikey": "sandbox-publishable-key"}


class Answer(msgspec.Struct, frozen=True):
    """What came back on one request."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Sandbox:
    """The sandbox's own pages."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def get(self, path: str) -> Any:
        """A page, parsed when it is JSON."""
        async with self._http.get(f"{self._url}{path}", headers=KEY) as answer:
            assert answer.status == 200, await answer.text()
            is_json = answer.content_type == "application/json"
            return await answer.json() if is_json else await answer.read()

    async def send(self, method: str, path: str, body: Json) -> Any:
        """A change of the world."""
        url = f"{self._url}{path}"
        async with self._http.request(method, url, json=body, headers=KEY) as answer:
            assert answer.status in {200, 201}, await answer.text()
            return await answer.json()

    async def add(self, person: Json) -> str:
        """Somebody who can be called from now on; their number."""
        await self.send("POST", "/people", person)
        return str(person["number"])

    async def number_of(self, name: str) -> str:
        """The number of one of the sandbox's own people."""
        people: dict[str, Json] = await self.get("/people")
        return next(number for number, person in people.items() if person["name"] == name)

    async def call(self, sid: str) -> Json:
        """Everything that happened in a call."""
        seen: Json = await self.get(f"/world/calls/{sid}")
        return seen

    async def calls_to(self, number: str) -> list[Json]:
        """Every call that was really placed to a number."""
        return [call for call in (await self.get("/world"))["calls"] if call["to"] == number]

    async def heard(self, sid: str) -> bytes:
        """What the person heard, as a WAV."""
        sound: bytes = await self.get(f"/world/calls/{sid}/heard.wav")
        return sound


class User:
    """Somebody signed in."""

    def __init__(self, http: aiohttp.ClientSession, world: World, session: Json) -> None:
        self._http = http
        self.world = world
        self.id = uuid.UUID(session["user"]["id"])
        self.token = str(session["access_token"])

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; `body` goes as JSON unless it is bytes already."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        async with self._http.request(
            method, f"{self.world.url}{path}", data=data, headers={**sent, **(headers or {})}
        ) as answer:
            raw = await answer.read()
            is_json = answer.content_type.endswith("json")
            parsed = msgspec.json.decode(raw) if is_json and raw else raw
            return Answer(answer.status, parsed, dict(answer.headers))

    async def ask_patiently(self, method: str, path: str, body: Any = None) -> Answer:
        """As `ask`; a node too busy for it is asked again when it says, as clients are told to."""
        while (answer := await self.ask(method, path, body)).status == 503:  # noqa: ASYNC110
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        return answer

    async def get(self, path: str) -> Any:
        """A page that must be there."""
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.body

    async def start_call(self, to: str, topic: str = "growing tomatoes on a balcony") -> Json:
        """Place a call."""
        answer = await self.ask("POST", "/v1/calls", {"topic": topic, "to": to})
        assert answer.status == 201, answer
        call: Json = answer.body
        return call

    @asynccontextmanager
    async def live(self, **hello: Any) -> AsyncIterator["Dashboard"]:
        """A greeted live socket that reads all the time."""
        if not {"ticket", "token"} & set(hello):
            hello = {"ticket": await self.ticket(), **hello}
        async with live_socket(self.world) as socket:
            dashboard = Dashboard(socket)
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(dashboard.read())
                await dashboard.send("hello", **hello)
                await dashboard.until(lambda message: message["op"] == "welcome")
                try:
                    yield dashboard
                finally:
                    reading.cancel()

    async def ticket(self) -> str:
        """A one-use ticket for a live socket."""
        answer = await self.ask("POST", "/v1/tickets", {})
        assert answer.status == 201, answer
        return str(answer.body["ticket"])


class Dashboard:
    """What one live socket was sent, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[Json] = []
        self.close_code: int | None = None
        self._changed = asyncio.Condition()

    async def read(self) -> None:
        """Take in everything until the socket closes; answers pings."""
        try:
            async for frame in self.socket:
                for line in str(frame).splitlines():
                    await self._take(msgspec.json.decode(line))
        except websockets.ConnectionClosed:
            pass
        async with self._changed:
            self.close_code = self.socket.close_code
            self._changed.notify_all()

    async def _take(self, message: Json) -> None:
        if message["op"] == "ping":
            await self.send("pong")
        async with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    async def send(self, op: str, **members: Any) -> None:
        """One message to the node."""
        await self.socket.send(msgspec.json.encode({"op": op, **members}).decode())

    async def until(
        self, wanted: Callable[[Json], bool], seconds: float = PATIENCE_SECONDS
    ) -> Json:
        """The first message that is wanted, now or once it comes."""

        def found() -> Json | None:
            return next((message for message in self.messages if wanted(message)), None)

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: found() is not None or self._closed)
        message = found()
        assert message is not None, f"the socket closed with {self.close_code} before that"
        return message

    @property
    def _closed(self) -> bool:
        return self.close_code is not None

    async def closed(self, seconds: float = PATIENCE_SECONDS) -> int:
        """The close code, once the socket is closed."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self._closed)
        assert self.close_code is not None
        return self.close_code

    async def command(
        self, name: str, command_id: str | None = None, if_rev: int | None = None, **args: Any
    ) -> Json:
        """Send a command and return its ack."""
        command_id = command_id or uuid.uuid4().hex
        before = len(self.messages)
        await self.send("cmd", id=command_id, name=name, args=args, if_rev=if_rev)
        async with patience(), self._changed:
            await self._changed.wait_for(
                lambda: self._closed or bool(self._acks(command_id, before))
            )
        return self._acks(command_id, before)[0]

    def _acks(self, command_id: str, start: int) -> list[Json]:
        later = self.messages[start:]
        return [each for each in later if each["op"] == "ack" and each["id"] == command_id]

    def events(self, kind: str = "", subject: str = "") -> list[Json]:
        """Events so far whose type starts with `kind`."""
        return [
            message
            for message in self.messages
            if message["op"] == "event"
            and message["type"].startswith(kind)
            and (not subject or message["subject"] == subject)
        ]

    async def until_status(
        self, call_id: str, *statuses: str, seconds: float = PATIENCE_SECONDS
    ) -> Json:
        """The call as first shown in one of these statuses."""

        def wanted(message: Json) -> bool:
            call = message["data"].get("call") if message["op"] == "event" else None
            return call is not None and call["id"] == call_id and call["status"] in statuses

        call: Json = (await self.until(wanted, seconds))["data"]["call"]
        return call

    async def until_over(self, call_id: str, seconds: float = 120.0) -> Json:
        """The call in its terminal status."""
        return await self.until_status(call_id, *TERMINAL, seconds=seconds)


async def close_code(connecting: connect, *frames: str | bytes) -> int | None:
    """The close code that these frames lead to."""
    async with connecting as socket, patience():
        try:
            for frame in frames:
                await socket.send(frame)
            async for _ in socket:
                pass
        except websockets.ConnectionClosed:
            pass
        return socket.close_code


def live_socket(world: World, **options: Any) -> connect:
    """A raw live socket, not yet greeted."""
    chosen = {"subprotocols": [Subprotocol("dash.v1")], "compression": None, **options}
    return connect(f"{world.url.replace('http', 'ws', 1)}/live", **chosen)


def fold(messages: list[Json]) -> Json:
    """The state a client holds after these messages: the last snapshot, then the events after it.

    Raises AssertionError when a durable event is missing or comes twice.
    """
    state: Json = {}
    seq = -1
    for message in messages:
        if message["op"] == "snapshot":
            seq, data = message["seq"], message["data"]
            page = {
                "calls": {call["id"]: call for call in data["calls"]},
                "conversations": {one["id"]: one for one in data["conversations"]},
                "messages": {key: list(found) for key, found in data["messages"].items()},
                "emails": {one["id"]: one for one in data["emails"]},
            }
            whole = page if message["page"] == 1 else {k: state[k] | page[k] for k in page}
            state = {"usage": data["usage"] if message["page"] == 1 else state["usage"], **whole}
        elif message["op"] == "event" and "seq" in message:
            assert message["seq"] == seq + 1, f"{message['seq']} came after {seq}"
            seq = message["seq"]
            if message["type"] == "usage.updated":
                state["usage"] = message["data"]
            elif "call" in message["data"]:
                state["calls"][message["data"]["call"]["id"]] = message["data"]["call"]
            elif "email" in message["data"]:
                state["emails"][message["data"]["email"]["id"]] = message["data"]["email"]
            elif "conversation" in message["data"]:
                _fold_text(state, message["data"])
    return state


def _fold_text(state: Json, data: Json) -> None:
    row, text = data["conversation"], data.get("message")
    state["conversations"][row["id"]] = row
    if text is not None:
        thread = {known["id"]: known for known in state["messages"].get(row["id"], [])}
        state["messages"][row["id"]] = list({**thread, text["id"]: text}.values())


class Clients:
    """Makes users and looks into the sandbox; one HTTP session for all of them."""

    def __init__(self, http: aiohttp.ClientSession, world: World) -> None:
        self.http = http
        self.world = world
        self.sandbox = Sandbox(http, world.sandbox_url)
        self._secrets: dict[uuid.UUID, Json] = {}

    async def sign_up(self, phone: str | None = None) -> User:
        """Somebody new, so with a free call."""
        who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
        session = await self.sandbox.send(
            "POST", "/auth/v1/signup", who if phone is None else {**who, "data": {"phone": phone}}
        )
        user = User(self.http, self.world, session)
        self._secrets[user.id] = who
        return user

    async def sign_up_with(self, number: str) -> User:
        """Somebody new whose own number this is."""
        who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
        session = await self.sandbox.send("POST", "/auth/v1/signup", {**who, "phone": number})
        return User(self.http, self.world, session)

    async def sign_in(self, user: User) -> User:
        """The same person with a newer token."""
        secret = self._secrets[user.id]
        session = await self.sandbox.send("POST", "/auth/v1/token?grant_type=password", secret)
        return User(self.http, self.world, session)


@asynccontextmanager
async def clients_of(world: World) -> AsyncIterator[Clients]:
    """Clients of a world; every request has its own connection, so a node may come and go."""
    connector = aiohttp.TCPConnector(limit=200, force_close=True)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        yield Clients(http, world)
