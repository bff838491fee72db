"""A node without its loops, as texts have it, whose calls are dropped at the end."""

from collections.abc import AsyncIterator

import pytest

from db.core.pool import Pools
from tests.integration.server.texts.conftest import carrier as carrier
from tests.integration.server.texts.text_node import TextNode, open_text_node


@pytest.fixture
async def node(pools: Pools, carrier: str) -> AsyncIterator[TextNode]:
    async with open_text_node(pools, carrier) as opened:
        yield opened
        opened.deps.live.drop_all()
