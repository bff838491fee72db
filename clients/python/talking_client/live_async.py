"""The live channel, for code with a loop: everything that happens, as it happens.

A socket that ends is replaced, and the new one goes on from the last event that was handed on
(`positions`). Only a close that says "stay away" ends it. Knows what an event is shaped like, and
nothing of what it means.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from talking_client import exchange, sockets
from talking_client.contract import LIVE_PROTOCOL
from talking_client.messages import Event, Snapshot, Welcome
from talking_client.positions import Position, Positions
from talking_client.retries import Retries
from talking_client.sockets import FAULTS, FOREVER, MARGIN_SECONDS, MOST_BYTES, QUIET_SECONDS

Token: TypeAlias = str | Callable[[], Awaitable[str]]
"""An API key; of a session, which ends, what gives its token for each socket anew."""


class AsyncLive:
    """What happens in some topics ("me": all that is the user's; "call:<id>": one call). `topics`
    are names with the positions that were kept, to go on from there, or with None."""

    def __init__(
        self, base_url: str, token: Token, topics: Mapping[str, Position | None] | None = None, *,
        retries: Retries = FOREVER,
    ) -> None:  # fmt: skip
        self._url = sockets.address(base_url)
        self._token = token
        self._retries = retries
        self._positions = Positions({"me": None} if topics is None else topics)
        self._ping_seconds = QUIET_SECONDS
        self._failures = 0

    @property
    def positions(self) -> dict[str, Position | None]:
        """Where it is in each topic, to be kept and given to another one."""
        return dict(self._positions.places)

    async def __aiter__(self) -> AsyncGenerator[Snapshot | Event, None]:
        """Snapshots and events, in order: a snapshot replaces what was known of its topic, and
        comes only where there is no position, or the server does not know it any more. Who leaves
        it early has its socket closed at once by `contextlib.aclosing(aiter(live))`.

        Raises LiveRefusedError when the server wants no more of it, and ConnectionFailedError when
        too many sockets in a row failed.
        """
        protocol = Subprotocol(LIVE_PROTOCOL)
        while True:
            try:
                async with connect(
                    self._url, subprotocols=[protocol], max_size=MOST_BYTES
                ) as socket:
                    async for given in self._read(socket):
                        yield given
            except FAULTS as fault:
                self._failures += 1
                pause = sockets.pause_after(fault, self._failures, exchange.chance(), self._retries)
                await asyncio.sleep(pause)

    async def _read(self, socket: ClientConnection) -> AsyncIterator[Snapshot | Event]:
        token = self._token if isinstance(self._token, str) else await self._token()
        await socket.send(sockets.encoded(self._positions.hello(token)))
        while True:
            async with asyncio.timeout(self._ping_seconds + MARGIN_SECONDS):
                frame = await socket.recv(decode=False)
            for message in sockets.messages(frame):
                if isinstance(message, Welcome):
                    self._ping_seconds = message.ping_s
                    self._failures = 0
                step = self._positions.take(message)
                for answer in step.send:
                    await socket.send(sockets.encoded(answer))
                if step.give is not None:
                    yield step.give
