"""A node of the test's own beside one sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from db.core.pool import Pools
from tests.integration.sandbox.world import sandbox
from tests.integration.server.privacy.privacy_node import PrivacyNode, open_privacy_node


@pytest.fixture
async def node(
    pools: Pools, owner: asyncpg.Connection, tmp_path: Path
) -> AsyncIterator[PrivacyNode]:
    async with sandbox(tmp_path) as url, open_privacy_node(pools, owner, url) as opened:
        yield opened
