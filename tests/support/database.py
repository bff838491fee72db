"""A real PostgreSQL for tests: one embedded server per test process, one database per test.

The schema is migrated once into a template, and copying a template is quick. It knows how to make
databases and pools, not what is in them.
"""

import asyncio
import base64
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest

from db.core import embedded
from db.core.migrate import migrate
from db.core.pool import Pools, login_dsn, open_pools
from db.core.sealing import KEY_BYTES, master_key
from tests.support.processes import scratch_folder

_TEMPLATE = f"talking_template_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
MASTER_KEY = base64.b64encode(bytes(KEY_BYTES)).decode()  # as it is configured
MASTERS = [master_key(bytes(KEY_BYTES))]
_MIGRATING = 1  # any number, as long as all workers take the same


class Database(msgspec.Struct, frozen=True):
    """A migrated database of one test and how each login reaches it."""

    name: str
    owner_dsn: str
    request_dsn: str
    worker_dsn: str


async def make_template(url: str) -> None:
    """Put the migrated template on the server whose superuser's URL this is.

    One worker at a time: a server they share has one set of roles.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1)", _MIGRATING)
        await connection.execute(f"drop database if exists {_TEMPLATE}")
        await connection.execute(f"create database {_TEMPLATE}")
        template = with_database(url, _TEMPLATE)
        await migrate(template, request_password="request", worker_password="worker")
    finally:
        await connection.close()


async def create_database(url: str) -> Database:
    """A fresh copy of the migrated template."""
    name = f"test_{uuid.uuid4().hex}"
    await execute(url, f"create database {name} template {_TEMPLATE} strategy file_copy")
    owner_dsn = with_database(url, name)
    return Database(
        name=name,
        owner_dsn=owner_dsn,
        request_dsn=login_dsn(owner_dsn, "talking_request", "request"),
        worker_dsn=login_dsn(owner_dsn, "talking_worker", "worker"),
    )


async def drop_database(url: str, database: Database) -> None:
    """Drop it, whoever is still connected."""
    await execute(url, f"drop database {database.name} with (force)")


def with_database(url: str, name: str) -> str:
    """The same server's URL with another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


async def execute(dsn: str, sql: str) -> None:
    """One statement on a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def open_test_pools(database: Database) -> Pools:
    """Small pools to the database."""
    return await open_pools(
        database.request_dsn,
        database.worker_dsn,
        MASTERS,
        request_connections=5,
        worker_connections=20,
        acquire_timeout_seconds=20,  # tests race by dozens, on a machine that is busy with others
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The superuser's URL of the run's server, with the migrated template in it.

    TALKING_TEST_POSTGRES_URL names another server (PostgreSQL 15, say) to use instead of the
    embedded one. Not tied to an event loop: each test's loop makes its own connections.
    """
    external = os.environ.get("TALKING_TEST_POSTGRES_URL")
    with asyncio.Runner() as runner, scratch_folder() as data:
        if external:
            runner.run(make_template(external))
            yield external
            return
        server = runner.run(embedded.start(data, durable=False))
        runner.run(make_template(server.dsn()))
        yield server.dsn()
        runner.run(server.stop())


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    """A migrated database of the test's own, with nothing but the seeded plans in it."""
    made = await create_database(postgres)
    yield made
    await drop_database(postgres, made)


@pytest.fixture
async def pools(database: Database) -> AsyncIterator[Pools]:
    """The product's own pools to the test's database."""
    opened = await open_test_pools(database)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The schema owner's connection, a superuser here: to arrange and to look, past every rule."""
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()
