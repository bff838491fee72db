"""A real NATS server for tests, which can be killed and started again on its port, and buses on it.

Knows nothing of what goes over it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from server.core.bus import Bus
from tests.support import processes
from tests.support.patience import PATIENCE_SECONDS, patience

BINARY = Path(sys.executable).with_name("nats-server")


class NatsServer:
    """One server process on a port of its own."""

    def __init__(self) -> None:
        self.port = processes.free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, also again; on its way up it answers nobody."""
        self._process = processes.start_binary(
            [str(BINARY), "-a", "127.0.0.1", "-p", str(self.port), "-l", "/dev/null"]
        )

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)


@contextmanager
def nats_server() -> Iterator[NatsServer]:
    """A server; it ends with the block."""
    server = NatsServer()
    try:
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def running(*buses: Bus) -> AsyncIterator[None]:
    """The buses run, and are connected to begin with."""
    async with asyncio.TaskGroup() as tasks:
        services = [tasks.create_task(bus.run()) for bus in buses]
        try:
            for bus in buses:
                await until_connected(bus)
            yield
        finally:
            for service in services:
                service.cancel()


async def until_connected(bus: Bus, *, is_connected: bool = True) -> None:
    """Wait until it is, or is not."""
    async with patience():
        while bus.is_connected is not is_connected:  # noqa: ASYNC110 - there is no event of it
            await asyncio.sleep(0.01)


async def until_told(teller: Bus, subject: str, follower: Bus) -> None:
    """Wait until what `teller` tells of the subject reaches `follower`."""
    heard = asyncio.Event()
    stop = follower.follow(subject, lambda _: heard.set())
    async with patience():
        while not heard.is_set():
            teller.tell(subject, b"")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await heard.wait()
    stop()
