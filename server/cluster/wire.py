"""A node as administrators see it. Knows no requests and no sockets."""

from typing import Any

import msgspec

from db.cluster.nodes import NodeRow
from server.core.events import Event
from server.core.times import rfc3339


class NodeStats(msgspec.Struct, frozen=True):
    """What a node says of itself. `event_age_ms` is the p95 since it last said so."""

    calls: dict[str, int]
    sockets: int
    event_age_ms: float
    backlog: int
    jobs_waiting: int


class NodeOut(msgspec.Struct, frozen=True):
    """A node on the wire. `state`: up, draining, stopped or lost."""

    node: str
    state: str
    started_at: str | None
    seen_at: str | None
    stats: dict[str, Any]


class NodeData(Event, frozen=True):
    """node.up, node.draining, node.stopped, node.lost and node.stats."""

    schema = "NodeData"
    ephemeral = True

    node: NodeOut


def node_out(row: NodeRow, lost_after_seconds: float) -> NodeOut:
    """A node's row as clients see it."""
    is_lost = row.state != "stopped" and row.silent_seconds > lost_after_seconds
    state = "lost" if is_lost else row.state
    return NodeOut(row.node, state, rfc3339(row.started_at), rfc3339(row.seen_at), row.stats)


class NodeUp(NodeData, frozen=True):
    type, tells = "node.up", "A node came"


class NodeDraining(NodeData, frozen=True):
    type, tells = "node.draining", "A node takes no more calls"


class NodeStopped(NodeData, frozen=True):
    type, tells = "node.stopped", "A node ended as it should"


class NodeLost(NodeData, frozen=True):
    type, tells = "node.lost", "A node fell silent"


class NodeReported(NodeData, frozen=True):
    type, tells = "node.stats", "How a node is, every few seconds"
