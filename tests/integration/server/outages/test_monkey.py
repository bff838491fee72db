"""Calls go on, and nothing of them is lost, whatever befalls PostgreSQL: the short form."""

from collections.abc import Iterator

import pytest

from tests.integration.server.outages import monkey
from tests.integration.server.outages.conftest import mortal_world
from tests.integration.server.outages.monkey import TALKATIVE, Misfortunes, live_through
from tests.support.node import World

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def world() -> Iterator[World]:
    """A world where nobody minds a caller who only presses keys."""
    with mortal_world(**TALKATIVE) as started:
        yield started


async def test_calls_live_through_cuts_restarts_and_an_outage(world: World) -> None:
    lived = await live_through(world, Misfortunes(5, 3, (3.0,)), 3)
    monkey.check(world, lived)
