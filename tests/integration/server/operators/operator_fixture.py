"""A call with operators: a test plays the caller's phone in real time, people join by `/audio`.

The phone sends a frame each 20 ms, keeps what it hears and returns marks as soon as they come.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.integration.server.carrier import SILENCE, STREAM, Carrier, RingingCall, sound, started
from tests.support.client import Clients, Dashboard, Json, User
from tests.support.node import TOLD_SECONDS, World
from tests.support.patience import patience
from tests.support.sound import tone

FRAME_SECONDS = 0.02


class Changing:
    """Something a test waits on."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def changed(self) -> None:
        self._news.set()

    async def until(self, happened: Callable[[], bool]) -> None:
        async with patience():
            while not happened():
                self._news.clear()
                await self._news.wait()


class Phone(Changing):
    """The caller's end of the call."""

    def __init__(self, call: RingingCall, socket: ClientConnection) -> None:
        super().__init__()
        self.call = call
        self.heard = b""
        self.clears = 0
        self.said = 0  # bytes sent
        self.saying = b""  # a loop of sound; silence when empty
        self._socket = socket

    async def read(self) -> None:
        async for frame in self._socket:
            message: Json = msgspec.json.decode(frame)
            match message["event"]:
                case "media":
                    self.heard += base64.b64decode(message["media"]["payload"])
                case "mark":
                    with contextlib.suppress(websockets.ConnectionClosed):
                        await self._socket.send(_text(event="mark", mark=message["mark"]))
                case "clear":
                    self.clears += 1
                case other:
                    raise AssertionError(other)
            self.changed()

    async def speak(self) -> None:
        """In real time until the call is over; late frames are caught up with."""
        with contextlib.suppress(websockets.ConnectionClosed):
            await self._speak()

    async def _speak(self) -> None:
        loop, at = asyncio.get_running_loop(), 0
        due = loop.time()
        while True:
            frame = (self.saying * 2)[at % 1600 :][:160] if self.saying else SILENCE
            at += 160
            await self._socket.send(sound(frame))
            self.said += len(frame)
            self.changed()
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))  # the rhythm of sound


def loop_of(hertz: int) -> bytes:
    """200 ms of a tone that can be played on and on."""
    return tone(hertz, 200)


class Person(Changing):
    """Who joined by `/audio`, and what came to them."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__()
        self.socket = socket
        self.tracks = {0: b"", 1: b"", 2: b""}
        self.times: dict[int, list[int]] = {0: [], 1: [], 2: []}
        self.sizes: set[int] = set()
        self.texts: list[Json] = []
        self.closed = False

    async def read(self) -> None:
        try:
            async for frame in self.socket:
                self._take(frame)
                self.changed()
        except websockets.ConnectionClosed:
            pass
        self.closed = True
        self.changed()

    def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            self.texts.append(msgspec.json.decode(frame))
            return
        self.tracks[frame[0]] += frame[5:]
        self.times[frame[0]].append(int.from_bytes(frame[1:5], "big"))
        self.sizes.add(len(frame) - 5)

    async def says(self, mulaw: bytes, frame_bytes: int = 160) -> None:
        """Speak in real time."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for at in range(0, len(mulaw), frame_bytes):
            await self.socket.send(mulaw[at : at + frame_bytes])
            due += frame_bytes / 8000
            await asyncio.sleep(max(0.0, due - loop.time()))  # the rhythm of sound

    async def code(self) -> int | None:
        await self.until(lambda: self.closed)
        return self.socket.close_code


def audio_socket(world: World, **options: Any) -> connect:
    """A raw socket, not yet greeted."""
    chosen = {
        "subprotocols": [Subprotocol("audio.v1")], "compression": None, "ping_interval": 1,
        "close_timeout": 2, **options,
    }  # fmt: skip
    return connect(f"{world.url.replace('http', 'ws', 1)}/audio", **chosen)


@asynccontextmanager
async def joined(world: World, ticket: str) -> AsyncIterator[Person]:
    """Somebody with this ticket, who reads all the time."""
    async with audio_socket(world) as socket, asyncio.TaskGroup() as tasks:
        person = Person(socket)
        reading = tasks.create_task(person.read())
        await socket.send(_text(op="hello", ticket=ticket))
        await person.until(lambda: bool(person.texts) or person.closed)
        try:
            yield person
        finally:
            reading.cancel()


class OperatorFixture:
    """A call that talks, its phone, its owner and the owner's dashboard."""

    def __init__(self, phone: Phone, dashboard: Dashboard) -> None:
        self.phone = phone
        self.dashboard = dashboard
        self.user: User = phone.call.user
        self.id = phone.call.id

    async def does(self, name: str, **args: Any) -> Json:
        """A command that must succeed; the ack's data."""
        ack = await self.dashboard.command(f"call.{name}", call=self.id, **args)
        assert ack["ok"], ack
        data: Json = ack["data"]
        return data

    async def refused(self, name: str, **args: Any) -> str:
        """The code with which a command is refused."""
        ack = await self.dashboard.command(f"call.{name}", call=self.id, **args)
        assert not ack["ok"], ack
        return str(ack["error"]["code"])

    async def sees(self, kind: str, **data: Any) -> Json:
        """The first event of this kind with this data."""
        event = await self.dashboard.until(
            lambda message: message.get("type") == kind and data.items() <= message["data"].items(),
            30,
        )
        seen: Json = event["data"]
        return seen

    @asynccontextmanager
    async def listener(self) -> AsyncIterator[Person]:
        ticket = (await self.does("listen"))["ticket"]
        async with joined(self.user.world, ticket) as person:
            assert person.texts[:1] == [
                {"op": "welcome", "call": self.id, "talk": False, "rate": 8000}
            ]
            yield person

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Person]:
        ticket = (await self.does("takeover"))["ticket"]
        async with joined(self.user.world, ticket) as person:
            assert person.texts[0]["talk"] is True
            yield person


@asynccontextmanager
async def talking(clients: Clients) -> AsyncIterator[OperatorFixture]:
    """The greeting is on its way and the caller is silent; the call is ended afterwards."""
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    async with call.user.live() as dashboard, carrier.media() as socket:
        token = await carrier.answers(call)
        await socket.send(started(token, call.sid))
        assert (await carrier.verdict(call)).status == 204
        phone = Phone(call, socket)
        async with asyncio.TaskGroup() as tasks:
            busy = [tasks.create_task(phone.read()), tasks.create_task(phone.speak())]
            await phone.until(lambda: len(phone.heard) > 800)
            told = phone.said + int(TOLD_SECONDS * 8000)
            await phone.until(lambda: phone.said > told)
            try:
                yield OperatorFixture(phone, dashboard)
            finally:
                for task in busy:
                    task.cancel()
        await call.hang_up()


def _text(**members: Any) -> str:
    if members.get("event"):
        members = {"sequenceNumber": "3", "streamSid": STREAM, **members}
    return msgspec.json.encode(members).decode()
