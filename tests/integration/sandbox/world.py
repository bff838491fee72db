"""A running sandbox and a tiny product for its tests: answers TwiML, takes webhooks and a stream.

The product is written with other libraries than the sandbox's server and checks every signature
with the carrier's own validator as it comes in.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sandbox.app import serve
from sandbox.core.audio import RATE, encode_mulaw
from sandbox.core.settings import ACCOUNT_SID, AUTH_TOKEN, NUMBERS, Settings
from tests.support.patience import patience
from tests.support.processes import free_port

PERSON = "+12025550150"
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
SDK_WARNINGS = pytest.mark.filterwarnings(
    "ignore:(The 'auth' parameter|BasicAuth) is deprecated:DeprecationWarning"
)
Media = Callable[["Stream"], Awaitable[None]]


def tone(hertz: float, milliseconds: int) -> bytes:
    """A sine in mu-law."""
    t = np.arange(RATE * milliseconds // 1000) / RATE
    return encode_mulaw((9000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16))


def loud(milliseconds: int) -> bytes:
    """Mu-law nobody could miss."""
    return tone(300, milliseconds)


class Stream:
    """The product's end of a media stream."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.sid = ""
        self.start: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any] | None:
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            return None
        data: dict[str, Any] = message.json()
        self.messages.append(data)
        return data

    async def until(self, event: str) -> dict[str, Any]:
        while (message := await self.receive()) is not None:
            if message["event"] == event:
                return message
        raise AssertionError(f"the stream closed before {event}")

    async def drain(self) -> None:
        while await self.receive() is not None:
            pass

    async def send(self, event: str, **body: Any) -> None:
        await self.socket.send_json({"event": event, "streamSid": self.sid, **body})

    async def play(self, mulaw: bytes) -> None:
        await self.send("media", media={"payload": base64.b64encode(mulaw).decode()})

    async def mark(self, name: str) -> None:
        await self.send("mark", mark={"name": name})


class Product:
    """What the carrier calls: `documents` are its TwiML by path, `media` is its stream handler."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.documents: dict[str, str] = {}
        self.statuses: dict[str, int] = {}
        self.content_type = "text/xml"
        self.media: Media = Stream.drain
        self.received: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.unsigned: list[str] = []
        self.handshake_signed: bool | None = None
        self.changed = asyncio.Condition()

    @property
    def stream_twiml(self) -> str:
        return (
            f'<Response><Connect><Stream url="{self.origin.replace("http", "ws")}/media">'
            '<Parameter name="token" value="t-1"/></Stream></Connect></Response>'
        )

    def got(self, path: str) -> list[dict[str, str]]:
        return [params for where, params, _ in self.received if where == path]

    async def wait_for(self, path: str, count: int = 1) -> list[dict[str, str]]:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.got(path)) >= count)
        return self.got(path)

    async def webhook(self, request: web.Request) -> web.Response:
        params = {key: str(value) for key, value in (await request.post()).items()}
        signature = request.headers.get("X-Twilio-Signature", "")
        url = f"{self.origin}{request.raw_path}"
        if not RequestValidator(AUTH_TOKEN).validate(url, params, signature):
            self.unsigned.append(url)
        async with self.changed:
            self.received.append((request.path, params, dict(request.headers)))
            self.changed.notify_all()
        status = self.statuses.get(request.path, 200)
        text = self.documents.get(request.path, "<Response/>")
        return web.Response(status=status, text=text, content_type=self.content_type)

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        url = f"{self.origin.replace('http', 'ws')}{request.raw_path}"
        signature = request.headers["x-twilio-signature"]
        self.handshake_signed = RequestValidator(AUTH_TOKEN).validate(url, {}, signature)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        stream = Stream(socket)
        await self.media(stream)
        await socket.close()
        return socket


class World:
    """The sandbox, the product and clients for both."""

    def __init__(self, base_url: str, product: Product, http: aiohttp.ClientSession) -> None:
        self.base_url, self.product, self.http = base_url, product, http

    async def add_person(self, **fields: Any) -> None:
        person = {"name": "somebody", "number": PERSON, "rings_seconds": 0, **fields}
        async with self.http.post(f"{self.base_url}/people", json=person) as response:
            assert response.status == 201, await response.text()

    async def set_faults(self, **faults: Any) -> None:
        async with self.http.put(f"{self.base_url}/world/faults", json=faults) as response:
            assert response.status == 200, await response.text()

    async def get(self, path: str) -> Any:
        async with self.http.get(f"{self.base_url}{path}") as response:
            assert response.status == 200, await response.text()
            return (
                await response.json()
                if response.content_type.endswith("json")
                else (await response.read())
            )

    async def place(self, client: Client, **fields: Any) -> str:
        """Place a call with every status event wanted; the product's /voice answers it."""
        asked = {
            "to": PERSON,
            "from_": NUMBERS[0],
            "url": f"{self.product.origin}/voice",
            "status_callback": f"{self.product.origin}/status",
            "status_callback_event": ALL_EVENTS,
            **fields,
        }
        return str((await client.calls.create_async(**asked)).sid)

    async def call_in(self, from_: str = PERSON, **fields: Any) -> str:
        """Somebody calls the account, whose /inbound says what to do: the call's sid."""
        call = {"from": from_, "to": NUMBERS[0], **fields}
        async with self.http.post(f"{self.base_url}/world/calls", json=call) as response:
            assert response.status == 201, await response.text()
            return str((await response.json())["sid"])

    async def text(self, client: Client, **fields: Any) -> str:
        """Text somebody; the product's /sms-status hears what becomes of it."""
        asked = {
            "to": PERSON,
            "from_": NUMBERS[0],
            "body": "Hello",
            "status_callback": f"{self.product.origin}/sms-status",
            **fields,
        }
        return str((await client.messages.create_async(**asked)).sid)

    async def text_in(self, from_: str = PERSON, status: int = 201, **fields: Any) -> Any:
        """Somebody texts the account."""
        text = {"from": from_, "to": NUMBERS[0], "body": "Hello", **fields}
        async with self.http.post(f"{self.base_url}/world/texts", json=text) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def texts(self, seen: Callable[[list[Any]], bool] = bool) -> list[Any]:
        """All messages, as soon as what is to be `seen` in them is there."""
        async with patience():
            while True:
                texts: list[Any] = await self.get("/world/texts")
                if seen(texts):
                    return texts
                await asyncio.sleep(0.02)

    async def over(self, sid: str) -> dict[str, Any]:
        """The call as the world saw it, once its last status callback has arrived."""
        product = self.product
        async with product.changed:
            await product.changed.wait_for(
                lambda: any(
                    params["CallSid"] == sid and "CallDuration" in params
                    for params in product.got("/status")
                )
            )
        call: dict[str, Any] = await self.get(f"/world/calls/{sid}")
        return call


class _Redirected(AsyncTwilioHttpClient):  # type: ignore[misc] # the SDK ships no types
    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        url = url.replace("https://api.twilio.com", self._base_url)
        return await super().request(method, url, *args, **kwargs)


@contextlib.asynccontextmanager
async def twilio(base_url: str, token: str = AUTH_TOKEN) -> AsyncIterator[Client]:
    """The carrier's own SDK, pointed at the sandbox."""
    async with _Redirected(base_url) as http:
        yield Client(ACCOUNT_SID, token, http_client=http)


@contextlib.asynccontextmanager
async def sandbox(data: Path, **changes: Any) -> AsyncIterator[str]:
    """A running sandbox's base URL; `changes` are to its settings."""
    settings = Settings(data=data, port=free_port(), **changes)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, stop))
        await accepts(settings.port)
        try:
            yield settings.base_url
        finally:
            stop.set()


@contextlib.asynccontextmanager
async def world(data: Path, **changes: Any) -> AsyncIterator[World]:
    """A sandbox and a product that know each other only by their URLs; texts come in at /sms
    and calls at /inbound.
    `changes` are to the sandbox's settings."""
    port = free_port()
    product = Product(f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_get("/media", product.stream)
    app.router.add_route("*", "/{path:.*}", product.webhook)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        hooks = {
            "sms_webhook_url": f"{product.origin}/sms",
            "voice_webhook_url": f"{product.origin}/inbound",
            "voice_status_url": f"{product.origin}/status",
        }
        async with (
            sandbox(data, **hooks, **changes) as base_url,
            aiohttp.ClientSession() as http,
        ):
            yield World(base_url, product, http)
    finally:
        await runner.cleanup()


async def accepts(port: int) -> None:
    """Wait until somebody listens."""
    async with patience():
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            await writer.wait_closed()
            return
