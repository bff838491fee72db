"""A desk of the test's own, at the sandbox's carrier."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.core.pool import Pools
from tests.integration.sandbox.world import sandbox
from tests.integration.server.texts.desk import Desk, open_desk


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[str]:
    async with sandbox(tmp_path) as url:
        yield url


@pytest.fixture
async def desk(pools: Pools, carrier: str) -> AsyncIterator[Desk]:
    async with open_desk(pools, carrier) as opened:
        yield opened
