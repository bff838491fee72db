"""A peer that is behind with reading: whoever writes to it waits, but nobody waits for ever.

The event loop says when it begins and ends (`pause_writing`, `resume_writing` of asyncio's
protocols). Knows nothing of what is written.
"""

import asyncio

STALL_SECONDS = 30.0


class Backpressure:
    """Of one transport."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.stall_seconds = STALL_SECONDS  # so long the peer may leave unread what was sent
        self._transport = transport
        self._eased: asyncio.Future[None] | None = None
        self._stalled: asyncio.TimerHandle | None = None

    @property
    def is_on(self) -> bool:
        """Whether the peer has yet to read much of what was sent."""
        return self._eased is not None

    def begin(self) -> None:
        """The peer is behind: its connection is aborted unless it catches up."""
        if self._eased is None:
            loop = asyncio.get_running_loop()
            self._eased = loop.create_future()
            self._stalled = loop.call_later(self.stall_seconds, self._transport.abort)

    def end(self) -> None:
        """There is room again, or nobody to write to: whoever waits goes on."""
        if self._eased is not None:
            self._eased.set_result(None)
            self._eased = None
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    async def eased(self) -> None:
        """Wait until the peer is not behind."""
        while self._eased is not None:
            await asyncio.shield(self._eased)
