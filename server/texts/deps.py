"""What text conversations need of a node."""

from typing import Protocol

from media.engines.base import Engines
from server.core.keyed_locks import KeyedLocks
from server.core.node import Draining, Node
from server.vendors.twilio.calls import TwilioCalls
from server.vendors.twilio.messages import TwilioTexts


class TextDeps(Node, Protocol):
    """`texts` and `twilio` are the carrier, the latter for calls; `locks` keep what concerns one
    conversation apart."""

    @property
    def live(self) -> Draining: ...

    @property
    def twilio(self) -> TwilioCalls: ...

    @property
    def texts(self) -> TwilioTexts: ...

    @property
    def engines(self) -> Engines: ...

    @property
    def locks(self) -> KeyedLocks: ...
