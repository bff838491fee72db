"""Hypercorn for one connection whose bytes somebody else reads: HTTP/1.1 with the application.

It says when it is idle, so that the next head can be looked at before it gets it. Knows neither
sockets nor addresses.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Event, Updated
from hypercorn.protocol import ProtocolWrapper
from hypercorn.protocol.h11 import H11Protocol
from quart import Quart

from server.transport import head
from server.transport.turns import Turns

MOST_UNREAD = 128 * 1024  # of a request, until the application takes it


class _InTurn(ASGIWrapper):
    """The application, which begins with a few requests in a turn of the loop."""

    def __init__(self, app: Quart, turns: Turns) -> None:
        super().__init__(app)
        self._turns = turns

    async def __call__(
        self, scope: Any, receive: Any, send: Any, sync_spawn: Any, call_soon: Any
    ) -> None:
        await self._turns.begin()
        await super().__call__(scope, receive, send, sync_spawn, call_soon)


class Hypercorn:
    """What all connections have in common."""

    def __init__(self, app: Quart, turns: Turns, keep_alive_seconds: float) -> None:
        self.app = _InTurn(app, turns)
        self.context = WorkerContext(None)
        self.config = Config()
        self.config.accesslog = None
        self.config.errorlog = None
        self.config.include_server_header = False
        self.config.keep_alive_timeout = keep_alive_seconds
        self.config.h11_max_incomplete_size = head.MOST_BYTES

    async def stop(self) -> None:
        """Close every connection that is idle, and each other one after its reply."""
        await self.context.terminated.set()


class Reader:
    """What Hypercorn reads from: bytes in order, no more of them than it takes in time."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._bytes = bytearray()
        self._is_over = False
        self._more = asyncio.Event()

    def __len__(self) -> int:
        return len(self._bytes)

    def feed(self, data: bytes) -> None:
        """These came."""
        self._bytes += data
        self._more.set()
        if len(self._bytes) > MOST_UNREAD:
            self._transport.pause_reading()

    def end(self) -> None:
        """No more will come."""
        self._is_over = True
        self._more.set()

    def at_eof(self) -> bool:
        """Whether everything that will ever come was read."""
        return self._is_over and not self._bytes

    async def read(self, most: int) -> bytes:
        """Some bytes; none at the end."""
        while not self._bytes and not self._is_over:
            self._more.clear()
            await self._more.wait()
        data = bytes(self._bytes[:most])
        del self._bytes[:most]
        if not self._is_over and not self._transport.is_closing():
            self._transport.resume_reading()
        return data


class Writer:
    """What Hypercorn writes to, until it is detached: from then on nothing goes through."""

    def __init__(
        self,
        transport: asyncio.Transport,
        drained: Callable[[], Awaitable[None]],
        closed: asyncio.Future[None],
    ) -> None:
        """`drained` waits until there is room; `closed` is done when the connection has ended."""
        self._transport = transport
        self._drained = drained
        self._closed = closed
        self._is_detached = False
        self.has_begun = False  # to send the answer to the last request

    def detach(self) -> None:
        """The connection is somebody else's now."""
        self._is_detached = True

    def write(self, data: bytes) -> None:
        """Send. Raises ConnectionError when the peer is gone, as Hypercorn expects."""
        if self._closed.done():
            raise ConnectionResetError
        if not self._is_detached:
            self.has_begun = True
            self._transport.write(data)

    async def drain(self) -> None:
        """Wait until there is room."""
        await self._drained()

    def write_eof(self) -> None:
        """Hypercorn is about to close; that says it all."""

    def close(self) -> None:
        """End the connection."""
        if not self._is_detached:
            self._transport.close()

    async def wait_closed(self) -> None:
        """Wait for the end."""
        if not self._is_detached:
            await asyncio.shield(self._closed)

    def get_extra_info(self, name: str) -> Any:
        """Of the transport."""
        return self._transport.get_extra_info(name)


class Http1(TCPServer):
    """One connection. `idle` is called after a reply when nothing was sent ahead of it."""

    def __init__(
        self, shared: Hypercorn, reader: Reader, writer: Writer, idle: Callable[[], None]
    ) -> None:
        super().__init__(
            shared.app,
            asyncio.get_running_loop(),
            shared.config,
            shared.context,
            {},
            cast(asyncio.StreamReader, reader),
            cast(asyncio.StreamWriter, writer),
        )
        self._unread = reader
        self._idle = idle

    @property  # type: ignore[override] # what the wrapper wraps, which has the same two methods
    def protocol(self) -> H11Protocol:
        """HTTP/1.1; the wrapper Hypercorn sets would let a request change it to HTTP/2."""
        return self._http1

    @protocol.setter
    def protocol(self, wrapper: ProtocolWrapper) -> None:
        self._http1 = cast(H11Protocol, wrapper.protocol)

    async def _read_data(self) -> None:
        await super()._read_data()
        await self.idle_task.stop()  # with nobody left to wait for

    async def protocol_send(self, event: Event) -> None:
        """Pass on what the protocol has to say."""
        await super().protocol_send(event)
        if isinstance(event, Updated) and event.idle:
            sent_ahead = self._unread or self._http1.connection.trailing_data[0]
            if not sent_ahead:
                self._idle()
