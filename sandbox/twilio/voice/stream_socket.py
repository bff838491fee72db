"""The websocket of a media stream, as the carrier: opened signed, its end noticed at once.

It knows how a connection begins and ends and nothing of what is said on it.
"""

import asyncio
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

_CLOSING_SECONDS = 2.0  # how long a peer may take to close, while nobody waits for it


class StreamError(Exception):
    """The stream could not be connected; `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class StreamSocket(ClientConnection):
    """A connection that sets `over` with the first sign of its end: a close frame, FIN or RST.

    The library itself tells only once the connection is gone, after a handshake of closing that a
    dead or frozen peer never finishes.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self.protocol.close_rcvd is not None:
            self.over.set()

    def eof_received(self) -> None:
        """Nothing more will come."""
        self.over.set()
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.over.set()
        super().connection_lost(exc)

    async def finish(self, last_words: str = "") -> None:
        """Say the last words, if any, and close; after a while without the peer."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                if last_words:
                    await self.send(last_words)
                await self.close()
        except (ConnectionClosed, TimeoutError):
            pass  # it went first, or does not listen
        finally:
            self.transport.abort()


async def open_socket(url: str, signature: str) -> StreamSocket:
    """The signed handshake. Raises StreamError."""
    try:
        socket = await connect(
            url,
            additional_headers={"x-twilio-signature": signature},
            compression=None,
            create_connection=StreamSocket,
            open_timeout=10,
            close_timeout=_CLOSING_SECONDS,
            ping_interval=None,
            proxy=None,
            user_agent_header=None,
        )
    except InvalidURI as error:
        raise StreamError(31923, "Stream URL is malformed") from error
    except InvalidHandshake as error:
        raise StreamError(31920, f"WebSocket handshake failed: {error}") from error
    except TimeoutError as error:
        raise StreamError(31901, "WebSocket connection timed out") from error
    except ConnectionRefusedError as error:
        raise StreamError(31902, "WebSocket connection refused") from error
    except OSError as error:
        raise StreamError(31904, f"WebSocket host unreachable: {error}") from error
    assert isinstance(socket, StreamSocket)  # noqa: S101 # as asked
    return socket
