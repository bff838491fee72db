"""A way to somewhere by TCP that can be cut, as networks are: at once and without a goodbye.

Knows bytes and nothing of what they mean.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Way:
    """Connections through here, to be cut; `opened` counts them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.url = ""
        self.opened = 0

    def cut(self) -> None:
        """End every connection there is, on both sides; later ones go through."""
        for writer in self._open:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side ends it."""
        self.opened += 1
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, there}
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(reader, there))
                tasks.create_task(_pump(there_reader, writer))
        finally:
            self._open -= {writer, there}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def way_to(port: int) -> AsyncIterator[Way]:
    """A way to this port of this machine, at an address of its own."""
    way = Way(port)
    server = await asyncio.start_server(way.carry, "127.0.0.1", 0)
    way.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        server.close()
        way.cut()
        await server.wait_closed()
