"""A websocket client that costs little: callbacks in, one write a message out, no task of its own.

A load generator must not be what it measures, and one task per connection would be most of its
cost. Framing and masking are the `websockets` package's; knows nothing of what is said.
"""

import asyncio
from collections.abc import Mapping
from typing import cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import OPEN
from websockets.typing import Subprotocol
from websockets.uri import parse_uri


class Client(asyncio.Protocol):
    """One connection; subclasses say what to do when it opens and with each text frame."""

    def __init__(
        self, url: str, headers: Mapping[str, str], subprotocols: list[Subprotocol] | None = None
    ) -> None:
        self._headers = headers
        self._protocol = ClientProtocol(parse_uri(url), subprotocols=subprotocols)
        self._transport: asyncio.Transport | None = None
        self.closed = asyncio.Event()

    def opened(self) -> None:
        """The server said 101."""

    def received(self, text: bytes) -> None:
        """A text frame came."""
        raise NotImplementedError

    def send(self, text: str) -> None:
        """Send a text frame; when the connection is gone it is lost, as on a real line."""
        if self._protocol.state is OPEN:
            self._protocol.send_text(text.encode())
            self._flush()

    def close(self) -> None:
        """Close politely."""
        if self._protocol.state is OPEN:
            self._protocol.send_close(1000)
            self._flush()

    def stop_reading(self) -> None:
        """Take nothing more off the line."""
        assert self._transport is not None
        self._transport.pause_reading()

    def abort(self) -> None:
        """Be gone without a word."""
        assert self._transport is not None
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        request = self._protocol.connect()
        for name, value in self._headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Bytes to frames to callbacks."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.received(bytes(event.data))
            elif isinstance(event, Response):
                self.opened()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """It is over."""
        self._protocol.receive_eof()
        self.closed.set()

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
