"""A world of its own, for people who answer at once and engines that listen to no words."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.client import Clients, clients_of
from tests.support.node import SCRIPTED, TOLD_SOON, World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready."""
    with running_world(
        **SCRIPTED, **TOLD_SOON, WEBHOOKS__ALLOW_PRIVATE="true",
        SMS__FIRST_HOUR="0", SMS__LAST_HOUR="24", SMS__SUNDAY_FIRST_HOUR="0",
        SMS__PER_BLOCK_PER_HOUR="100000",
    ) as started:  # fmt: skip
        yield started


@pytest.fixture
async def clients(world: World) -> AsyncIterator[Clients]:
    """Whoever signs people up and looks into the sandbox."""
    async with clients_of(world) as opened:
        yield opened
