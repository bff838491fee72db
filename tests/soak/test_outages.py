"""Calls that live through a hundred cuts, thirty restarts and a minute without PostgreSQL."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.acceptance.test_node_ends import call_until
from tests.bench.machine import say
from tests.integration.server.outages import monkey
from tests.integration.server.outages.conftest import mortal_world
from tests.integration.server.outages.monkey import TALKATIVE, Misfortunes, live_through
from tests.support.client import clients_of
from tests.support.node import SCRIPTED, World, running_world
from tests.support.people import patient

pytestmark = pytest.mark.timeout(1800)

MISFORTUNES = Misfortunes(cuts=100, restarts=30, away_seconds=(5.0, 60.0))
CALLS = 10


@pytest.fixture
def patient_world() -> Iterator[World]:
    """A world where nobody minds a caller who only presses keys."""
    with mortal_world(**TALKATIVE) as started:
        yield started


async def test_calls_live_through_many_outages(patient_world: World) -> None:
    lived = await live_through(patient_world, MISFORTUNES, CALLS)
    waits = len(patient_world.logged("database_away"))
    lines = sum(len(one.seqs) for one in lived)
    say(f"{MISFORTUNES}: {CALLS} calls, {lines} journal entries, {waits} groups tried again")
    monkey.check(patient_world, lived)


async def test_a_second_signal_ends_a_node_at_once() -> None:
    with running_world(SERVER__DRAIN_SECONDS="600", **SCRIPTED) as world:
        async with clients_of(world) as clients:
            await call_until(clients, patient(), "talking")
            world.node.terminate()
            while not world.logged("draining", calls=1):  # noqa: ASYNC110 - the test's deadline
                await asyncio.sleep(0.05)
            world.node.terminate()
            assert await asyncio.to_thread(world.node.wait) == 1
        assert world.logged("ended_by_force", reason="signalled_again")
