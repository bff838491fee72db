"""A billing node of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from db.core.pool import Pools
from tests.integration.server.billing.billing_node import BillingNode, open_billing_node


@pytest.fixture
async def node(
    pools: Pools, owner: asyncpg.Connection, tmp_path: Path
) -> AsyncIterator[BillingNode]:
    async with open_billing_node(pools, owner, tmp_path) as opened:
        yield opened
