"""A node that was asked to end ends, whatever its PostgreSQL does."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.acceptance.test_node_ends import call_until
from tests.integration.server.outages.conftest import mortal_world
from tests.support import outages
from tests.support.client import clients_of
from tests.support.node import World
from tests.support.people import patient

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def world() -> Iterator[World]:
    """A node that has little time to end."""
    with mortal_world(SERVER__DRAIN_SECONDS="1", SERVER__CLOSE_SECONDS="6") as started:
        yield started


def test_a_node_whose_database_is_frozen_ends_by_force(world: World) -> None:
    with outages.frozen(world.data / "postgres"):
        world.node.terminate()
        assert world.node.wait() == 1
    assert world.logged("ended_by_force", reason="too_slow")


@pytest.mark.parametrize("how", ["fast", "kill"])
def test_a_node_whose_database_is_gone_ends(world: World, how: outages.End) -> None:
    outages.end(world.data / "postgres", how)
    world.node.terminate()
    assert world.node.wait() == 0
    assert not world.logged("ended_by_force")


async def test_what_a_database_did_not_take_is_told_and_written_by_the_next_node(
    world: World,
) -> None:
    async with clients_of(world) as clients:
        await call_until(clients, patient(), "talking")
        outages.end(world.data / "postgres", "kill")
        world.node.terminate()
        assert await asyncio.to_thread(world.node.wait) == 0
    (told,) = world.logged("entries_unwritten")
    assert (told["count"] > 0, told["kept"]) == (True, True)
    world.node.start()
    world.until_ready()
    assert world.logged("entries_recovered", count=told["count"])
    assert not world.logged("call_fenced")
    assert list((world.data / "unwritten").iterdir()) == []
