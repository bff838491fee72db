"""A node without rooms, for commands that run beside nodes and are written down as they are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.audit.keys import audit_keys
from server.core.config import Config
from server.core.node import NodeParts
from server.core.times import steady_clock
from server.database import database
from server.live.hub import Hub


@asynccontextmanager
async def beside(config: Config) -> AsyncIterator[NodeParts]:
    """The database of this configuration, open for as long as the block lasts."""
    async with database(config.database, config.privacy) as opened:
        yield NodeParts(
            config=config, pools=opened.pools, hub=Hub(), clock=steady_clock(),
            audit_key=audit_keys(config, opened.pools.keyring).key,
        )  # fmt: skip
