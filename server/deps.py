"""Everything an action may use, in one value that the composition root builds once."""

from collections.abc import Callable

import msgspec

from db.pool import Pools
from media.engines.base import Engines
from server.auth import Keys
from server.clients.twilio import TwilioCalls
from server.config import Config
from server.dashboard.hub import Hub
from server.live import LiveCalls
from server.rates import Admitted, Rates
from server.recorder import Recorder


class Deps(msgspec.Struct, frozen=True):
    """`clock` is epoch seconds that never step back; `phrases` are sentences spoken in advance."""

    config: Config
    pools: Pools
    hub: Hub
    live: LiveCalls
    recorder: Recorder
    twilio: TwilioCalls
    engines: Engines
    keys: Keys
    clock: Callable[[], float]
    phrases: dict[str, bytes]
    node: str
    rates: Rates
    admitted: Admitted
