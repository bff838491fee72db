"""What a running call needs of the world: the phone company and an event log.

Protocols only; the server implements them, and tests do.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from media.audio.two_tracks import Piece
from media.call import Call
from media.effects import Publish, Record, Settle, Transfer, UseTool
from media.events import (
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    Event,
    ToolAnswered,
    Transferred,
    TransferRefused,
    TransferUnknown,
)

Send: TypeAlias = Callable[[Sequence[str]], Awaitable[None]]
Emitted: TypeAlias = Record | Settle | Publish
CarriersRecord: TypeAlias = CarrierStatus | Dialled | CarrierSilent | Transferred | TransferRefused


class Carrier(Protocol):
    """The phone company, for one call."""

    async def dial(self, call: Call) -> Dialled | DialRefused | DialUnknown:
        """Place the call, at most once; an unclear outcome is DialUnknown, never an exception."""

    async def look_up(self, call: Call) -> CarriersRecord:
        """What the carrier knows of the call, and of a transfer that it waits to hear of."""

    async def reconnect(self, call: Call) -> CarriersRecord | None:
        """Have the sound connected anew; None if it will be, or what is known of the call."""

    async def hang_up(self, call: Call) -> None:
        """End the call; one that has ended is success, one that cannot be reached is silence."""

    async def transfer(
        self, call: Call, wanted: Transfer
    ) -> Transferred | TransferRefused | TransferUnknown:
        """Connect the caller to a number instead of us; never an exception. Where no person asked
        nobody counted it yet."""


class Tools(Protocol):
    """The tools that the owner of a call's agent gave it."""

    async def answer(self, call: Call, asked: UseTool) -> ToolAnswered:
        """Have the tool work, once and for a limited time; never an exception."""


class EventLog(Protocol):
    """Where all that happens goes. Each call returns at once; the writing happens elsewhere."""

    def append(self, seq: int, at: float, event: Event, emitted: Sequence[Emitted]) -> None:
        """Journal one event with what rows and dashboards learn from it."""

    def keep(self, piece: Piece) -> None:
        """A piece of a recording is whole."""

    def publish_ephemeral(self, at: float, event: Publish) -> None:
        """Tell dashboards something of which only the newest matters; it has a key, is not kept."""
