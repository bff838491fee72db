"""The heartbeat: each node says every few seconds that it lives and how it is, and shows its own
administrators all nodes. Needs no bus: every node reads the same rows. Knows no requests.
"""

import asyncio
import contextlib

import structlog

from db.cluster import jobs, nodes
from db.cluster.nodes import State
from db.core.failures import DATABASE_ERRORS, is_away
from server.cluster.deps import ClusterDeps
from server.cluster.wire import (
    NodeData,
    NodeDraining,
    NodeLost,
    NodeOut,
    NodeReported,
    NodeStats,
    NodeStopped,
    NodeUp,
    node_out,
)
from server.core.times import utc
from server.live.wire import ephemeral_out

log = structlog.get_logger(__name__)

BEAT_SECONDS = 5.0
_CHANGES: dict[str, type[NodeData]] = {
    "up": NodeUp,
    "draining": NodeDraining,
    "stopped": NodeStopped,
    "lost": NodeLost,
}


class Heartbeat:
    """This node's word to the others, and its view of them."""

    def __init__(self, deps: ClusterDeps) -> None:
        self._deps = deps
        self._started_at = utc(deps.clock())
        self._seen: dict[str, str] | None = None

    async def run(self) -> None:
        """Beat for ever, and at once when the drain begins; a beat that fails is made up by the
        next."""
        drain_began = self._deps.live.drain_began
        while not drain_began.is_set():
            await self.try_beat("up")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await drain_began.wait()
        while True:
            await self.try_beat("draining")
            await asyncio.sleep(BEAT_SECONDS)  # the beat

    async def try_beat(self, state: State) -> None:
        """A beat that may fail."""
        try:
            await self.beat(state)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.error("fleet_unattended", error=type(error).__name__)

    async def beat(self, state: State) -> None:
        """Say how this node is, and publish the state of all."""
        deps = self._deps
        async with deps.pools.as_service() as connection:
            stats = NodeStats(
                calls=dict(deps.live.phases()),
                sockets=len(deps.hub.listeners()),
                event_age_ms=round(deps.meters.recent_age_ms(), 1),
                backlog=deps.recorder.backlog,
                jobs_waiting=await jobs.waiting_in_all(connection),
            )
            await nodes.beat(connection, deps.node, self._started_at, state, stats)
            rows = await nodes.everyone(connection)
        self._publish_rows([node_out(row, deps.config.cluster.lease_seconds) for row in rows])

    def _publish_rows(self, rows: list[NodeOut]) -> None:
        for row in rows:
            if self._seen is not None and self._seen.get(row.node) != row.state:
                self._publish(_CHANGES[row.state](row), "state")
            self._publish(NodeReported(row), "stats")
        self._seen = {row.node: row.state for row in rows}

    def _publish(self, event: NodeData, key: str) -> None:
        now, subject = utc(self._deps.clock()), f"node:{event.node.node}"
        self._deps.hub.publish_ephemeral(ephemeral_out(event, subject, now, key))
