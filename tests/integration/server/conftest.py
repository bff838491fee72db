"""The world these tests share. Its node has scripted engines: nobody here listens to words."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.client import Clients, clients_of
from tests.support.node import SCRIPTED, TOLD_SOON, World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """Both processes, ready. A small queue for live sockets, so that a slow reader soon shows."""
    with running_world(
        **SCRIPTED, **TOLD_SOON,
        WEBHOOKS__ALLOW_PRIVATE="true", WEBHOOKS__RETRY_SECONDS="0.1,0.1,0.1",
        LIMITS__LIVE_QUEUE_FRAMES="50", SMS__QUIET_GAP_SECONDS="0.2", SMS__FIRST_HOUR="0",
        SMS__LAST_HOUR="24", SMS__SUNDAY_FIRST_HOUR="0", SMS__PER_BLOCK_PER_HOUR="100000",
    ) as started:  # fmt: skip
        yield started


@pytest.fixture
async def clients(world: World) -> AsyncIterator[Clients]:
    """Clients of that world."""
    async with clients_of(world) as opened:
        yield opened
