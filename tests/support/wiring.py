"""A node without rooms for tests of what needs no more: database, hub, clock, configuration."""

from collections.abc import Callable

from db.core.pool import Pools
from server.app import steady_clock
from server.core.config import load
from server.core.node import NodeParts
from server.live.hub import Hub


def bare_node(
    pools: Pools, hub: Hub | None = None, clock: Callable[[], float] | None = None
) -> NodeParts:
    """A node with the default configuration."""
    return NodeParts(
        config=load(None, {"TALKING_TWILIO__AUTH_TOKEN": "5a4db0c5a4db0c5a4db0c5a4db0c5a4d"}),
        pools=pools,
        clock=clock or steady_clock(),
        hub=hub or Hub(),
    )
