"""A text node of the test's own, at the sandbox's carrier."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.core.pool import Pools
from tests.integration.sandbox.world import sandbox
from tests.integration.server.texts.text_node import TextNode, open_text_node


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[str]:
    async with sandbox(tmp_path) as url:
        yield url


@pytest.fixture
async def node(pools: Pools, carrier: str) -> AsyncIterator[TextNode]:
    async with open_text_node(pools, carrier) as opened:
        yield opened
