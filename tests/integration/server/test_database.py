"""A database by its URL: what a node needs to know of it, over TLS, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from db.core.logins import LoginError
from db.core.migrate import MigrationError, read_migrations
from server.core.settings.database import Database
from server.core.settings.loading import Secret
from server.core.settings.privacy import Privacy
from server.database import OpenDatabase, database, owner
from tests.support.certificates import certified
from tests.support.database import MASTER_KEY
from tests.support.node import SCRIPTED, Child
from tests.support.processes import free_port, scratch_folder
from tests.support.tls_postgres import TlsPostgres, needs_tls, tls_postgres

pytestmark = needs_tls

PRIVACY = Privacy(master_key=Secret(MASTER_KEY))


@pytest.fixture(scope="module")
def server() -> Iterator[TlsPostgres]:
    """A server with nothing in it: the tests below are a story, in their order."""
    with asyncio.Runner() as runner, scratch_folder() as folder:
        folder.chmod(0o711)  # for an older PostgreSQL's sake
        running = tls_postgres(folder)
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


def settings(server: TlsPostgres, **changed: Any) -> Database:
    """What a node is given."""
    given: dict[str, Any] = {
        "url": server.url(), "tls": "verify-full", "tls_ca": str(server.ca_file),
        "request_password": Secret("request"), "worker_password": Secret("worker"),
    }  # fmt: skip
    return Database(**given | changed)


def owners(server: TlsPostgres, **changed: Any) -> Database:
    """What `talking migrate` is given."""
    return settings(server, owner_url=Secret(server.owner_url), **changed)


def sockets() -> int:
    """How many this process has open."""
    is_socket = 0
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            is_socket += str(entry.readlink()).startswith("socket:")
    return is_socket


async def refused(config: Database) -> str:
    """The words in which a node says that it will not serve from this."""
    before = sockets()
    with pytest.raises((LoginError, MigrationError)) as caught:
        async with database(config, PRIVACY):
            pass
    # asyncpg (0.32) does not wait for TLS to be shut down after a refusal, and what a loop leaves
    # open when it ends is told in whatever test runs then.
    while sockets() > before:  # noqa: ASYNC110 - the kernel tells of no event
        await asyncio.sleep(0.01)
    return str(caught.value)


@asynccontextmanager
async def altered(server: TlsPostgres, change: str, back: str) -> AsyncIterator[None]:
    """The owner does something, and undoes it."""
    connection = await asyncpg.connect(server.owner_url)
    try:
        await connection.execute(change)
        yield
    finally:
        await connection.execute(back)
        await connection.close()


async def encrypted(server: TlsPostgres, opened: OpenDatabase) -> dict[str, bool]:
    """Whether all connections of either login are."""
    connection = await asyncpg.connect(server.owner_url)
    try:
        async with opened.pools.as_service(), opened.pools.as_user({}):
            rows = await connection.fetch(
                "select usename, bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid)"
                " where usename like 'talking%' group by 1"
            )
    finally:
        await connection.close()
    return {row[0]: row[1] for row in rows}


BOTH, NEITHER = ({"talking_request": state, "talking_worker": state} for state in (True, False))


async def test_a_node_does_not_make_logins_nor_tables(server: TlsPostgres) -> None:
    said = await refused(owners(server))
    assert "talking_request cannot sign in" in said
    assert "`talking migrate` makes this login" in said
    assert "database.request_password" in said


async def test_whoever_migrates_needs_the_owner(server: TlsPostgres) -> None:
    with pytest.raises(LoginError, match="TALKING_DATABASE__OWNER_URL"):
        async with owner(settings(server)):
            pass


async def test_a_database_that_was_never_migrated_is_refused(server: TlsPostgres) -> None:
    make = "create role talking_{} login noinherit password '{}'"
    roles = ("request", "worker")
    async with altered(
        server,
        "; ".join(make.format(name, name) for name in roles),
        "; ".join(f"drop role talking_{name}" for name in roles),
    ):
        said = await refused(settings(server))
    assert f"lacks {len(read_migrations())} migration(s)" in said


async def test_the_owner_migrates_and_a_node_serves_by_its_two_logins(server: TlsPostgres) -> None:
    async with owner(owners(server)) as (_, applied):
        assert len(applied) == len(read_migrations())
    with capture_logs() as logs:
        async with database(settings(server), PRIVACY) as opened:
            assert await encrypted(server, opened) == BOTH
    assert logs == []


async def test_an_owner_that_a_node_could_become_is_told_of(server: TlsPostgres) -> None:
    for config in (owners(server), settings(server, url=server.owner_url)):
        with capture_logs() as logs:
            async with database(config, PRIVACY):
                pass
        assert [line["event"] for line in logs] == ["owner_known"]
        assert "owner's" not in str(logs)


async def test_a_database_of_a_newer_release_is_served_and_of_an_older_one_refused(
    server: TlsPostgres,
) -> None:
    newest = read_migrations()[-1].version
    ledger = "app.schema_migrations"
    newer = f"insert into {ledger} values ('29990101000000', 'x')"
    async with (
        altered(server, newer, f"delete from {ledger} where version like '2999%'"),
        database(settings(server), PRIVACY),
    ):
        pass
    forget = f"update {ledger} set version = 'kept' where version = '{newest}'"
    back = f"update {ledger} set version = '{newest}' where version = 'kept'"
    async with altered(server, forget, back):
        assert f"lacks 1 migration(s), from {newest} on" in await refused(settings(server))


@pytest.mark.parametrize(
    ("change", "back", "said"),
    [
        ("alter role {} superuser", "alter role {} nosuperuser", "{} is a superuser"),
        ("alter role {} bypassrls", "alter role {} nobypassrls", "{} passes row level security"),
        ("alter role {} createrole", "alter role {} nocreaterole", "{} may make roles"),
        (
            "grant service_role to {}",
            "revoke service_role from {}",
            "become service_role, which pa",
        ),
        ("grant pg_read_all_data to {}", "revoke pg_read_all_data from {}", "pg_read_all_data"),
        ("alter table app.relay owner to {}", "alter table app.relay owner to postgres", "{} owns"),
    ],
)
async def test_a_login_that_may_too_much_is_refused_by_what_it_may(
    server: TlsPostgres, change: str, back: str, said: str
) -> None:
    for login in ("talking_request", "talking_worker"):
        async with altered(server, change.format(login), back.format(login)):
            assert said.format(login) in await refused(settings(server))
    async with owner(owners(server)):  # its owner has its rights back
        pass


async def test_neither_login_can_become_the_other(server: TlsPostgres) -> None:
    async with altered(
        server, "grant talking_service to talking_request",
        "revoke talking_service from talking_request",
    ):  # fmt: skip
        assert "talking_request can become talking_service" in await refused(settings(server))


async def test_a_wrong_password_and_a_wrong_database_are_named(server: TlsPostgres) -> None:
    said = await refused(settings(server, worker_password=Secret("hidden-value")))
    assert "talking_worker cannot sign in" in said
    assert "hidden-value" not in said
    nowhere = server.url().replace("/postgres", "/nowhere")
    assert "no such database" in await refused(settings(server, url=nowhere))


async def test_a_certificate_of_another_name_or_signer_is_not_believed(
    server: TlsPostgres, tmp_path: Path
) -> None:
    other_name = settings(server, url=server.url("127.0.0.1"))
    assert "certificate is not believed" in await refused(other_name)
    other = tmp_path / "other.pem"
    other.write_bytes(certified(tmp_path)[0].read_bytes())
    said = await refused(settings(server, tls_ca=str(other)))
    assert "certificate is not believed" in said
    assert "database.tls_ca" in said
    encrypts_only = settings(server, url=server.url("127.0.0.1"), tls="require", tls_ca="")
    async with database(encrypts_only, PRIVACY) as opened:
        assert await encrypted(server, opened) == BOTH


async def test_a_server_without_tls_is_refused_unless_it_is_switched_off(
    server: TlsPostgres,
) -> None:
    await server.switch_tls("off")
    try:
        said = await refused(settings(server))
        assert "rejected SSL upgrade" in said
        assert 'database.tls = "off"' in said
        async with database(settings(server, tls="off", tls_ca=""), PRIVACY) as opened:
            assert await encrypted(server, opened) == NEITHER
    finally:
        await server.switch_tls("on")


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def process(server: TlsPostgres, command: str, log: Path, port: int, **more: str) -> Child:
    """A command as an operator runs it, with what a node is told of the database."""
    given = {
        "DATABASE__URL": server.url(), "DATABASE__TLS_CA": str(server.ca_file),
        "DATABASE__TLS": "verify-full", "DATABASE__REQUEST_PASSWORD": "request",
        "DATABASE__WORKER_PASSWORD": "worker", "TWILIO__AUTH_TOKEN": "5a4db0c" * 4,
        "PRIVACY__MASTER_KEY": MASTER_KEY,
        "SERVER__PORT": str(port), "DATABASE__DATA_DIR": str(log.parent), **SCRIPTED, **more,
    }  # fmt: skip
    env = {f"TALKING_{key}": value for key, value in given.items()}
    return Child(["-m", "server", command], env, log)


async def test_the_process_that_serves_is_ready_and_knows_no_owner(
    server: TlsPostgres, tmp_path: Path
) -> None:
    port = free_port()
    owner_too = {"DATABASE__OWNER_URL": server.owner_url}
    migrating = process(server, "migrate", tmp_path / "migrating", port, **owner_too)
    assert await asyncio.to_thread(migrating.wait) == 0
    assert migrating.log.read_text().splitlines()[-1] == "the database is up to date"
    node = process(server, "serve", tmp_path / "node", port)
    try:
        await asyncio.to_thread(node.until_ready, f"http://127.0.0.1:{port}/readyz")
        known = environment(node.pid)
    finally:
        await asyncio.to_thread(node.close)
    assert b"owner%27s" not in known
    assert b"TALKING_DATABASE__WORKER_PASSWORD" in known
