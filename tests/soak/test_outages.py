"""Calls that live through a hundred cuts, thirty restarts and a minute without PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.bench.machine import say
from tests.integration.server.outages import monkey
from tests.integration.server.outages.conftest import mortal_world
from tests.integration.server.outages.monkey import TALKATIVE, Misfortunes, live_through
from tests.support.node import World

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
