"""Several nodes behind one address: all of them answer, and a lost one is replaced."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.client import clients_of
from tests.support.cluster import Cluster, running_cluster
from tests.support.node import SCRIPTED


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two nodes, ready, with scripted engines."""
    with running_cluster(
        nodes=2, **SCRIPTED, LIMITS__REQUESTS_PER_MINUTE="100000",
    ) as started:  # fmt: skip
        yield started


async def test_every_node_answers_through_the_proxy_and_a_killed_one_is_replaced(
    cluster: Cluster,
) -> None:
    async with clients_of(cluster) as clients:
        user = await clients.sign_up()
        usage = await user.get("/v1/usage")
        for node in cluster.nodes:  # each alone, and it knows what the others know
            cluster.proxy.backends[:] = [node.port]
            assert await user.get("/v1/usage") == usage
        one, two = cluster.nodes
        cluster.proxy.backends[:] = [one.port, two.port]
        cluster.proxy.taken.clear()
        while len(cluster.proxy.taken) < 2:
            assert await user.get("/v1/usage") == usage

        one.kill()
        cluster.proxy.taken.clear()
        for _ in range(10):
            assert await user.get("/v1/usage") == usage
        assert cluster.proxy.taken == {two.port: 10}
        one.start()
        await asyncio.to_thread(cluster.until_ready)
        cluster.proxy.backends[:] = [one.port]
        assert await user.get("/v1/usage") == usage
        cluster.proxy.backends[:] = [one.port, two.port]
        assert len(one.logged("node_ready", node="node-1")) == 2
        assert len(two.logged("node_ready", node="node-2")) == 1


async def test_a_frozen_node_is_left_out_until_it_goes_on(cluster: Cluster) -> None:
    one, two = cluster.nodes
    one.stop()
    await asyncio.to_thread(cluster.until_proxied, two)
    async with clients_of(cluster) as clients:
        user = await clients.sign_up()
        for _ in range(4):
            await user.get("/v1/usage")
    one.cont()
    await asyncio.to_thread(cluster.until_proxied, one, two)
