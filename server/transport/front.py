"""The listening socket: every connection comes here first, and goes where its request belongs.

A connection must say what it wants soon and in few bytes. A websocket's handshake goes to its
handler; any other request, with the bytes read so far, to Hypercorn, which speaks HTTP/1.1 with the
application; when that is idle, the next head is looked at here again. How many connections there
may be, in all and from one address, is bounded. Knows no application and nothing of what is said.
"""

import asyncio
import contextlib
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

import msgspec
import structlog
from quart import Quart

from db.core.failures import loggable
from server.core.rate_limits import peer_of
from server.transport import head
from server.transport.backpressure import Backpressure
from server.transport.head import BadHead
from server.transport.http1 import Http1, Hypercorn, Reader, Writer
from server.transport.turns import Turns
from server.transport.websocket import LINGER_SECONDS, ClosedError, WebSocket

log = structlog.get_logger(__name__)

HEAD_SECONDS = 5.0
LEAVE_SECONDS = 2.0  # from the end of service to the end of every connection
BACKLOG = 1024
FAILED = 1011

Handler = Callable[[WebSocket], Awaitable[None]]


class Limits(msgspec.Struct, frozen=True):
    """What connections may come to. `per_address` 0 is no bound, for a node behind a proxy, which
    must be the one that ends an idle connection: it is kept longer than proxies keep theirs."""

    connections: int
    per_address: int
    message_bytes: int
    keep_alive_seconds: float = 75.0


@asynccontextmanager
async def listening(
    app: Quart,
    handlers: Mapping[str, Handler],
    limits: Limits,
    address: tuple[str, int] | socket.socket,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Callable[[], None]]:
    """Serve requests by `app` and websockets by `handlers`, by path, until the block is left.

    A host of "unix:PATH" is a socket in the file system; a socket listens already, and others may
    as well. What is given takes no new connections from its call on. Leaving gives what runs
    `LEAVE_SECONDS`. Raises OSError when the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    await app.startup()
    try:
        async with asyncio.TaskGroup() as tasks:
            front = Front(app, handlers, limits, tasks)
            if isinstance(address, socket.socket):
                server = await loop.create_server(
                    front.connection, sock=address, ssl=tls, backlog=BACKLOG
                )
            elif address[0].startswith("unix:"):
                server = await loop.create_unix_server(
                    front.connection, address[0].removeprefix("unix:"), ssl=tls, backlog=BACKLOG
                )
            else:
                server = await loop.create_server(
                    front.connection, *address, ssl=tls, backlog=BACKLOG
                )
            try:
                yield server.close
            finally:
                server.close()
                await front.stop()
    finally:
        await app.shutdown()


class Front:
    """Every connection of a node, counted."""

    def __init__(
        self,
        app: Quart,
        handlers: Mapping[str, Handler],
        limits: Limits,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.handlers = handlers
        self.limits = limits
        self.tasks = tasks
        self.turns = Turns()
        self.hypercorn = Hypercorn(app, self.turns, limits.keep_alive_seconds)
        self._connections: set[_Connection] = set()
        self._by_address: Counter[str] = Counter()
        self._running: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()

    def connection(self) -> "_Connection":
        """For one who has just come."""
        return _Connection(self)

    async def stop(self) -> None:
        """Let what runs come to its end for a while, then cut it off."""
        await self.hypercorn.stop()
        for connection in list(self._connections):
            connection.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                while self._connections:
                    self._empty.clear()
                    await self._empty.wait()
        for connection in list(self._connections):
            connection.abort()
        for task in self._running:
            task.cancel()

    def enter(self, connection: "_Connection") -> bool:
        """Count a connection; false when there are too many."""
        limits, address = self.limits, connection.address
        if len(self._connections) >= limits.connections:
            return False
        if limits.per_address and self._by_address[address] >= limits.per_address:
            return False
        self._connections.add(connection)
        self._by_address[address] += 1
        return True

    def leave(self, connection: "_Connection") -> None:
        """A connection has ended; harmless for one that never entered."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        self._by_address[connection.address] -= 1
        if not self._by_address[connection.address]:
            del self._by_address[connection.address]
        if not self._connections:
            self._empty.set()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of one connection; what it fails with stays its own."""
        task = self.tasks.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


class _Connection(asyncio.Protocol):
    """One connection until it is a websocket: heads are read here, the rest is Hypercorn's."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()  # of a head
        self._reader: Reader | None = None  # Hypercorn's, once it has begun, as the next two
        self._writer: Writer | None = None
        self._is_in_head = True
        self._says_no_more = False  # but may still be waiting for its answer
        self._http: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.address = ""
        self._closed: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop's call: somebody is there."""
        self.transport = cast(asyncio.Transport, transport)
        self._backpressure = Backpressure(self.transport)
        peer = transport.get_extra_info("peername")
        self.address = peer_of(peer[0]) if isinstance(peer, tuple) else ""
        if not self._front.enter(self):
            self._is_in_head = False
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b"Retry-After: 1\r\n")
            self.transport.close()
            return
        self._deadline = self._loop.call_later(HEAD_SECONDS, self._too_slow)

    def _too_slow(self) -> None:
        if self._received:
            self._answer(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """The loop's call: something came."""
        if not self._is_in_head:
            if self._reader is not None:
                self._reader.feed(data)
            return
        self._received += data
        try:
            while self._received.startswith(b"\r\n"):  # RFC 9112, section 2.2
                del self._received[:2]
            end = head.end_of(self._received)
            if end:
                self._begin(bytes(self._received[:end]), bytes(self._received[end:]))
        except BadHead as bad:
            self._is_in_head = False
            self._answer(bad.status)

    def _begin(self, data: bytes, rest: bytes) -> None:
        """A whole head has come."""
        found = head.read(data)
        self._is_in_head = False
        self._received.clear()
        if self._reader is None and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        handler = self._front.handlers.get(found.path)
        if found.is_websocket and handler is not None:
            self._hand_over(handler, data, rest)
            return
        if self._reader is None:
            self._reader = Reader(self.transport)
            self._writer = Writer(self.transport, self._backpressure.eased, self._closed)
            self._http = self._front.run(self._serve(self._reader, self._writer))
        if self._writer is not None:
            self._writer.has_begun = False
        self._reader.feed(found.plain + rest)

    def _hand_over(self, handler: Handler, data: bytes, rest: bytes) -> None:
        if self._http is not None and self._writer is not None:
            self._writer.detach()
            self._http.cancel()
        limits = self._front.limits
        socket = WebSocket(self.transport, self._front.turns, limits.message_bytes, self._lost)
        if socket.begin(data, rest):
            _ = self._front.run(_attend(handler, socket))

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        try:
            await Http1(self._front.hypercorn, reader, writer, self._idle)
        except Exception as error:  # noqa: BLE001 - Hypercorn's own: this connection's alone
            log.warning("connection_failed", error=type(error).__name__)
        finally:
            writer.close()

    def _idle(self) -> None:
        """Hypercorn has answered, and nothing was sent ahead: what comes next is a head."""
        self._is_in_head = True
        if self._says_no_more and self._reader is not None:
            self._reader.end()

    def pause_writing(self) -> None:
        """The loop's call: the peer is behind."""
        self._backpressure.begin()

    def resume_writing(self) -> None:
        """The loop's call: there is room again."""
        self._backpressure.end()

    def eof_received(self) -> bool:
        """The loop's call: the peer says no more; what it asked for is still answered."""
        if self._reader is None or self._writer is None or self._is_in_head:
            return False
        self._says_no_more = True
        if self._writer.has_begun:  # a stream that nobody reads any more would never end
            self._reader.end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why does not matter
        """The loop's call: the connection has ended."""
        if self._reader is not None:
            self._reader.end()
        self._lost()

    def _lost(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._backpressure.end()
        if not self._closed.done():
            self._closed.set_result(None)
        self._front.leave(self)

    def _answer(self, status: HTTPStatus, more: bytes = b"") -> None:
        """A short reply to what never reaches the application; then the connection ends."""
        text = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        self.transport.write(text.encode() + more + b"Content-Length: 0\r\n\r\n")
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()  # to close with something unread would take the reply back
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(LINGER_SECONDS, self.transport.abort)

    def leave(self) -> None:
        """The service ends: whoever has asked for nothing goes at once."""
        if self._is_in_head and self._reader is None:
            self.transport.close()

    def abort(self) -> None:
        """End the connection now."""
        self.transport.abort()


async def _attend(handler: Handler, socket: WebSocket) -> None:
    try:
        await handler(socket)
    except ClosedError:
        pass
    except Exception as error:  # one socket must not end others
        log.error("socket_failed", error=type(error).__name__, exc_info=loggable(error))
        socket.close(FAILED, "this failed here; come back")
    finally:
        socket.close(1000)
