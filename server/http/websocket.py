"""A websocket as ASGI gives it: accept, receive, send, close. Knows nothing of what is said on it.

Quart's own websocket layer drains the peer into a queue without limit, which would let a flood
grow memory; here the peer waits in Hypercorn's bounded queue until its frame is dealt with.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
AsgiSend: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LINGER_SECONDS = 5.0


class ClosedError(ConnectionError):
    """The peer is gone."""


class Socket:
    """One websocket; only one task may receive and only one may send."""

    def __init__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._open = False
        self.closed = False

    def headers(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for key, value in self._scope["headers"] if key == wanted]

    @property
    def subprotocols(self) -> list[str]:
        """What the peer offers to speak."""
        return list(self._scope.get("subprotocols", ()))

    async def accept(self, subprotocol: str | None = None) -> None:
        """Answer 101."""
        await self._receive()  # websocket.connect, always the first
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})
        self._open = True

    async def refuse(self) -> None:
        """Answer 403 and no websocket (what ASGI makes of a close before the accept)."""
        await self._receive()
        self.closed = True
        await self._send({"type": "websocket.close", "code": 1008})

    async def receive(self) -> str | bytes:
        """The next frame. Raises ClosedError when the peer is gone."""
        event = await self._receive()
        if event["type"] != "websocket.receive":
            self.closed = True
            raise ClosedError
        text = event.get("text")
        return text if text is not None else bytes(event.get("bytes") or b"")

    async def send(self, text: str) -> None:
        """Send a text frame. Raises ClosedError when the socket is closed."""
        if self.closed:
            raise ClosedError
        await self._send({"type": "websocket.send", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame. Raises ClosedError when the socket is closed."""
        if self.closed:
            raise ClosedError
        await self._send({"type": "websocket.send", "bytes": data})

    async def close(self, code: int, reason: str = "") -> None:
        """Close from our side; closing what is closed does nothing.

        What the peer had sent by then is taken in and dropped for a while: closing a connection
        with unread sound or words in it would reset it, and the peer would never learn the code.
        """
        if self.closed:
            return
        self.closed = True
        await self._send({"type": "websocket.close", "code": code, "reason": reason})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while (await self._receive())["type"] == "websocket.receive":
                    pass

    def let_go(self) -> None:
        """Nobody takes frames any more; without this Hypercorn would leak a flooded connection.

        It puts frames into a bounded queue and waits for room for ever, also when the application
        has returned. The queue is reached through the bound `get` that ASGI's `receive` is there.
        """
        queue = getattr(self._receive, "__self__", None)
        if isinstance(queue, asyncio.Queue):
            queue._maxsize = 0  # type: ignore[attr-defined] # noqa: SLF001 - there is no public way
            while not queue.empty():
                queue.get_nowait()
