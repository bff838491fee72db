"""The load balancer of tests: whose turn it is, and how connections end."""

import asyncio
import signal
import socket
import struct
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.integration.sandbox.world import accepts
from tests.support.processes import free_port, start
from tests.support.round_robin import RoundRobin, round_robin

REFUSED = r"reset|not connected|Connect call failed"  # whenever the reset is noticed

# Says its name, then what it hears, and when that has ended "end".
BACKEND = """
import asyncio, sys
async def talk(reader, writer):
    writer.write(sys.argv[1].encode())
    while data := await reader.read(65536):
        writer.write(data)
    writer.write(b"end")
    writer.close()
async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """A backend in this process."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(str(port).encode())
        while data := await reader.read(65_536):
            writer.write(data)
        writer.write(b"end")
        writer.close()

    port = free_port()
    server = await asyncio.start_server(talk, "127.0.0.1", port)
    try:
        yield port
    finally:
        await close(server)


async def close(*servers: asyncio.Server) -> None:
    """End them and what they still do for clients that are gone: who is not served to the end
    leaves a connection open."""
    for server in servers:
        server.close()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


async def ask(proxy: RoundRobin, said: bytes = b"") -> bytes:
    """All that comes back on one connection whose client closes its half at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(said)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.close()


async def until(holds: Callable[[], bool]) -> None:
    """Return once it does; what changes it is another thread, so there is no event."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_connections_take_turns_and_a_half_close_is_passed_on() -> None:
    async with echo() as one, echo() as two:
        with round_robin([one, two]) as proxy:
            big = bytes(range(256)) * 20_000
            answers = [await ask(proxy, big) for _ in range(4)]
            expected = [str(port).encode() + big + b"end" for port in (one, two)] * 2
            assert sorted(answers) == sorted(expected)
            assert answers[0] != answers[1]
            assert proxy.taken == {one: 2, two: 2}


async def test_a_refusing_backend_is_passed_over_and_the_list_may_change() -> None:
    async with echo() as one, echo() as two:
        dead = free_port()
        with round_robin([one, dead]) as proxy:
            assert [await ask(proxy) for _ in range(4)] == [f"{one}end".encode()] * 4
            proxy.backends[:] = [two]
            assert await ask(proxy) == f"{two}end".encode()
            proxy.backends.clear()
            with pytest.raises(OSError, match=REFUSED):
                await ask(proxy)
            proxy.backends.append(dead)
            with pytest.raises(OSError, match=REFUSED):
                await ask(proxy)


async def test_the_end_of_a_killed_backend_reaches_its_client() -> None:
    port = free_port()
    process = start(["-c", BACKEND, str(port)])
    with round_robin([port]) as proxy:
        await accepts(port)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await reader.readexactly(5) == str(port).encode()
        process.kill()
        process.wait()
        assert await reader.read() == b""  # the kernel's FIN
        with pytest.raises(ConnectionError):  # and then its RST
            await talk_on(writer)
        writer.close()


async def talk_on(writer: asyncio.StreamWriter) -> None:
    """Until the other end protests."""
    while True:
        writer.write(b"are you there?")
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_a_reset_by_the_client_reaches_the_backend() -> None:
    ended: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        except OSError as error:
            ended.set_result(error)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with round_robin([port]) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port)) as client:
            client.send(b"hello")
            await until(lambda: bool(proxy.taken))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert isinstance(await ended, ConnectionResetError)
    await close(server)


async def test_an_unhealthy_backend_is_left_out_until_it_is_well() -> None:
    statuses: dict[int, str] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        head = await reader.readline()  # nothing from a client that is gone
        if head.startswith(b"GET /readyz "):
            writer.write(f"HTTP/1.1 {statuses[port]}\r\n\r\n".encode())
        else:
            writer.write(str(port).encode())
        writer.close()

    servers = [await asyncio.start_server(answer, "127.0.0.1", free_port()) for _ in range(2)]
    one, two = (server.sockets[0].getsockname()[1] for server in servers)
    statuses.update({one: "200 OK", two: "503 Service Unavailable"})
    with round_robin([one, two], health_path="/readyz") as proxy:
        await until(lambda: proxy.healthy == {one})
        assert {await ask(proxy, b"hello\r\n\r\n") for _ in range(4)} == {str(one).encode()}
        statuses[two] = "200 OK"
        await until(lambda: proxy.healthy == {one, two})
        assert len({await ask(proxy, b"hello\r\n\r\n") for _ in range(4)}) == 2
        statuses.update(dict.fromkeys((one, two), "503 Service Unavailable"))
        await until(lambda: proxy.healthy == set())
        assert len({await ask(proxy, b"hello\r\n\r\n") for _ in range(4)}) == 2
    await close(*servers)


async def test_a_frozen_backend_is_unhealthy() -> None:
    port = free_port()
    process = start(
        ["-m", "http.server", str(port), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with round_robin([port], health_path="/README.md") as proxy:
            await until(lambda: bool(proxy.healthy))
            process.send_signal(signal.SIGSTOP)
            await until(lambda: not proxy.healthy)
            process.send_signal(signal.SIGCONT)
            await until(lambda: bool(proxy.healthy))
    finally:
        process.kill()
        process.wait()
