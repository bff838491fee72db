"""Dashboards: one user's calls, and a hundred sockets that all want to see them live.

Every socket is a `dash.v1` client of the node; an event's age is the time from what happened in
the call (its `ts`) to its arrival, so it holds decision, commit, fan-out and the client itself.
"""

import asyncio
import socket
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import msgspec
from websockets.typing import Subprotocol

from server.core.times import steady_clock
from tests.bench.carrier import Carrier, carrier
from tests.bench.load import HEADS, measure, talk
from tests.bench.machine import percentile, say, table
from tests.bench.node import SCRIPTED, Node, node
from tests.bench.phone import tone_bursts
from tests.bench.wire import Client
from tests.support.processes import free_port

_PREMIUM = "update public.users set subscription_plan_id = 'premium' where id = $1"
_REGISTER = "select app.register_user($1, 'bench@example.com')"


class _Frame(msgspec.Struct, frozen=True):
    op: str
    ts: datetime | None = None
    seq: int | None = None
    last: bool = False


_decoder = msgspec.json.Decoder(_Frame)
_clock = steady_clock()


class Ages:
    """What all dashboards see between two moments, in ms: durable events and passing ones."""

    def __init__(self) -> None:
        self.durable: list[float] = []
        self.passing: list[float] = []


class Dashboard(Client):
    """One live socket."""

    def __init__(self, url: str, token: str, ages: Ages, caps: Sequence[str] = ()) -> None:
        super().__init__(url, {}, [Subprotocol("dash.v1")])
        self.ages = ages
        self.frames = 0
        self.welcome = asyncio.Event()
        self.shown = asyncio.Event()
        self.shown_after_ms = 0.0
        self._ack = asyncio.Event()
        self._hello = {"op": "hello", "v": 1, "token": token, "caps": caps}
        self._said_at = 0.0

    def opened(self) -> None:
        """Say who is there."""
        self._said_at = _clock()
        self.send(msgspec.json.encode(self._hello).decode())

    async def ponged(self) -> None:
        """Wait until everything that was sent before now has come."""
        self._ack.clear()
        self.send('{"op":"cmd","id":"1","name":"none"}')
        async with asyncio.timeout(30):
            await self._ack.wait()

    def received(self, text: bytes) -> None:
        """A frame: one message a line."""
        self.frames += 1
        for line in text.splitlines():
            self._take(line)

    def _take(self, line: bytes) -> None:
        """Note an event's age; answer a ping."""
        frame = _decoder.decode(line)
        if frame.op == "event" and frame.ts is not None:
            age_ms = (_clock() - frame.ts.timestamp()) * 1000
            (self.ages.passing if frame.seq is None else self.ages.durable).append(age_ms)
        elif frame.op == "ping":
            self.send('{"op":"pong"}')
        elif frame.op == "welcome":
            self.welcome.set()
        elif frame.op == "ack":
            self._ack.set()
        elif frame.op == "snapshot" and frame.last:
            self.shown_after_ms = (_clock() - self._said_at) * 1000
            self.shown.set()


async def report(data: Path, calls: int, sockets: int, seconds: float) -> None:
    """Measure and print."""
    settings = {
        **SCRIPTED,
        "TALKING_LIMITS__LIVE_SOCKETS_PER_USER": str(sockets),
        "TALKING_LIMITS__REQUESTS_PER_MINUTE": "100000",
    }
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), tone_bursts()))
        running = await stack.enter_async_context(node(world, data, settings))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        user_id = await premium_user(running.owner_dsn)
        await talk(http, world, running, [user_id] * calls)
        boards = await open_boards(world, running, user_id, sockets)
        ages = Ages()
        for board in boards:
            board.ages = ages
        rung = await measure(http, world, running, calls, seconds)
        lost = sum(board.closed.is_set() for board in boards)
        for board in boards:
            board.close()
        await world.hang_up_all()
    seen = len(ages.durable) + len(ages.passing)
    say(f"Dashboards: {sockets} sockets on one user with {calls} calls, {seconds:.0f} s")
    say(f"  {seen / rung.seconds / sockets:.0f} events/s, {seen / rung.seconds:.0f} frames/s out")
    for name, values in (("durable", ages.durable), ("passing", ages.passing)):
        p50, p95, p99 = (percentile(values, share) for share in (0.5, 0.95, 0.99))
        say(f"  age of {name} events: p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms")
    say(f"  sockets lost: {lost}")
    table([HEADS, rung.cells()])


async def premium_user(owner_dsn: str) -> uuid.UUID:
    """A user without a limit on calls; paying is not what is measured."""
    user_id = uuid.uuid4()
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute(_REGISTER, user_id)
        await connection.execute(_PREMIUM, user_id)
    finally:
        await connection.close()
    return user_id


def _itself(board: Dashboard) -> Dashboard:
    return board


async def open_boards(
    world: Carrier, running: Node, user_id: uuid.UUID, sockets: int, caps: Sequence[str] = (),
    *, narrow: bool = False,
) -> list[Dashboard]:  # fmt: skip
    """Sockets that have been welcomed; `narrow` ones take little before they are read."""
    loop = asyncio.get_running_loop()
    address = urlsplit(running.url)
    token = world.bearer(user_id)
    boards = [Dashboard(f"ws://{address.netloc}/live", token, Ages(), caps) for _ in range(sockets)]
    for board in boards:
        raw = socket.socket()
        if narrow:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        raw.connect((str(address.hostname), address.port or 80))
        raw.setblocking(False)
        await loop.create_connection(partial(_itself, board), sock=raw)
        async with asyncio.timeout(10):
            await board.welcome.wait()
    return boards
