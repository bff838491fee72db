"""The transport by itself, and under attack: fuzzed in process, then pressed beside live calls.

Fuzzed: random and half-right frames and heads against the product's own classes with a transport in
memory; whatever is raised there instead of being answered counts as unhandled. Pressed: what other
connections do to the jitter of calls that talk meanwhile.
"""

import asyncio
import contextlib
import random
import resource
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from websockets.frames import Frame, Opcode

from server.transport import head
from server.transport.head import BadHead
from server.transport.turns import Turns
from server.transport.websocket import WebSocket
from tests.bench.carrier import carrier
from tests.bench.load import measure, scripted, talk
from tests.bench.machine import load, percentile, say
from tests.bench.node import node
from tests.support.processes import free_port
from tests.support.websocket_peer import MemoryTransport, Peer

SEED = 20261129
CALLS = 20
SILENT = 5000
FLOODERS = 10
UPGRADE = (
    b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: dash.v1\r\n\r\n"
)
TINY = Frame(Opcode.PING, b"").serialize(mask=True)


async def fuzz(frames: int, heads: int) -> None:
    """So many frames and heads in process; any that is not answered is told."""
    chance = random.Random(SEED)
    unhandled: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: unhandled.append(repr(context.get("exception") or context["message"]))
    )
    begun = time.perf_counter()
    sockets = await _fuzz_frames(chance, frames, unhandled)
    took = time.perf_counter() - begun
    say(f"Transport: {frames} fuzzed frames on {sockets} sockets, {len(unhandled)} unhandled, "
        f"{took / frames * 1e6:.1f} us each, seed {SEED}")  # fmt: skip
    refused, accepted = await _fuzz_heads(chance, heads, unhandled)
    say(f"  {heads} fuzzed heads: {accepted} websockets, {refused} refused, "
        f"{len(unhandled)} unhandled")  # fmt: skip
    for one in unhandled[:5]:
        say(f"  unhandled: {one}")
    asyncio.get_running_loop().set_exception_handler(None)


def _frame(chance: random.Random) -> bytes:
    if chance.random() < 0.15:
        return chance.randbytes(chance.randrange(40))
    kind = chance.choice((Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.PONG))
    if chance.random() < 0.005:
        kind = Opcode.CLOSE
    size = chance.choice((0, 1, 20, 125)) if kind >= Opcode.CLOSE else chance.choice((0, 9, 300))
    payload = chance.choice((b"x" * size, chance.randbytes(size)))
    made = bytearray(
        Frame(kind, payload, fin=kind >= Opcode.CLOSE or chance.random() < 0.9).serialize(mask=True)
    )
    if chance.random() < 0.05:
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


async def _fuzz_frames(chance: random.Random, frames: int, unhandled: list[str]) -> int:
    sockets = done = 0
    while done < frames:
        peer, sockets = Peer(max_bytes=1000), sockets + 1
        peer.socket.accept()
        carried = asyncio.create_task(_carry(peer))  # noqa: TID251 - awaited below
        await asyncio.sleep(0)
        while done < frames and not peer.socket.closed:
            piece = b"".join(_frame(chance) for _ in range(chance.randrange(1, 30)))
            done += 15
            for part in (piece[: len(piece) // 2], piece[len(piece) // 2 :]):
                try:
                    peer.pour(part)
                except Exception as error:  # noqa: BLE001 - this is what is looked for
                    unhandled.append(repr(error))
            await asyncio.sleep(0)
        peer.vanish()
        await asyncio.sleep(0)
        await carried
    return sockets


async def _carry(peer: Peer) -> None:
    with contextlib.suppress(ConnectionError):
        await peer.socket.carry(lambda _: None, 3600)


async def _fuzz_heads(chance: random.Random, heads: int, unhandled: list[str]) -> tuple[int, int]:
    refused = accepted = 0
    for _ in range(heads):
        data = bytearray(UPGRADE)
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(data) - 4)
            data[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        try:
            found = head.read(bytes(data[: head.end_of(data)] or data))
            transport = MemoryTransport()
            peer = WebSocket(transport, Turns(), 1000, lambda: None)
            transport.set_protocol(peer)
            if peer.begin(bytes(data), b"") and found.is_websocket:
                peer.accept()
                accepted += 1
            transport.abort()
            await asyncio.sleep(0)
        except BadHead:
            refused += 1
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            unhandled.append(repr(error))
    return refused, accepted


async def press(data: Path, seconds: float) -> None:
    """What others' connections cost calls that talk."""
    settings = {**scripted().settings, "TALKING_SERVER__MAX_CONNECTIONS_PER_ADDRESS": "0"}
    say(f"Pressed: {CALLS} calls, {seconds:.0f} s each, {load()}")
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), scripted().said))
        running = await stack.enter_async_context(node(world, data, settings))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        await talk(http, world, running, [uuid.uuid4() for _ in range(CALLS)])
        address = urlsplit(running.url)
        for name in ("quiet", *PRESSES, "quiet again"):
            async with _pressed(name, str(address.hostname), address.port or 80):
                rung = await measure(http, world, running, CALLS, seconds)
            jitter = [percentile(rung.window.jitter_ms, share) for share in (0.5, 0.99)]
            say(f"  {name}: jitter p50 {jitter[0]:.1f}, p99 {jitter[1]:.1f} ms, "
                f"client late p99 {percentile(rung.window.behind_ms, 0.99):.1f} ms, "
                f"late {len(rung.window.dry)}, "
                f"loop p99 {percentile(rung.probes_ms, 0.99):.0f} ms, "
                f"core {rung.cpu_seconds / rung.seconds:.0%}, {rung.rss_mib:.0f} MiB")  # fmt: skip


@asynccontextmanager
async def _pressed(name: str, host: str, port: int) -> AsyncIterator[None]:
    """While a process of its own, which others on its core come before, does this to the node."""
    if name not in PRESSES:
        yield
        return
    command = ["nice", sys.executable, "-m", "tests.bench.transport", name, host, str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _sockets(host: str, port: int, count: int) -> list[asyncio.StreamWriter]:
    found = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            found.append((await asyncio.open_connection(host, port))[1])
    return found


async def _flood(host: str, port: int) -> AsyncIterator[None]:
    async def pour() -> None:
        while True:
            _, writer = await asyncio.open_connection(host, port)
            with contextlib.suppress(OSError):
                writer.write(UPGRADE)
                for _ in range(100):
                    writer.write(TINY * 1000)
                    await writer.drain()
                    await asyncio.sleep(0.01)  # the attacker's own rhythm
            writer.close()

    async with asyncio.TaskGroup() as tasks:
        pouring = [tasks.create_task(pour()) for _ in range(FLOODERS)]
        yield
        for task in pouring:
            task.cancel()


async def _stuck(host: str, port: int) -> AsyncIterator[None]:
    raws = []
    for _ in range(100):
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect((host, port))
        raw.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        raws.append(raw)
    yield
    for raw in raws:
        raw.close()


async def _half_closed(host: str, port: int) -> AsyncIterator[None]:
    writers = await _sockets(host, port, 500)
    for number, writer in enumerate(writers):
        with contextlib.suppress(OSError):
            writer.write(
                (b"GET / HT", UPGRADE, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")[number % 3]
            )
            writer.write_eof()
    yield
    for writer in writers:
        writer.close()


async def _silent(host: str, port: int) -> AsyncIterator[None]:
    writers = await _sockets(host, port, SILENT)
    yield
    for writer in writers:
        writer.close()


PRESSES = {
    "flood of tiny frames": _flood,
    "stuck readers": _stuck,
    "half-closed": _half_closed,
    f"{SILENT} silent connections": _silent,
}


async def _main(name: str, host: str, port: int) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    async with asynccontextmanager(PRESSES[name])(host, port):
        sys.stdout.write("pressing\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
