"""The page's sockets with something between: passes all on, and says what this server does not yet.

A socket may also be played whole. Knows the protocols' shapes and nothing of the page.
"""

import asyncio
import re
import uuid
from typing import Any

import msgspec

from tests.support.client import Json


class Wire:
    """What stands between a page and the node's live socket."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._to_page: Any = None
        self.answers: dict[str, Json] = {}  # command name -> the data of its ack
        self.asked: list[Json] = []

    async def tap(self) -> None:
        """Stand there from the next socket on."""
        await self._page.route_web_socket(re.compile("/live$"), self._opened)

    def _opened(self, route: Any) -> None:
        server = route.connect_to_server()
        self._to_page = route

        def up(text: str) -> None:
            message = msgspec.json.decode(text)
            answer = self.answers.get(message.get("name", ""))
            if answer is None:
                server.send(text)
                return
            self.asked.append(message)
            self._tell({"op": "ack", "id": message["id"], "ok": True, "data": answer})

        route.on_message(up)
        server.on_message(route.send)

    def _tell(self, message: Json) -> None:
        self._to_page.send(msgspec.json.encode(message).decode())

    def passing(self, call_id: str, kind: str, data: Json, at: str) -> None:
        """A passing event of a call, as the node would send it."""
        self._tell(
            {
                "op": "event", "topic": "me", "id": str(uuid.uuid4()), "v": 1,
                "type": kind, "ts": at, "subject": f"call:{call_id}", "data": data, "eph": kind,
            }
        )  # fmt: skip


class AudioLine:
    """A listening socket played by the test."""

    def __init__(self) -> None:
        self.hello: Json | None = None
        self.frames: list[bytes] = []
        self.route: Any = None
        self._more = asyncio.Event()

    async def tap(self, page: Any, *, talk: bool) -> None:
        """Answer the page's next listening socket."""

        def opened(route: Any) -> None:
            self.route = route

            def heard(message: str | bytes) -> None:
                if isinstance(message, bytes):
                    self.frames.append(message)
                    self._more.set()
                    return
                self.hello = msgspec.json.decode(message)
                welcome = {"op": "welcome", "talk": talk, "rate": 8000}
                route.send(msgspec.json.encode(welcome).decode())

            route.on_message(heard)

        await page.route_web_socket(re.compile("/audio$"), opened)

    async def until_heard(self, count: int) -> None:
        """Wait for so many frames of the microphone."""
        while len(self.frames) < count:
            self._more.clear()
            await self._more.wait()

    def play(self, track: int, at_ms: int, sound: bytes) -> None:
        """One frame to the page."""
        self.route.send(bytes([track]) + at_ms.to_bytes(4, "big") + sound)
