"""Calls outlive nodes: over a round robin, when a node is killed, frozen or stopped."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from tests.integration.server.ownership.outliving import (
    TALKATIVE,
    Outlived,
    call_us,
    gather,
    place,
    talks_by,
    until,
)
from tests.support.client import clients_of
from tests.support.cluster import Cluster, running_cluster
from tests.support.nats import nats_server

pytestmark = pytest.mark.timeout(240)

STATUSES = {  # in which each may be found by the time the others have got so far
    "ringing": ["ringing", "waiting", "talking"], "waiting": ["waiting", "talking"],
    "talking": ["talking"], "voicemail": ["voicemail"],
}  # fmt: skip
EVERY_PHASE = ["ringing", "waiting", "talking", "talking", "voicemail", "talking"]
EXPECTED = {
    "ringing": ("ended", "caller_hung_up"), "waiting": ("ended", "caller_hung_up"),
    "talking": ("ended", "caller_hung_up"), "voicemail": ("ended", "voicemail"),
}  # fmt: skip


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Three nodes and a bus."""
    with (
        nats_server() as nats,
        running_cluster(
            3, CLUSTER__BUS=nats.url, SERVER__DRAIN_SECONDS="12", **TALKATIVE
        ) as started,
    ):
        yield started


def check(calls: Sequence[Outlived]) -> None:
    """Every call ended as its person wanted, is recorded without a gap, and counts once."""
    for call in calls:
        ended = (call.rows.call["status"], call.rows.call["end_reason"])
        assert ended == EXPECTED[call.kind], (call.kind, call.world["timeline"])
        assert call.gaps == 0
        assert call.greetings <= 1
        assert (call.rows.reservation, call.used) == ("committed", 1)
        assert call.rows.carrier_seconds == [call.rows.call["duration_seconds"]]
        assert None not in call.silences_seconds


async def test_every_call_of_a_round_robin_talks_to_its_end(cluster: Cluster) -> None:
    async with clients_of(cluster) as clients:
        calls = await gather(clients, await place(clients, EVERY_PHASE, 5.0))
        while not cluster.logged("call_adopted"):  # each one's sound happened to come to its owner
            calls += await gather(clients, await place(clients, EVERY_PHASE, 5.0))
    check(calls)
    assert all(call.streams == 1 for call in calls)


async def test_calls_to_us_talk_wherever_their_sound_comes(cluster: Cluster) -> None:
    adopted: set[str] = set()
    async with clients_of(cluster) as clients:
        while not adopted:
            placed = await call_us(clients, 4, 5.0)
            calls = await gather(clients, placed)
            check(calls)
            assert all(call.streams == 1 for call in calls)
            lines = cluster.logged("call_adopted")
            adopted = {line["call_id"] for line in lines} & {call.id for call in placed}


@pytest.mark.parametrize("way", ["kill", "terminate"])  # frozen ones are in tests/soak
async def test_calls_outlive_a_node(cluster: Cluster, way: str) -> None:
    victim, *others = cluster.nodes
    if not victim.running:  # a victim of before
        victim.start()
        await asyncio.to_thread(cluster.until_ready)
    async with clients_of(cluster) as clients:
        placed = await place(clients, EVERY_PHASE * 2, 12.0)
        await until(cluster, placed, STATUSES)
        while not await talks_by(victim, cluster, placed):  # its calls ended while others began
            more = await place(clients, ["talking"] * 3, 12.0)
            placed += more
            await until(cluster, more, STATUSES)
        getattr(victim, way)()
        await asyncio.to_thread(cluster.until_proxied, *others)
        calls = await gather(clients, placed)
    check(calls)
    assert sum(call.streams for call in calls) > len(calls)
    if way == "terminate":
        assert await asyncio.to_thread(victim.wait) == 0
