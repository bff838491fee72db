"""Somebody's program that receives webhooks: it keeps what comes and answers as it is told to.

It checks signatures by itself, as the standard says, with nothing of ours.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from tests.support.patience import PATIENCE_SECONDS


class Received(msgspec.Struct, frozen=True):
    """One request: its id, what it says, the raw body, and what was answered."""

    id: str
    event: dict[str, Any]
    body: bytes
    headers: dict[str, str]
    status: int


def always(status: int) -> Callable[[dict[str, Any], int], int]:
    """The same answer to everything."""
    return lambda _event, _before: status


class Receiver:
    """`answer` gives the status for a request, from its event and how often its id came before;
    None: no answer at all. `says` is the answers' text."""

    def __init__(self) -> None:
        self.url = ""
        self.says = ""
        self.received: list[Received] = []
        self.answer: Callable[[dict[str, Any], int], int | None] = always(204)
        self._came: dict[str, int] = {}
        self._changed = asyncio.Condition()

    @property
    def taken(self) -> list[Received]:
        """What was answered with success, in order."""
        return [one for one in self.received if 200 <= one.status < 300]

    async def take(self, request: web.Request) -> web.Response:
        """Keep a request and answer it."""
        body = await request.read()
        message, event = request.headers["webhook-id"], msgspec.json.decode(body)
        before = self._came.get(message, 0)
        self._came[message] = before + 1
        status = self.answer(event, before)
        async with self._changed:
            self.received.append(Received(message, event, body, dict(request.headers), status or 0))
            self._changed.notify_all()
        if status is None:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=status or 500, text=self.says)

    async def until(
        self, wanted: Callable[["Receiver"], bool], seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Wait for what was received to be as wanted."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: wanted(self))


def is_signed(one: Received, secret: str) -> bool:
    """Whether one of the signatures is by this secret."""
    message = f"{one.id}.{one.headers['webhook-timestamp']}.".encode() + one.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in one.headers["webhook-signature"].split(" ")


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver at an address of its own."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hooks", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    try:
        yield receiver
    finally:
        await runner.cleanup()
