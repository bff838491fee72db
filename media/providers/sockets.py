"""Websockets to a vendor, kept open between sentences, so that hardly one has to wait for it.

Each is somebody's alone while in use. Knows no vendor's messages.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.protocol import State

from media.engines.base import EngineError

_MOST_MESSAGE_BYTES = 8 * 1024 * 1024  # a sentence's sound may come in one message
_CLOSE_SECONDS = 0.5
_ALIVE_SECONDS = 0.3  # a sentence that is being made comes without longer pauses


class Address(msgspec.Struct, frozen=True):
    """Where a vendor listens: a websocket's address with its query, and the headers to send."""

    url: str
    headers: Mapping[str, str] = {}
    open_seconds: float = 3.0


def address_of(
    base_url: str, path: str, query: Mapping[str, object], headers: Mapping[str, str]
) -> Address:
    """Where a vendor listens, by its http address."""
    return Address(
        f"{base_url.replace('http', 'ws', 1)}{path}?{urlencode(query, doseq=True)}", headers
    )


async def opened(address: Address) -> ClientConnection:
    """A new connection. Raises EngineError that names the HTTP status or the type of fault."""
    try:
        return await connect(
            address.url,
            additional_headers=address.headers,
            open_timeout=address.open_seconds,
            close_timeout=_CLOSE_SECONDS,
            max_size=_MOST_MESSAGE_BYTES,
            user_agent_header=None,
            compression=None,  # sound does not shrink
            proxy=None,
        )
    except InvalidStatus as error:
        raise EngineError(f"refused with HTTP {error.response.status_code}") from error
    except (OSError, TimeoutError, WebSocketException) as error:
        raise EngineError(f"cannot be reached ({type(error).__name__})") from error


async def received(connection: ClientConnection) -> Any:
    """The next message: bytes as they are, a text as JSON.

    Raises EngineError, with the code, once it is closed, in whatever way.
    """
    try:
        message = await connection.recv()
    except (WebSocketException, OSError) as error:
        raise EngineError(f"closed with {_code(connection)}") from error
    if isinstance(message, bytes):
        return message
    try:
        return msgspec.json.decode(message)
    except msgspec.DecodeError as error:
        raise EngineError("sent what is no JSON") from error


async def say(connection: ClientConnection, message: object) -> None:
    """Send bytes as they are, anything else as JSON. Raises EngineError when it is closed."""
    try:
        if isinstance(message, bytes):
            await connection.send(message)
        else:
            await connection.send(msgspec.json.encode(message).decode())
    except (WebSocketException, OSError) as error:
        raise EngineError(f"closed with {_code(connection)}") from error


def _code(connection: ClientConnection) -> str:
    return str(connection.close_code or "no code")


def first_of(failures: BaseExceptionGroup[Exception]) -> EngineError:
    """What went wrong first where several tasks serve a connection, whatever it is."""
    first = failures.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return first_of(first)
    if isinstance(first, EngineError):
        return first
    return EngineError(f"sent what is not understood ({type(first).__name__})")


class Lease(msgspec.Struct):
    """A connection for one sentence; `is_stale` while sound of one that was broken off may come."""

    connection: ClientConnection
    since: float = 0.0
    heard_at: float = 0.0
    is_stale: bool = False

    async def received(self) -> Any:
        """The next message, as `received` has it."""
        message = await received(self.connection)
        self.heard_at = _now()
        return message


class Sockets:
    """Connections to one address, kept for the next sentence."""

    def __init__(
        self, address: Address, *, idle_seconds: float = 60.0, most_idle: int = 16
    ) -> None:
        """`idle_seconds` is how long one may wait: vendors close what says nothing."""
        self._address = address
        self._idle_seconds = idle_seconds
        self._idle: deque[Lease] = deque(maxlen=most_idle)
        self._is_closed = False

    @contextlib.asynccontextmanager
    async def one(self, to_stop: object = None) -> AsyncIterator[Lease]:
        """A connection for one sentence, kept afterwards unless something went wrong.

        Where nobody wants the rest while it comes, `to_stop` is sent, if anything, and the
        connection is stale.
        Raises EngineError when there is none to be had.
        """
        lease = self._taken() or Lease(await opened(self._address))
        try:
            yield lease
        except (GeneratorExit, asyncio.CancelledError):
            if _now() - lease.heard_at > _ALIVE_SECONDS:  # who left may have left because it hangs
                abort(lease.connection)
                raise
            lease.is_stale = True
            with contextlib.suppress(EngineError):  # it is closed, and found to be so
                if to_stop is not None:
                    await say(lease.connection, to_stop)
            self._put_by(lease)
            raise
        except BaseException:
            abort(lease.connection)
            raise
        self._put_by(lease)

    async def close(self) -> None:
        """Close all that nobody uses, and the others when they are done; safe to call twice."""
        self._is_closed = True
        while self._idle:
            abort(self._idle.pop().connection)

    def _taken(self) -> Lease | None:
        """The one that was used last, if it is young enough and open."""
        now = _now()
        while self._idle:
            lease = self._idle.pop()
            if now - lease.since < self._idle_seconds and lease.connection.state is State.OPEN:
                return lease
            abort(lease.connection)
        return None

    def _put_by(self, lease: Lease) -> None:
        if self._is_closed or lease.connection.state is not State.OPEN:
            abort(lease.connection)
            return
        if len(self._idle) == self._idle.maxlen:
            abort(self._idle.popleft().connection)
        lease.since = _now()
        self._idle.append(lease)


def _now() -> float:
    return asyncio.get_running_loop().time()


def abort(connection: ClientConnection) -> None:
    """Drop it at once, without a word."""
    connection.transport.abort()
