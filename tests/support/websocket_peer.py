"""The other end of a server's websocket, in memory: a client's protocol and a transport between.

Nothing goes over a network, so a test decides when the peer reads and what comes in which pieces.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import OPEN
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from server.transport.turns import Turns
from server.transport.websocket import WebSocket
from tests.support.patience import patience

MAX_BYTES = 64 * 1024
FINAL = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class MemoryTransport(asyncio.Transport):
    """What is written stays here. While `is_full`, the writer is told to wait after each write."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.reads = True
        self.is_full = False
        self.is_ended = False  # we said that no more will be written
        self.is_aborted = False
        self.came = asyncio.Event()  # set at each write and at the end
        self._protocol: Any = None
        self._is_closing = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 4000) if name == "peername" else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        self.came.set()
        if self.is_full:
            self._protocol.pause_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.is_ended = True
        self.came.set()

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True
        self.came.set()

    async def written_something(self) -> None:
        """Wait until something was written that the peer has not read."""
        while not self.written:
            self.came.clear()
            async with patience():
                await self.came.wait()

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self.came.set()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.is_aborted = True
        self.close()


class Peer:
    """A client; `socket` is the server's end of it."""

    def __init__(
        self, subprotocols: Sequence[str] = (), path: str = "/", max_bytes: int = MAX_BYTES,
        turns: Turns | None = None,
    ) -> None:  # fmt: skip
        """`turns` are those of the node, of this socket alone if there are none."""
        speaks = [Subprotocol(name) for name in subprotocols]
        uri = parse_uri(f"ws://node.test{path}")
        self._protocol = ClientProtocol(uri, subprotocols=speaks or None, max_size=None)
        self._protocol.send_request(self._protocol.connect())
        self.transport = MemoryTransport()
        self.is_lost = False
        self.status: int | None = None  # of the handshake's answer
        self.heard: list[str | bytes] = []  # whole messages
        self._asked = 0  # so many of them were asked for
        self.pinged = 0
        self.socket = WebSocket(self.transport, turns or Turns(), max_bytes, self._lost)
        self.transport.set_protocol(self.socket)
        self.is_handshake = self.socket.begin(b"".join(self._protocol.data_to_send()), b"")

    def _lost(self) -> None:
        self.is_lost = True
        self.transport.came.set()

    @property
    def close_code(self) -> int | None:
        """The code of the server's close, once it was read."""
        return self._protocol.close_rcvd.code if self._protocol.close_rcvd else None

    def say(self, *messages: str | bytes) -> None:
        """Send messages, all in one piece."""
        for message in messages:
            if isinstance(message, str):
                self._protocol.send_text(message.encode())
            else:
                self._protocol.send_binary(message)
        self.flush()

    def say_frames(self, *frames: Frame) -> None:
        """Send frames as they are, right or wrong."""
        self.pour(b"".join(frame.serialize(mask=True) for frame in frames))

    def pour(self, data: bytes) -> None:
        """Send these bytes in one piece."""
        self.socket.data_received(data)

    def leave(self, code: int = 1000) -> None:
        """Close."""
        self._protocol.send_close(code)
        self.flush()

    def vanish(self) -> None:
        """Be gone without a word."""
        self.transport.abort()

    def flush(self) -> None:
        """Send what the protocol has to say, its answers to pings and closes included."""
        data = b"".join(self._protocol.data_to_send())
        if data and not self.is_lost:
            self.pour(data)

    def read(self) -> "Peer":
        """Take what came."""
        data = bytes(self.transport.written)
        self.transport.written.clear()
        self.transport.came.clear()
        if data:
            self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self.status = event.status_code
            elif isinstance(event, Frame) and event.opcode in FINAL:
                payload = bytes(event.data)
                self.heard.append(payload.decode() if event.opcode is Opcode.TEXT else payload)
            elif isinstance(event, Frame) and event.opcode is Opcode.PING:
                self.pinged += 1
        return self

    def keep_reading(self) -> None:
        """Be no longer behind."""
        self.transport.is_full = False
        self.socket.resume_writing()

    async def until_heard(self, *parts: str) -> str:
        """The next text with one of `parts` in it; "" when the close came instead."""
        while True:
            self.read()
            while self._asked < len(self.heard):
                message = self.heard[self._asked]
                self._asked += 1
                if isinstance(message, str) and any(part in message for part in parts):
                    return message
            if self.close_code is not None or self.is_lost:
                return ""
            async with patience():
                await self.transport.came.wait()

    async def opened(self) -> None:
        """Wait until the server has accepted the handshake."""
        while not self.read().is_open:
            async with patience():
                await self.transport.came.wait()

    @property
    def is_open(self) -> bool:
        """Whether both sides may speak, as far as the client knows."""
        return self._protocol.state is OPEN
