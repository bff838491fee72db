"""A shop of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from db.core.pool import Pools
from tests.integration.server.billing.shop import Shop, open_shop


@pytest.fixture
async def shop(pools: Pools, owner: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(pools, owner, tmp_path) as opened:
        yield opened
