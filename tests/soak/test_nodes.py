"""Hundreds of calls over three nodes that are killed, frozen and replaced all the time.

The short form, of some calls, is in `tests/integration/server/ownership/test_nodes.py`.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from media.settings import ConversationSettings
from server.core.times import steady_clock
from tests.bench.machine import percentile, say
from tests.integration.server.ownership.outliving import (
    TALKATIVE,
    Outlived,
    Placed,
    gather,
    place,
    until,
)
from tests.integration.server.ownership.test_nodes import EVERY_PHASE, STATUSES, check
from tests.support.client import Clients, clients_of
from tests.support.cluster import Cluster, running_cluster
from tests.support.nats import nats_server
from tests.support.node import Node

pytestmark = pytest.mark.timeout(3600)

STRUCK = int(os.environ.get("STRUCK_CALLS", "500"))  # calls of nodes that are killed
AT_ONCE = 5  # of EVERY_PHASE, six calls each
RUN_BY = """
select count(*) from app.call_details d join public.calls c on c.id = d.call_id
where d.owner_node = $1 and app.call_status_rank(c.status) < app.call_status_rank('ended')
"""
MOMENTS = (1.0, 9.0)  # seconds after the calls were asked for


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Three nodes and a bus."""
    with nats_server() as nats, running_cluster(3, CLUSTER__BUS=nats.url, **TALKATIVE) as started:
        yield started


def report(
    what: str, calls: Sequence[Outlived], struck: int, silences: Sequence[float] = ()
) -> None:
    """The figures; `silences` (seconds) are those between two streams if none are given."""
    if not silences:
        silences = [each for call in calls for each in call.silences_seconds if each is not None]
    ends = Counter((call.rows.call["status"], call.rows.call["end_reason"]) for call in calls)
    say(
        f"{what}: {len(calls)} calls, {struck} of them run by a node that was struck, {dict(ends)},"
        f" silence p50 {percentile(silences, 0.5):.2f} p99 {percentile(silences, 0.99):.2f}"
        f" max {max(silences, default=0.0):.2f} s (N {len(silences)}),"
        f" gaps {sum(call.gaps for call in calls)},"
        f" greeted twice {sum(call.greetings > 1 for call in calls)}"
    )


async def strike(
    clients: Clients, cluster: Cluster, victim: Node, way: str, at: float
) -> tuple[list[Placed], int, float]:
    """Calls in every phase, and so many seconds later what befalls one node, which ran some; with
    the time of that."""
    placed = await place(clients, EVERY_PHASE * AT_ONCE, 14.0)
    await asyncio.sleep(at)  # the random moment
    getattr(victim, way)()
    struck_at = steady_clock()()
    async with cluster.rows() as connection:
        struck: int = await connection.fetchval(RUN_BY, victim.name)
    others = [node for node in cluster.nodes if node is not victim]
    await asyncio.to_thread(cluster.until_proxied, *others)
    return placed, struck, struck_at


async def test_two_hundred_calls_of_a_round_robin_talk_to_their_ends(cluster: Cluster) -> None:
    calls = list[Outlived]()
    async with clients_of(cluster) as clients:
        while len(calls) < 200:
            calls += await gather(clients, await place(clients, EVERY_PHASE * AT_ONCE, 8.0))
    check(calls)
    adopted = len(cluster.logged("call_adopted"))
    more = sum(call.streams > 1 for call in calls)
    say(
        f"round robin: {len(calls)} calls talked to their ends, {adopted} went to where their sound"
        f" came, {more} had a second stream"
    )


@pytest.mark.parametrize(("way", "wanted"), [("kill", STRUCK), ("stop", STRUCK // 5)])
async def test_calls_outlive_nodes_at_random_moments(
    cluster: Cluster, way: str, wanted: int
) -> None:
    moments = random.Random(way)
    calls, silences, struck = list[Outlived](), list[float](), 0
    async with clients_of(cluster) as clients:
        while struck < wanted:
            victim = moments.choice(cluster.nodes)
            at = moments.uniform(*MOMENTS)
            placed, some, struck_at = await strike(clients, cluster, victim, way, at)
            struck += some
            outlived = await gather(clients, placed)
            calls += outlived
            if way == "stop":  # nobody notices a node that is frozen before it is missed
                back = [at for call in outlived for at in call.heard_at if at > struck_at]
                silences += [at - struck_at for at in back]
            victim.cont() if way == "stop" else victim.start()
            await asyncio.to_thread(cluster.until_ready)
    report(way, calls, struck, silences)
    check(calls)


async def test_twenty_rolling_restarts_drop_no_call(cluster: Cluster) -> None:
    calls = list[Outlived]()
    async with clients_of(cluster) as clients:
        for _ in range(20):
            placed = await place(clients, ["talking"] * 50, 40.0)
            for node in cluster.nodes:
                node.terminate()
                assert await asyncio.to_thread(node.wait) == 0
                node.start()
                await asyncio.to_thread(cluster.until_ready)
            calls += await gather(clients, placed)
    report("rolling restarts", calls, len(calls))
    check(calls)


async def test_nodes_that_all_stop_at_once_say_goodbye_in_every_call() -> None:
    with running_cluster(3, health_path="", SERVER__DRAIN_SECONDS="12", **TALKATIVE) as cluster:
        async with clients_of(cluster) as clients:
            placed = await place(clients, ["talking"] * 12, 60.0)
            await until(cluster, placed, STATUSES)
            for node in cluster.nodes:
                node.terminate()
            codes = [await asyncio.to_thread(node.wait) for node in cluster.nodes]
            calls = await gather(clients, placed)
    assert codes == [0, 0, 0]
    for call in calls:
        assert (call.rows.call["end_reason"], call.gaps) == ("server_stopping", 0)
        spoken = [row["event"] for row in call.rows.journal if row["event"]["type"] == "spoken"]
        assert spoken[-1]["heard"] == ConversationSettings().stopping_goodbye
