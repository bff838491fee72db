"""Several nodes on one PostgreSQL behind one address, as the child processes people really start.

The world knows the round robin in front of them alone: `url`, the public address the nodes give
away, and the sandbox's webhooks are its own. What a single node can do is in `node.py`.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.node import START_SECONDS, Node, World, settings
from tests.support.processes import free_port, scratch_folder
from tests.support.round_robin import RoundRobin, round_robin

READY = "/readyz"


class Cluster(World):
    """A world whose `nodes` are killed, stopped and started again one by one."""

    def __init__(self, data: Path, env: Mapping[str, str], proxy: RoundRobin) -> None:
        self.proxy = proxy
        super().__init__(data, env, proxy.port, proxy.backends)

    def until_ready(self) -> None:
        """Wait until every node answers, and the proxy has seen it if it looks."""
        super().until_ready()
        if self.proxy.health_path:
            self.until_proxied(*self.nodes)

    def until_proxied(self, *nodes: Node) -> None:
        """Wait until the proxy, which looks at them, has found these nodes well and no others."""
        deadline = time.monotonic() + START_SECONDS
        while self.proxy.healthy != {node.port for node in nodes}:
            assert time.monotonic() < deadline, f"{self.proxy.healthy} are well"
            time.sleep(0.01)


@contextmanager
def running_cluster(nodes: int = 3, health_path: str = READY, **env: str) -> Iterator[Cluster]:
    """A started cluster; everything of it is gone afterwards. Settings as SECTION__KEY=value.

    Without a `health_path` the proxy passes over a node only when that refuses connections.
    """
    ports = [free_port() for _ in range(nodes)]
    with (
        scratch_folder() as data,
        round_robin(ports, health_path=health_path) as proxy,
        closing(Cluster(data, settings(env), proxy)) as cluster,
    ):
        cluster.until_ready()
        yield cluster
