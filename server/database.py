"""A node's database opened, for the node and for commands beside it: embedded or by URL, migrated.

Knows no rows; `db` does.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from db.core import embedded, migrate
from db.core.pool import Pools, login_dsn, open_pools
from server.core.database_settings import Database
from server.core.privacy import Privacy, master_keys


class OpenDatabase(msgspec.Struct, frozen=True):
    """A migrated database: its pools, its owner's URL and the migrations applied just now."""

    pools: Pools
    owner_url: str
    applied: list[str]


def _closed_to_others(folder: Path) -> Path:
    """The folder, made if it is not there; one that is there is as its owner wants it."""
    if not folder.exists():  # as root, PostgreSQL runs as `nobody`, who has to get through
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    return folder


@asynccontextmanager
async def database(config: Database, privacy: Privacy) -> AsyncIterator[OpenDatabase]:
    """A migrated database, embedded or by URL, and the keys to it. Raises ConfigError and
    WrongMasterKeyError when those are not given."""
    async with AsyncExitStack() as stack:
        owner_url = config.url
        request_password = config.request_password.reveal()
        worker_password = config.worker_password.reveal()
        folder = None if owner_url else _closed_to_others(Path(config.data_dir))
        masters = await asyncio.to_thread(master_keys, privacy, folder)
        if folder is not None:
            started = await embedded.start(folder / "postgres")
            stack.push_async_callback(started.stop)
            owner_url = started.dsn()
        applied = await migrate.migrate(
            owner_url, request_password=request_password, worker_password=worker_password
        )
        pools = await open_pools(
            login_dsn(owner_url, "talking_request", request_password),
            login_dsn(owner_url, "talking_worker", worker_password),
            masters,
            seal=privacy.seal,
            request_connections=config.max_connections,
            worker_connections=config.max_connections,
            pooled=config.pooled,
        )
        stack.push_async_callback(pools.close)
        yield OpenDatabase(pools, owner_url, applied)
