"""What a running call needs of the world: the phone company and somebody who writes things down.

Protocols only; the server implements them, and tests do.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from media.call import Call
from media.effects import Publish, Record, Settle
from media.events import (
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    Event,
    Transferred,
    TransferRefused,
    TransferUnknown,
)

Send: TypeAlias = Callable[[str], Awaitable[None]]
Told: TypeAlias = Record | Settle | Publish


class Carrier(Protocol):
    """The phone company, for one call."""

    async def dial(self) -> Dialled | DialRefused | DialUnknown:
        """Place the call, at most once; an unclear outcome is DialUnknown, never an exception."""

    async def look_up(self, call: Call) -> CarrierStatus | Dialled | CarrierSilent:
        """What the carrier knows of the call."""

    async def hang_up(self, call: Call) -> None:
        """End the call; one that has ended is success, one that cannot be reached is silence."""

    async def transfer(
        self, call: Call, to: str
    ) -> Transferred | TransferRefused | TransferUnknown:
        """Connect the caller to a number instead of us; never an exception."""


class Clerk(Protocol):
    """Who writes things down. All calls return at once; the writing happens elsewhere."""

    def note(self, seq: int, at: float, event: Event, told: Sequence[Told]) -> None:
        """Journal one event with what rows and dashboards learn from it."""

    def pass_on(self, at: float, news: Publish) -> None:
        """Tell dashboards something that passes and is no event; it has a key."""
