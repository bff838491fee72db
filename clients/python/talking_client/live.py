"""The live channel: everything that happens, as it happens, over as many sockets as it takes.

A socket that ends is replaced, and the new one goes on from the last event that was handed on
(`positions`). Only a close that says "stay away" ends it. Knows what an event is shaped like, and
nothing of what it means.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from talking_client import exchange
from talking_client.contract import LIVE_PROTOCOL
from talking_client.errors import LiveRefusedError, TalkingError
from talking_client.events import EVENTS
from talking_client.messages import Event, Incoming, Snapshot, Welcome
from talking_client.positions import Position, Positions
from talking_client.retries import Retries

FINAL = 4500  # close codes from here on: stop and say why
QUIET_SECONDS = 25.0  # until a server says how often it pings
MARGIN_SECONDS = 10.0
MOST_BYTES = 2**24
FOREVER = Retries(attempts=2**31, first_pause=0.5, most_pause=20.0)

_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)


class Live:
    """What happens in some topics ("me": all that is the user's; "call:<id>": one call). `topics`
    may be names, or positions that were kept, to go on from there."""

    def __init__(
        self, base_url: str, token: str, topics: Mapping[str, Position | None] | None = None, *,
        retries: Retries = FOREVER,
    ) -> None:  # fmt: skip
        self._url = f"{base_url.rstrip('/').replace('http', 'ws', 1)}/live"
        self._token = token
        self._retries = retries
        self._positions = Positions({"me": None} if topics is None else topics)
        self._ping_seconds = QUIET_SECONDS
        self._failures = 0

    @property
    def positions(self) -> dict[str, Position | None]:
        """Where it is in each topic, to be kept and given to another one."""
        return dict(self._positions.places)

    async def __aiter__(self) -> AsyncIterator[Snapshot | Event]:
        """Snapshots and events, in order: a snapshot replaces what was known of its topic, and
        comes only where there is no position, or the server does not know it any more.

        Raises LiveRefusedError when the server wants no more of it, and the last fault of the
        connection when there were too many in a row.
        """
        while True:
            try:
                async with connect(
                    self._url, subprotocols=[Subprotocol(LIVE_PROTOCOL)], max_size=MOST_BYTES
                ) as socket:
                    async for given in self._read(socket):
                        yield given
            except websockets.ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd is not None else 1006
                if code >= FINAL:
                    reason = closed.rcvd.reason if closed.rcvd is not None else ""
                    raise LiveRefusedError(code, reason) from closed
                await self._pause(closed)
            except (OSError, TimeoutError, websockets.InvalidHandshake) as fault:
                await self._pause(fault)

    async def _read(self, socket: ClientConnection) -> AsyncIterator[Snapshot | Event]:
        await socket.send(_encoded(self._positions.hello(self._token)))
        while True:
            async with asyncio.timeout(self._ping_seconds + MARGIN_SECONDS):
                frame = await socket.recv(decode=False)
            for line in frame.split(b"\n"):
                message = _decoded(line)
                if isinstance(message, Welcome):
                    self._ping_seconds = message.ping_s
                    self._failures = 0
                step = self._positions.take(message)
                for answer in step.send:
                    await socket.send(_encoded(answer))
                if step.give is not None:
                    yield step.give

    async def _pause(self, fault: Exception) -> None:
        self._failures += 1
        pause = self._retries.after_cut(self._failures, exchange.chance())
        if pause is None:
            raise fault
        await asyncio.sleep(pause)


def data_of(event: Event) -> msgspec.Struct | None:
    """An event's data in its shape; None for an event that this version does not know."""
    kind = EVENTS.get(event.type)
    return None if kind is None else msgspec.convert(event.data, kind)


def _decoded(line: bytes) -> Incoming:
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, msgspec.ValidationError) as fault:
        raise TalkingError(f"a message is not what {LIVE_PROTOCOL} says: {fault}") from fault


def _encoded(message: Mapping[str, object]) -> str:
    return msgspec.json.encode(message).decode()
