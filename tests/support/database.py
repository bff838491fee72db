"""A real PostgreSQL for tests: one embedded server per run, one database of its own per test.

The schema is migrated once into a template, and copying a template is quick. It knows how to make
databases and pools, not what is in them.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db import embedded
from db.migrate import migrate
from db.pool import Pools, open_pools

_TEMPLATE = "talking_template"


class Database(msgspec.Struct, frozen=True):
    """A migrated database of one test and how each login reaches it."""

    name: str
    owner_dsn: str
    request_dsn: str
    worker_dsn: str


async def start_postgres(data: Path) -> embedded.Embedded:
    """A server in `data` with the migrated template in it; not safe against power loss."""
    server = await embedded.start(data, durable=False)
    await execute(server.dsn(), f"create database {_TEMPLATE}")
    dsn = server.dsn(database=_TEMPLATE)
    await migrate(dsn, request_password="request", worker_password="worker")
    return server


async def create_database(server: embedded.Embedded) -> Database:
    """A fresh copy of the migrated template."""
    name = f"test_{uuid.uuid4().hex}"
    await execute(server.dsn(), f"create database {name} template {_TEMPLATE}")
    return Database(
        name=name,
        owner_dsn=server.dsn(database=name),
        request_dsn=server.dsn("talking_request", name),
        worker_dsn=server.dsn("talking_worker", name),
    )


async def drop_database(server: embedded.Embedded, database: Database) -> None:
    """Drop it, whoever is still connected."""
    await execute(server.dsn(), f"drop database {database.name} with (force)")


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
        database.request_dsn, database.worker_dsn, request_connections=5, worker_connections=20
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Embedded]:
    """The run's server. Not tied to an event loop: each test's loop makes its own connections."""
    with asyncio.Runner() as runner:
        server = runner.run(start_postgres(tmp_path_factory.mktemp("postgres")))
    yield server
    with asyncio.Runner() as runner:
        runner.run(server.stop())


@pytest.fixture
async def database(postgres: embedded.Embedded) -> AsyncIterator[Database]:
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
