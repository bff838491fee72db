"""A database of an older PostgreSQL, or of another encoding, made anew: all comes along."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from db.core import embedded
from db.core.embedded import Embedded, PostgresDidNotStartError
from db.core.migrate import migrate
from db.core.upgrade import UpgradeError, upgrade
from tests.integration.db import grants
from tests.support.database import execute
from tests.support.old_clusters import DEBIANS, left_by
from tests.support.processes import scratch_folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any account may pass through, as PostgreSQL 15 needs."""
    with scratch_folder() as folder:
        folder.chmod(0o711)
        yield folder


@pytest.mark.skipif(not DEBIANS.exists(), reason="no PostgreSQL 15 to make an old database with")
async def test_a_database_of_an_older_major_serves_again(open_folder: Path) -> None:
    await asyncio.to_thread(left_by, DEBIANS, open_folder, "UTF8")
    old = Embedded(open_folder, durable=False, programs=DEBIANS)
    await old.ensure_running()
    await migrate(old.dsn(), request_password="request", worker_password="worker")
    connection = await asyncpg.connect(old.dsn())
    await connection.execute(
        "select app.register_user(gen_random_uuid(), n || '@example.org')"
        " from generate_series(1, 20000) n"
    )
    await connection.close()
    await old.stop()
    with pytest.raises(PostgresDidNotStartError, match="was made by PostgreSQL 15"):
        await embedded.start(open_folder, durable=False)
    done = await upgrade(open_folder)
    assert done is not None
    assert done.made_by == "15"
    server = await embedded.start(open_folder, durable=False)
    assert await migrate(server.dsn(), request_password="request", worker_password="worker") == []
    owner = await asyncpg.connect(server.dsn())
    assert await owner.fetchval("select count(*) from public.users") == 20000
    assert grants.text(await grants.tried(owner)) == grants.PATH.read_text()
    await owner.close()
    await server.stop()


async def in_ascii(data: Path, *, text: bytes) -> None:
    """A database in SQL_ASCII, which takes any bytes."""
    await asyncio.to_thread(left_by, embedded.programs(data), data, "SQL_ASCII")
    server = Embedded(data, durable=False)
    await server.ensure_running()
    await execute(
        server.dsn(),
        "create role reader login; create table kept (what text); grant select on kept to reader;"
        f" insert into kept values (convert_from('\\x{text.hex()}', 'SQL_ASCII'))",
    )
    await execute(server.dsn(), 'create database "another one"')
    await server.stop()


def clusters(data: Path) -> list[str]:
    return sorted(path.name for path in data.glob("cluster*"))


async def test_a_database_that_cannot_keep_words_is_refused_and_made_anew(tmp_path: Path) -> None:
    await in_ascii(tmp_path, text="Zoë".encode())
    with pytest.raises(PostgresDidNotStartError, match=r"SQL_ASCII.*`talking upgrade-database`"):
        await embedded.start(tmp_path, durable=False)
    done = await upgrade(tmp_path)
    assert done is not None
    assert (done.encoding, done.tables, done.rows) == ("SQL_ASCII", 1, 1)
    assert (done.kept / "PG_VERSION").exists()
    server = await embedded.start(tmp_path, durable=False)
    connection = await asyncpg.connect(server.dsn(user="reader"))
    assert await connection.fetchval("select what from kept") == "Zoë"
    assert await connection.fetchval("show server_encoding") == "UTF8"
    names = await connection.fetch("select datname from pg_database where not datistemplate")
    await connection.close()
    assert {row[0] for row in names} == {"postgres", "another one"}
    with pytest.raises(PostgresDidNotStartError, match="in use: stop the nodes first"):
        await upgrade(tmp_path)
    await server.stop()


async def test_what_cannot_be_restored_is_said_without_its_rows_and_left_as_it_was(
    tmp_path: Path,
) -> None:
    await in_ascii(tmp_path, text=b"hidden \xe9")
    with pytest.raises(UpgradeError, match="invalid byte sequence") as caught:
        await upgrade(tmp_path)
    assert "hidden" not in str(caught.value)
    assert clusters(tmp_path) == ["cluster"]
    old = Embedded(tmp_path, durable=False)
    await old.ensure_running()
    assert old.encoding == "SQL_ASCII"
    await old.stop()
