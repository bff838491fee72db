"""The listening socket over a real network: what goes to the application, what to a websocket."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from quart import Quart, request
from websockets.asyncio.client import connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.core.config import load
from server.transport import front
from server.transport.front import Limits, listening
from server.transport.websocket import WebSocket
from tests.support.certificates import certified
from tests.support.patience import patience
from tests.support.processes import free_port

TOKEN = {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}
ROOMY = Limits(100, 0, 1000)
UPGRADE = (
    b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
GET_A = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


def application() -> Quart:
    """One that says what it was asked."""
    app = Quart("tests")

    @app.route("/<path:name>", methods=["GET", "POST"])
    async def answer(name: str) -> str:
        body = await request.get_data()
        return f"{request.method} {name} {len(body)} {'upgrade' in request.headers}"

    return app


async def echo(socket: WebSocket) -> None:
    """Says what it hears, and fails at "fail"."""
    socket.accept()
    while (message := await socket.receive()) != "fail":
        await socket.send(str(message))
    raise RuntimeError("it failed")


@asynccontextmanager
async def node(
    host: str = "127.0.0.1",
    limits: Limits = ROOMY,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """A front that listens; its port."""
    port = free_port()
    async with listening(application(), {"/echo": echo}, limits, (host, port), tls):
        yield port


class Wire:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    def say(self, data: bytes) -> "Wire":
        self.writer.write(data)
        return self

    async def head(self) -> str:
        """The next head of a reply."""
        async with patience():
            return (await self._reader.readuntil(b"\r\n\r\n")).decode()

    async def answer(self) -> str:
        """The next reply's body."""
        head = (await self.head()).lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        return (await self._reader.readexactly(length)).decode()

    async def exactly(self, count: int) -> bytes:
        """So many bytes."""
        async with patience():
            return await self._reader.readexactly(count)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        async with patience():
            return await self._reader.read()


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


async def test_requests_of_one_connection_are_answered_one_after_the_other() -> None:
    async with node() as port, wire(port) as line:
        assert await line.say(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").answer() == "GET a 0 False"
        posted = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
        assert await line.say(posted).answer() == "POST b 5 False"
        chunked = b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        line.say(chunked)
        for _ in range(30):
            line.say(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert await line.say(b"0\r\n\r\n").answer() == f"POST c {30 * 0x10000} False"


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    ahead = b"".join(f"GET /{n} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for n in range(5))
    async with node() as port, wire(port) as line:
        line.say(ahead)
        assert [await line.answer() for _ in range(5)] == [f"GET {n} 0 False" for n in range(5)]
        assert await line.say(b"GET /z HTTP/1.1\r\nHost: x\r\n\r\n").answer() == "GET z 0 False"


async def test_a_head_may_come_in_pieces_and_after_empty_lines() -> None:
    async with node() as port, wire(port) as line:
        for byte in b"\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n":
            line.say(bytes([byte]))
            await line.writer.drain()
        assert await line.answer() == "GET a 0 False"


async def test_websockets_go_to_their_handler() -> None:
    async with node() as port, connect(f"ws://127.0.0.1:{port}/echo?x=1") as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"


async def test_a_connection_that_was_used_for_requests_may_become_a_websocket() -> None:
    async with node() as port, wire(port) as line:
        assert await line.say(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").answer() == "GET a 0 False"
        hello = b"\x81\x85\x00\x00\x00\x00hello"
        assert (await line.say(UPGRADE + hello).head()).startswith("HTTP/1.1 101 ")
        assert await line.exactly(7) == b"\x81\x05hello"


async def test_a_websocket_anywhere_else_is_an_ordinary_request() -> None:
    async with node() as port:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}/elsewhere")
        assert refused.value.response.body == b"GET elsewhere 0 False"


@pytest.mark.parametrize("ahead", [b"", b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n"])
async def test_http_2_in_clear_is_not_spoken(ahead: bytes) -> None:
    asked = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    upgrade = asked + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
    async with node() as port:
        async with wire(port) as line:
            if ahead:
                await line.say(ahead).answer()
            assert await line.say(upgrade).answer() == "GET a 0 False"
        async with wire(port) as line:
            line.say(ahead + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            assert b"\x00\x00" not in await line.rest(), "a frame of HTTP/2"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", "400"),
        (b"x" * 20_000, "431"),
        (b"\x16\x03\r\n\r\n", "400"),
    ],
)
async def test_what_is_no_request_is_refused(data: bytes, status: str) -> None:
    async with node() as port, wire(port) as line:
        head = await line.say(data).head()
        assert head.split(" ")[1] == status
        assert await line.rest() == b""


async def test_who_does_not_say_what_it_wants_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "HEAD_SECONDS", 0.05)
    async with node() as port, wire(port) as silent, wire(port) as slow:
        slow.say(b"GET / HT")
        assert await silent.rest() == b""
        assert (await slow.head()).split(" ")[1] == "408"


async def test_too_many_connections_are_refused_in_all_and_of_one_address() -> None:
    for limits in (Limits(2, 0, 1000), Limits(100, 2, 1000)):
        async with node(limits=limits) as port:
            async with wire(port) as one, wire(port):
                await one.say(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").answer()
                async with wire(port) as third:
                    head = await third.head()
                assert head.startswith("HTTP/1.1 503 ")
                assert "Retry-After: 1" in head
            text = b""
            while b"200" not in text:  # the two have to be gone first
                async with wire(port) as later:
                    later.say(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    text = await later.rest()


@pytest.mark.parametrize(
    "asked",
    [GET_A, GET_A * 2, b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"],
)
async def test_who_says_no_more_after_asking_is_still_answered(asked: bytes) -> None:
    async with node() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        writer.write_eof()
        text = await reader.read()
        writer.close()
    assert text.count(b"HTTP/1.1 200") == asked.count(b"HTTP/1.1")


async def test_a_connection_is_kept_as_long_as_is_said() -> None:
    async with node(limits=Limits(100, 0, 1000, 0.05)) as port, wire(port) as one:
        one.say(GET_A)
        assert (await one.rest()).count(b"HTTP/1.1 200") == 1  # and then it is closed
    assert Limits(1, 1, 1).keep_alive_seconds == load(None, TOKEN).server.keep_alive_seconds == 75


async def test_a_handler_that_fails_ends_its_socket_alone() -> None:
    async with node() as port, connect(f"ws://127.0.0.1:{port}/echo") as other:
        async with connect(f"ws://127.0.0.1:{port}/echo") as socket:
            await socket.send("fail")
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 1011
        await other.send("still here")
        assert await other.recv() == "still here"


async def test_a_socket_in_the_file_system_does_as_well(tmp_path: Path) -> None:
    path = str(tmp_path / "node.sock")
    async with node(f"unix:{path}"), unix_connect(path, "ws://node/echo") as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"


async def test_the_end_of_service_cuts_off_who_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "LEAVE_SECONDS", 0.05)
    async with node() as port:
        socket = await connect(f"ws://127.0.0.1:{port}/echo")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_the_same_with_tls(tmp_path: Path) -> None:
    certificate, key = certified(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with node(tls=tls) as port:
        async with connect(f"wss://localhost:{port}/echo", ssl=trusting) as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"
        reader, writer = await asyncio.open_connection("localhost", port, ssl=trusting)
        line = Wire(reader, writer)
        for _ in range(2):
            assert await line.say(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").answer() == "GET a 0 False"
        writer.close()


async def test_an_inherited_socket_goes_on_listening_when_one_takes_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as shared:
        port = shared.getsockname()[1]
        async with (
            listening(application(), {}, ROOMY, shared.dup()) as take_no_more,
            wire(port) as before,
        ):
            assert await before.say(GET_A).answer() == "GET a 0 False"
            take_no_more()
            async with wire(port) as after:  # in the queue of whoever else listens
                after.say(GET_A)
                assert await before.say(GET_A).answer() == "GET a 0 False"
                async with listening(application(), {}, ROOMY, shared.dup()):
                    assert await after.answer() == "GET a 0 False"
