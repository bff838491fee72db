"""Acts as the phone's page over its websocket, so that tests need no browser.

Speaks the page's protocol with another library than the sandbox's server and plays what it hears
on a clock of its own.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.integration.sandbox.world import World
from tests.support.patience import patience


class Page:
    """A phone's page: `heard` is its sound, `number` what it was given."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, plays: bool) -> None:
        self.socket = socket
        self.plays = plays
        self.number = ""
        self.welcome: dict[str, Any] = {}
        self.told: list[dict[str, Any]] = []
        self.numbers: list[int] = []
        self.heard = bytearray()
        self.changed = asyncio.Condition()

    async def say(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, **fields})

    async def speak(self, mulaw: bytes) -> None:
        """As a microphone does: a frame each 20 ms."""
        for start in range(0, len(mulaw), 160):
            await self.socket.send_bytes(mulaw[start : start + 160])
            await asyncio.sleep(0.02)  # the rate of sound, not a wait for something

    async def listen(self) -> None:
        """Until the socket closes; marks are answered at once when the page `plays`."""
        async for message in self.socket:
            async with self.changed:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self.numbers.append(struct.unpack_from(">I", message.data)[0])
                    self.heard += message.data[4:]
                else:
                    await self._take(message.json())
                self.changed.notify_all()
        async with self.changed:
            self.changed.notify_all()

    async def _take(self, message: dict[str, Any]) -> None:
        self.told.append(message)
        if message["type"] == "mark" and self.plays:
            await self.say("played", mark=message["id"])

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The first message of a kind with these fields, however long ago."""

        def found() -> dict[str, Any] | None:
            wanted = {"type": kind, **fields}.items()
            return next((one for one in self.told if wanted <= one.items()), None)

        async with patience(), self.changed:
            await self.changed.wait_for(lambda: found() or self.socket.closed)
        message = found()
        assert message is not None, f"closed before {kind}: {self.told}"
        return message

    async def closed(self) -> int | None:
        """The code the socket is closed with."""
        async with patience(), self.changed:
            await self.changed.wait_for(lambda: self.socket.closed)
        return self.socket.close_code

    async def answer(self) -> str:
        """Wait for a call and take it: its sid."""
        sid = str((await self.until("ring"))["call"])
        await self.say("answer", call=sid)
        await self.until("answered", call=sid)
        return sid


@contextlib.asynccontextmanager
async def opened(
    w: World, key: str = "a-secret-key", number: str = "", *, plays: bool = True
) -> AsyncIterator[Page]:
    """A page that is open."""
    async with w.http.ws_connect(f"{w.base_url}/phone/socket") as socket:
        page = Page(socket, plays=plays)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(page.listen())
            await page.say("hello", key=key, number=number)
            with contextlib.suppress(AssertionError):  # refused: the test looks at the close code
                page.welcome = await page.until("welcome")
                page.number = page.welcome["number"]
            yield page
            await socket.close()
            await listening
