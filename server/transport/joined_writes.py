"""What is said in one turn of the loop, written in one piece: the call of the system costs most.

uvloop makes one for each `write`, some 7 us; to keep 400 bytes until the turn ends costs 0.3. Knows
nothing of what is written.
"""

import asyncio

JOINED_BYTES = 32 * 1024  # are not kept any longer


class JoinedWrites:
    """The way out of one transport; whoever writes past it calls `flush` first."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._turn: asyncio.Handle | None = None

    def write(self, data: bytes, *, now: bool = False) -> None:
        """Write before the loop's next turn is over, or `now`, if no more comes in this one."""
        self._waiting.append(data)
        self._bytes += len(data)
        if now or self._bytes >= JOINED_BYTES:
            self.flush()
        elif self._turn is None:
            self._turn = self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits now."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if self._waiting:
            waiting, self._waiting, self._bytes = self._waiting, [], 0
            self._transport.write(waiting[0] if len(waiting) == 1 else b"".join(waiting))

    def drop(self) -> None:
        """The connection has ended: nothing is written any more."""
        self._waiting.clear()
        self.flush()
