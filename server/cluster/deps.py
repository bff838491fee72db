"""What a node needs to say how it is, and to relay events."""

from typing import Protocol

from server.calls.recorder import Recorder
from server.calls.registry import CallRegistry
from server.cluster.probe import DatabaseProbe
from server.core.bus import Bus
from server.core.node import Node
from server.live.hub import Hub
from server.live.meters import Meters


class ClusterDeps(Node, Protocol):
    """Its calls, what is not written yet, its listeners and its numbers; `node` is its name."""

    @property
    def hub(self) -> Hub: ...

    @property
    def live(self) -> CallRegistry: ...

    @property
    def recorder(self) -> Recorder: ...

    @property
    def meters(self) -> Meters: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def node(self) -> str: ...


class HealthDeps(ClusterDeps, Protocol):
    """And whether its database answers."""

    @property
    def probe(self) -> DatabaseProbe: ...
