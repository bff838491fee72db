"""The migration runner: idempotent, shared by many, without a superuser, and strict about edits."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from db.cluster import event_streams
from db.core import embedded
from db.core.logins import check
from db.core.migrate import Migration, MigrationError, lacking, migrate, read_migrations
from db.core.pool import login_dsn, open_pools
from tests.support.database import MASTERS, Database, execute, with_database

SHIM = (Path(embedded.__file__).parents[1] / "supabase_shim.sql").read_text()


async def run(dsn: str, migrations: list[Migration] | None = None) -> list[str]:
    return await migrate(
        dsn, request_password="request", worker_password="worker", migrations=migrations
    )


@pytest.fixture
async def empty(postgres: str) -> AsyncIterator[str]:
    """The DSN of a database with nothing in it."""
    name = f"empty_{uuid.uuid4().hex}"
    await execute(postgres, f"create database {name}")
    yield with_database(postgres, name)
    await execute(postgres, f"drop database {name} with (force)")


async def test_every_file_is_applied_once_in_order(empty: str) -> None:
    versions = [migration.version for migration in read_migrations()]
    assert versions == sorted(set(versions))
    assert await run(empty) == versions
    assert await run(empty) == []


async def test_many_nodes_migrating_at_once_apply_each_file_once(empty: str) -> None:
    await run(empty, [])
    applied = await asyncio.gather(*(run(empty) for _ in range(5)), return_exceptions=True)
    done = [version for one in applied if not isinstance(one, BaseException) for version in one]
    assert sorted(done) == [migration.version for migration in read_migrations()]
    assert [fault for fault in applied if isinstance(fault, BaseException)] == []


async def test_an_edited_file_is_refused_by_name_and_nothing_is_applied(database: Database) -> None:
    first, *others = read_migrations()
    edited = msgspec.structs.replace(first, checksum="0")
    new = Migration("29990101000000", "create table public.new (id int)", "1")
    with pytest.raises(MigrationError, match=first.version):
        await run(database.owner_dsn, [edited, *others, new])
    connection = await asyncpg.connect(database.owner_dsn)
    assert await connection.fetchval("select to_regclass('public.new')") is None
    await connection.close()


async def test_an_older_node_starts_beside_a_newer_schema(database: Database) -> None:
    assert await run(database.owner_dsn, read_migrations()[:-1]) == []


async def test_a_failing_file_leaves_nothing_of_itself_and_keeps_those_before(
    database: Database,
) -> None:
    good = Migration("29990101000000", "create table public.good (id int)", "1")
    bad = Migration("29990101000001", "create table public.bad (id int); select 1 / 0", "2")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await run(database.owner_dsn, [*read_migrations(), good, bad])
    connection = await asyncpg.connect(database.owner_dsn)
    tables = await connection.fetchrow(
        "select to_regclass('public.good') is not null, to_regclass('public.bad') is not null"
    )
    await connection.close()
    assert tuple(tables) == (True, False)


async def test_it_runs_on_a_supabase_like_database_whose_owner_is_no_superuser(
    tmp_path: Path,
) -> None:
    server = await embedded.start(tmp_path, durable=False)
    try:
        await execute(server.dsn(), "create database hosted")
        admin = await asyncpg.connect(server.dsn(database="hosted"))
        await admin.execute(SHIM)
        await admin.execute(
            """
            create role owner_role login createrole noinherit;
            grant anon, authenticated, service_role to owner_role with admin option;
            grant usage on schema auth to owner_role;
            grant create on database hosted to owner_role;
            grant create, usage on schema public to owner_role with grant option;
            alter default privileges for role owner_role in schema public
                grant all on tables to anon, authenticated, service_role;
            """
        )
        dsn = server.dsn("owner_role", "hosted")
        assert await run(dsn) == [migration.version for migration in read_migrations()]
        assert await run(dsn) == []
        # The default privileges of an older project must not survive on our tables.
        granted = await admin.fetch(
            "select grantee::text, table_name::text, privilege_type::text"
            " from information_schema.role_table_grants where table_schema = 'public'"
            " and (grantee = 'service_role' or (grantee in ('anon', 'authenticated')"
            " and privilege_type <> 'SELECT') or (grantee = 'anon'"
            " and table_name <> 'subscription_plans'))"
        )
        assert granted == []
        # It had no right to put a trigger on auth.users, and went on without.
        triggers = "select count(*) from pg_trigger where tgname = 'talking_register'"
        assert await admin.fetchval(triggers) == 0
        worker = await asyncpg.connect(server.dsn("talking_worker", "hosted"))
        await worker.execute("set role talking_service")
        assert await worker.fetchval("select app.register_user(gen_random_uuid(), 'x')")
        assert await worker.fetchval("select count(*) from public.users") == 1
        await worker.close()
        await admin.close()
    finally:
        await server.stop()


async def test_the_logins_need_their_passwords_where_the_server_asks_for_them(
    tmp_path: Path,
) -> None:
    server = await embedded.start(tmp_path, durable=False)
    try:
        await migrate(server.dsn(), request_password="päss'w\\ord", worker_password="old")
        await migrate(server.dsn(), request_password="päss'w\\ord", worker_password="new")
        rules = tmp_path / "cluster" / "pg_hba.conf"
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        await execute(server.dsn(), "select pg_reload_conf()")
        await execute(login_dsn(server.dsn(), "talking_request", "päss'w\\ord"), "select 1")
        await execute(login_dsn(server.dsn(), "talking_worker", "new"), "select 1")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await execute(login_dsn(server.dsn(), "talking_worker", "old"), "select 1")
    finally:
        await server.stop()


async def test_two_installs_on_one_server_have_roles_of_their_own(tmp_path: Path) -> None:
    server = await embedded.start(tmp_path, durable=False)
    try:
        await execute(server.dsn(), "create database other")
        await migrate(server.dsn(), request_password="r", worker_password="ours")
        at = server.dsn(database="other")
        await migrate(at, request_password="r", worker_password="theirs", role_prefix="other")
        rules = tmp_path / "cluster" / "pg_hba.conf"
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        await execute(server.dsn(), "select pg_reload_conf()")
        theirs = login_dsn(at, "other_worker", "theirs")
        assert await lacking(login_dsn(server.dsn(), "talking_worker", "ours")) == []
        assert await lacking(theirs, "other") == []
        await check(theirs, "other_worker")
        await check(login_dsn(at, "other_request", "r"), "other_request")
        pools = await open_pools(
            login_dsn(at, "other_request", "r"), theirs, MASTERS, role_prefix="other"
        )
        await pools.check()
        async with pools.as_service() as connection:
            assert await connection.fetchval("select count(*) from public.users") == 0
        await pools.close()
        owner = await asyncpg.connect(at)
        named = "select count(*) from pg_policies where $1 = any(roles)"
        assert await owner.fetchval(named, "talking_service") == 0
        assert await owner.fetchval(named, "other_service") > 0
        await owner.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):  # nor may one become the other
            await execute(theirs, "set role talking_service")
    finally:
        await server.stop()


async def test_events_of_before_keep_their_places_among_everybodys(empty: str) -> None:
    every = read_migrations()
    await run(empty, [one for one in every if one.version < "20261129100000"])
    connection = await asyncpg.connect(empty)
    await connection.execute("""
        select app.register_user(gen_random_uuid(), 'a@example.org');
        insert into app.streams (user_id, top) select id, 5 from public.users;
        insert into app.events (user_id, seq, type, ts, subject, rev, data, published_at, gseq)
        select user_id, seq, 't', now(), 'call:1', seq, '{}',
            case when seq < 5 then now() end, case when seq in (3, 4) then seq - 2 end
        from app.streams, generate_series(1, 5) seq;
        update app.relay set top = 2
    """)
    await run(empty, every)
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )
    assert await event_streams.number(connection, 10) == 3
    seen = [(row.gseq, row.seq) for row in await event_streams.read_numbered(connection, 0, 10)]
    old = await connection.fetch("select gseq from app.event_groups where last_seq < 3")
    await connection.close()
    assert seen == [(1, 3), (2, 4), (3, 5)]
    assert all(row["gseq"] < 0 for row in old)
