"""A past to delete, and a node that does."""

import asyncpg
import pytest

from db.core.pool import Pools
from server.core.node import NodeParts
from tests.integration.server.retention.arrange import Past
from tests.support.wiring import bare_node


@pytest.fixture
def past(owner: asyncpg.Connection) -> Past:
    return Past(owner)


@pytest.fixture
def node(pools: Pools) -> NodeParts:
    return bare_node(pools)
