"""What phone calls need of a node."""

from typing import Protocol

from db.calls import CallRow
from media.audio.two_tracks import Keep
from media.engines.base import Engines
from server.calls.recorder import Recorder
from server.calls.registry import CallRegistry
from server.calls.unwritten import Unwritten
from server.core.bus import Bus
from server.core.keyed_locks import KeyedLocks
from server.live.sign_ins import SignIns
from server.vendors.twilio.calls import TwilioCalls
from server.webhooks.deps import WebhookDeps


class Recordings(Protocol):
    """Whoever keeps what is recorded."""

    def of(self, row: CallRow) -> Keep:
        """What takes the pieces of the call that this row is of, under its epoch."""

    async def written(self) -> None:
        """Wait until nothing is left to be written."""


class CallDeps(WebhookDeps, Protocol):
    """`phrases` are sentences spoken in advance; `node` is the name that leases are held under."""

    @property
    def live(self) -> CallRegistry: ...

    @property
    def recorder(self) -> Recorder: ...

    @property
    def recordings(self) -> Recordings: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def sign_ins(self) -> SignIns: ...

    @property
    def locks(self) -> KeyedLocks: ...

    @property
    def unwritten(self) -> Unwritten: ...

    @property
    def twilio(self) -> TwilioCalls: ...

    @property
    def engines(self) -> Engines: ...

    @property
    def phrases(self) -> dict[str, bytes]: ...

    @property
    def node(self) -> str: ...
