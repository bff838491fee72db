"""The pools: who a transaction is, what is left of it, and what a pooler in between would see."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db.core.failures import DATABASE_ERRORS, is_away
from db.core.keyring import Keyring
from db.core.pool import Pools, login_dsn, open_pools
from tests.integration.db.arrange import make_user
from tests.support.database import MASTERS, Database
from tests.support.patience import patience

WHO = "select current_user, session_user, current_setting('request.jwt.claims', true)"


async def test_a_user_transaction_is_the_user_and_nothing_is_left_afterwards(
    database: Database,
) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, request_connections=1
    )
    try:
        async with pools.as_user({"sub": "a", "role": "authenticated"}) as connection:
            role, login, claims = await connection.fetchrow(WHO)
            timeout = await connection.fetchval("show statement_timeout")
        assert (role, login) == ("authenticated", "talking_request")
        assert claims == '{"sub":"a","role":"authenticated"}'
        assert timeout == "8s"
        async with pools._request.acquire() as bare:
            assert tuple(await bare.fetchrow(WHO)) == ("talking_request", "talking_request", "")
            assert await bare.fetchval("show statement_timeout") == "0"
    finally:
        await pools.close()


async def test_the_service_transaction_carries_no_claims(pools: Pools) -> None:
    async with pools.as_service() as connection:
        assert tuple(await connection.fetchrow(WHO)) == ("talking_service", "talking_worker", "")


async def test_a_failed_transaction_leaves_no_row_and_a_usable_connection(pools: Pools) -> None:
    async def register_and_fail() -> None:
        async with pools.as_service() as connection:
            await connection.execute("select app.register_user($1, 'x')", uuid4())
            raise LookupError

    with pytest.raises(LookupError):
        await register_and_fail()
    async with pools.as_service() as connection:
        assert await connection.fetchval("select count(*) from users") == 0


async def test_forgetting_the_role_fails_closed(database: Database) -> None:
    for dsn in (database.request_dsn, database.worker_dsn):
        bare = await asyncpg.connect(dsn)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await bare.fetch("select * from public.users")
        finally:
            await bare.close()


async def test_a_request_can_never_become_the_service(pools: Pools) -> None:
    for role in ("talking_service", "service_role", "talking_worker", "postgres"):
        async with pools.as_user({"sub": str(uuid4())}) as connection:
            await connection.execute("reset role")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"set role {role}")


async def test_a_slow_statement_is_cut_off(database: Database) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, statement_timeout_ms=30
    )
    try:
        with pytest.raises(asyncpg.QueryCanceledError):
            async with pools.as_service() as connection:
                await connection.execute("select pg_sleep(10)")
    finally:
        await pools.close()


async def test_what_a_frozen_process_had_locked_comes_free(database: Database) -> None:
    idle, others = [
        await open_pools(
            database.request_dsn, database.worker_dsn, MASTERS, idle_timeout_ms=timeout_ms
        )
        for timeout_ms in (300, 0)
    ]
    lock = "select top from app.relay for update"

    async def freeze() -> None:
        async with idle.as_service() as frozen:
            await frozen.execute(lock)
            async with others.as_service() as connection:
                await connection.execute(lock)  # waits until it may
            await frozen.execute("select 1")

    try:
        with pytest.raises(DATABASE_ERRORS) as refused:
            await freeze()
        assert is_away(refused.value)
        async with idle.as_service() as connection:
            await connection.execute(lock)
    finally:
        await idle.close()
        await others.close()


async def test_a_full_pool_answers_with_a_timeout(database: Database) -> None:
    pools = await open_pools(
        database.request_dsn,
        database.worker_dsn,
        MASTERS,
        worker_connections=1,
        acquire_timeout_seconds=0.05,
    )
    try:
        async with pools.as_service():
            with pytest.raises(TimeoutError):
                async with pools.as_service():
                    pass
    finally:
        await pools.close()


async def test_without_a_statement_cache_no_prepared_statement_is_left(database: Database) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, worker_connections=1, pooled=True
    )
    try:
        await make_user(pools)
        async with pools.as_service() as connection:
            named = "select count(*) from pg_prepared_statements where name <> ''"
            assert await connection.fetchval(named) == 0
    finally:
        await pools.close()


async def test_concurrent_users_never_see_each_other(pools: Pools) -> None:
    users = [await make_user(pools) for _ in range(10)]

    async def sees_only_itself(user_id: object) -> bool:
        async with pools.as_user({"sub": str(user_id)}) as connection:
            ids: list[object] = [
                row["id"] for row in await connection.fetch("select id from users")
            ]
            return ids == [user_id]

    assert all(await asyncio.gather(*(sees_only_itself(user) for user in users * 10)))


@pytest.mark.parametrize(
    ("owner_url", "login_url"),
    [
        (
            "postgresql://postgres:x@db.example.org:5432/postgres",
            "postgresql://talking_request:p%2Fw@db.example.org:5432/postgres",
        ),
        (
            "postgresql://postgres.abcd:x%40y@pooler.example.org:6543/postgres?sslmode=require",
            "postgresql://talking_request.abcd:p%2Fw@pooler.example.org:6543/postgres?sslmode=require",
        ),
        (
            "postgresql://postgres@/talking?host=%2Frun%2Fpg&port=5432",
            "postgresql://talking_request:p%2Fw@/talking?host=%2Frun%2Fpg&port=5432",
        ),
        ("postgresql://localhost/talking", "postgresql://talking_request:p%2Fw@localhost/talking"),
    ],
)
def test_a_login_url_is_the_owners_with_another_login(owner_url: str, login_url: str) -> None:
    assert login_dsn(owner_url, "talking_request", "p/w") == login_url


def dsn_of(folder: Path) -> str:
    """Of a server whose socket would be in this folder."""
    return f"postgresql://nobody@/nothing?host={folder}&port=5432"


@contextmanager
def silent_server(folder: Path) -> Iterator[None]:
    """Takes connections, as the kernel does, and never says a word."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / ".s.PGSQL.5432"))
        server.listen()
        yield


async def lazy_pools(dsn: str, **options: Any) -> Pools:
    """Pools that have no connection yet."""
    one, two, three, four, five = [
        await asyncpg.create_pool(dsn, min_size=0, max_size=2, timeout=60) for _ in range(5)
    ]
    keyring = Keyring(five, MASTERS, "all")
    return Pools(
        one, two, three, four, keyring, statement_timeout_ms=1000, idle_timeout_ms=0, **options
    )


async def test_a_new_connection_may_take_longer_than_one_comes_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.core.pool.CONNECT_SECONDS", 0.05)
    pools = await lazy_pools(dsn_of(tmp_path), acquire_timeout_seconds=3600)
    with silent_server(tmp_path), pytest.raises(TimeoutError):
        async with pools.as_service():
            pass
    await pools.close()


async def test_nobody_waits_long_for_a_database_that_is_known_to_be_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.core.pool.CONNECT_SECONDS", 3600)
    pools = await lazy_pools(dsn_of(tmp_path), acquire_timeout_seconds=0.05)
    with pytest.raises(FileNotFoundError):
        async with pools.as_service():
            pass
    with silent_server(tmp_path):
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with pools.as_service():
                    pass
    await pools.close()


async def test_a_database_that_takes_no_changes_is_not_there_for_whoever_makes_some(
    database: Database, owner: asyncpg.Connection
) -> None:
    pools = await open_pools(database.request_dsn, database.worker_dsn, MASTERS)
    name = await owner.fetchval("select quote_ident(current_database())")
    await pools.check()
    await owner.execute(f"alter database {name} set default_transaction_read_only = on")
    await owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )

    async def look() -> None:
        while True:
            try:
                await pools.check()
            except asyncpg.ReadOnlySQLTransactionError:
                return
            except DATABASE_ERRORS:  # until the connections that were cut are gone
                await asyncio.sleep(0)

    async with patience():
        await look()
    await owner.execute(f"alter database {name} reset default_transaction_read_only")
    await pools.close()


async def test_a_pool_says_when_all_it_has_is_in_use(database: Database) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, worker_connections=1,
        acquire_timeout_seconds=0.05,
    )  # fmt: skip
    found = [pools.exhausted]
    async with pools.as_service():
        with pytest.raises(TimeoutError):
            await pools.check()
        found.append(pools.exhausted)
    await pools.check()
    assert found == [False, True]
    await pools.close()


async def test_running_calls_have_connections_that_nothing_else_uses(database: Database) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, worker_connections=1,
        acquire_timeout_seconds=0.05,
    )  # fmt: skip
    async with pools.as_service(), pools.as_service(for_calls=True) as connection:
        assert await connection.fetchval("select current_user") == "talking_service"
    await pools.close()


async def refusal(pools: Pools, sql: str) -> BaseException | None:
    """What a statement is refused with."""
    try:
        async with pools.as_service() as connection:
            await connection.execute(sql)
    except DATABASE_ERRORS as error:
        return error
    return None


async def test_a_server_that_became_read_only_is_left(
    database: Database, owner: asyncpg.Connection
) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, worker_connections=1
    )
    read_only = f"alter database {database.name} set default_transaction_read_only"
    await owner.execute(f"{read_only} = on")
    await owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    make = "insert into public.users (id, email) values (gen_random_uuid(), 'a@example.com')"
    while not isinstance(await refusal(pools, make), asyncpg.ReadOnlySQLTransactionError):
        pass  # a connection that was cut, at first
    await owner.execute(f"{read_only} = off")  # for connections made from now on
    async with pools.as_service() as connection:
        assert await connection.fetchval("show transaction_read_only") == "off"
    await pools.close()


async def test_a_cancelled_transaction_does_not_wait_for_a_server_that_hangs(
    database: Database,
) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, worker_connections=1
    )
    async with pools.as_service() as connected:
        backend = await connected.fetchval("select pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), pools.as_service():
                pass
        async with pools.as_service() as connected:  # the only connection was given up
            assert await connected.fetchval("select pg_backend_pid()") != backend
    finally:
        os.kill(backend, signal.SIGCONT)
    await pools.close()


async def test_a_cancelled_transaction_is_rolled_back_and_its_connection_kept(
    database: Database,
) -> None:
    pools = await open_pools(
        database.request_dsn, database.worker_dsn, MASTERS, worker_connections=1
    )
    begun = asyncio.Future[int]()

    async def never_ends() -> None:
        async with pools.as_service() as connected:
            await connected.execute("select set_config('app.of_a_test', 'x', false)")
            begun.set_result(await connected.fetchval("select pg_backend_pid()"))
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(never_ends())
    backend = await begun
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with pools.as_service() as connected:
        assert await connected.fetchval("select pg_backend_pid()") == backend
        left = await connected.fetchval("select current_setting('app.of_a_test', true)")
    assert not left
    await pools.close()
