"""A node's database opened, for the node and for commands beside it: embedded or by URL; or only
looked at, and left as it is.

One that has a URL is used by the two logins of the service alone; only what changes the schema or
what is on offer asks for its owner. Knows no rows; `db` does.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec
import structlog

from db.core import embedded, logins, migrate
from db.core.pool import Pools, open_pools
from server.core.settings.database import Database
from server.core.settings.privacy import Privacy, known_master_keys, master_keys

log = structlog.get_logger(__name__)


class OpenDatabase(msgspec.Struct, frozen=True):
    """A migrated database, by its pools."""

    pools: Pools


def _closed_to_others(folder: Path) -> Path:
    """The folder, made if it is not there; one that is there is as its owner wants it."""
    if not folder.exists():  # as root, PostgreSQL runs as `nobody`, who has to get through
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    return folder


@asynccontextmanager
async def database(
    config: Database, privacy: Privacy, *, idle_seconds: float = 0.0
) -> AsyncIterator[OpenDatabase]:
    """A migrated database and the keys to it: an embedded one is migrated here, by its owner. Where
    nothing is asked in a transaction for `idle_seconds`, it is rolled back; 0 is never.

    Raises LoginError for logins that are missing or may too much, MigrationError for a database
    that `talking migrate` has not brought up to date, ConfigError and WrongMasterKeyError when the
    keys are not given.
    """
    async with AsyncExitStack() as stack:
        url = ""
        folder = None if config.url else _closed_to_others(Path(config.data_dir))
        masters = await asyncio.to_thread(master_keys, privacy, folder)
        if folder is not None:
            url = await stack.enter_async_context(_embedded(config))
            await _migrate(config, url)
        request, worker = config.logins(url)
        if config.url:
            await _check(config, request, worker)
        pools = await open_pools(
            request,
            worker,
            masters,
            seal=privacy.seal,
            request_connections=config.max_connections,
            worker_connections=config.max_connections,
            idle_timeout_ms=round(idle_seconds * 1000),
            pooled=config.pooled,
            role_prefix=config.role_prefix,
        )
        stack.push_async_callback(pools.close)
        yield OpenDatabase(pools)


async def _check(config: Database, request: str, worker: str) -> None:
    await logins.check(request, config.role(logins.REQUEST))
    await logins.check(worker, config.role(logins.WORKER))
    if config.knows_owner:
        log.warning("owner_known", hint="only `talking migrate` and `talking plans` need the owner")
    if missing := await migrate.lacking(worker, config.role_prefix):
        raise migrate.MigrationError(
            f"the database lacks {len(missing)} migration(s), from {missing[0]} on: run"
            " `talking migrate`, which knows the owner by TALKING_DATABASE__OWNER_URL"
        )


@asynccontextmanager
async def owner(config: Database) -> AsyncIterator[tuple[asyncpg.Connection, list[str]]]:
    """A connection of the owner's to a database that is migrated now, and what was applied.

    Raises LoginError where no login of an owner is known, or it is refused.
    """
    async with AsyncExitStack() as stack:
        if config.url:
            url = config.owner_dsn()
            if not config.knows_owner and "@" not in config.url:
                raise logins.LoginError(
                    "database.owner_url: is required for this; set TALKING_DATABASE__OWNER_URL"
                )
        else:
            url = await stack.enter_async_context(_embedded(config))
        applied = await _migrate(config, url)
        connection = await logins.connect(url, "the owner")
        stack.push_async_callback(connection.close)
        yield connection, applied


async def _migrate(config: Database, url: str) -> list[str]:
    return await migrate.migrate(
        url,
        request_password=config.request_password.reveal(),
        worker_password=config.worker_password.reveal(),
        role_prefix=config.role_prefix,
    )


@asynccontextmanager
async def _embedded(config: Database) -> AsyncIterator[str]:
    """The address of the embedded server's owner, while it is used."""
    started = await embedded.start(_closed_to_others(Path(config.data_dir)) / "postgres")
    try:
        yield started.dsn()
    finally:
        await started.stop()


class NoDatabaseError(Exception):
    """There is nothing to look at; the text says what makes it."""


@asynccontextmanager
async def standing_database(config: Database) -> AsyncIterator[str]:
    """The address of a database that is there already, as `Database.logins` takes it; none is made
    and none is migrated. An embedded one that does not run is started for as long as it is looked
    at.

    Raises NoDatabaseError.
    """
    if config.url:
        yield ""
        return
    folder = Path(config.data_dir) / "postgres"
    if not (folder / "cluster").exists():
        raise NoDatabaseError(f"there is none in {config.data_dir} yet; `talking migrate` makes it")
    async with _embedded(config) as url:
        yield url


@asynccontextmanager
async def read_only_pools(config: Database, privacy: Privacy, address: str) -> AsyncIterator[Pools]:
    """Pools whose transactions PostgreSQL keeps from writing, and the keys that are there already.
    Raises ConfigError and WrongMasterKeyError."""
    folder = None if config.url else Path(config.data_dir)
    masters = await asyncio.to_thread(known_master_keys, privacy, folder)
    request, worker = config.logins(address)
    pools = await open_pools(
        request,
        worker,
        masters,
        seal=privacy.seal,
        request_connections=1,
        worker_connections=1,
        pooled=config.pooled,
        read_only=True,
        role_prefix=config.role_prefix,
    )
    try:
        yield pools
    finally:
        await pools.close()
