"""What servers raise, and what only an outage can make asyncpg raise, sorted into two kinds."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from db.core.failures import DATABASE_ERRORS, is_away
from db.core.pool import Pools
from tests.support.database import Database, execute
from tests.support.patience import patience

AWAY = [
    OSError(), ConnectionRefusedError(), TimeoutError(),
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
    asyncpg.exceptions.ProtocolError(), asyncpg.exceptions.OutdatedSchemaCacheError("x"),
    asyncpg.InterfaceError("connection is closed"), asyncpg.InvalidCachedStatementError(),
    asyncpg.ConnectionDoesNotExistError(), asyncpg.CannotConnectNowError(),
    asyncpg.AdminShutdownError(), asyncpg.CrashShutdownError(), asyncpg.TooManyConnectionsError(),
    asyncpg.ReadOnlySQLTransactionError(), asyncpg.SerializationError(),
    asyncpg.DeadlockDetectedError(), asyncpg.LockNotAvailableError(), asyncpg.QueryCanceledError(),
    asyncpg.DiskFullError(), asyncpg.InvalidPasswordError(), asyncpg.InternalServerError(),
    asyncpg.exceptions.UnknownPostgresError("x"),
    ExceptionGroup("tasks", [OSError(), asyncpg.AdminShutdownError()]),
]  # fmt: skip
REFUSED = [
    asyncpg.DataError("value out of range"), asyncpg.UniqueViolationError(),
    asyncpg.ForeignKeyViolationError(), asyncpg.CheckViolationError(),
    asyncpg.UndefinedTableError(), asyncpg.UndefinedColumnError(), asyncpg.PostgresSyntaxError(),
    asyncpg.InsufficientPrivilegeError(), asyncpg.NumericValueOutOfRangeError(),
    asyncpg.UntranslatableCharacterError(), asyncpg.RaiseError(),
    asyncpg.ProgramLimitExceededError(), asyncpg.UnsupportedClientFeatureError("x"),
]  # fmt: skip


def _name(error: Exception) -> str:
    return type(error).__name__


@pytest.mark.parametrize("error", AWAY, ids=_name)
def test_what_says_nothing_of_the_statement_is_to_be_tried_again(error: Exception) -> None:
    assert is_away(error)
    assert isinstance(error, (*DATABASE_ERRORS, ExceptionGroup))


@pytest.mark.parametrize("error", REFUSED, ids=_name)
def test_what_the_statement_itself_is_refused_for_stays_refused(error: Exception) -> None:
    assert not is_away(error)
    assert isinstance(error, DATABASE_ERRORS)


def test_a_fault_of_the_callers_own_is_not_the_databases() -> None:
    assert not is_away(KeyError("x"))
    assert not is_away(ExceptionGroup("tasks", [OSError(), KeyError("x")]))


async def _nul(connection: asyncpg.Connection) -> None:
    await connection.execute("select $1::text", "a\x00b")


async def _nul_in_json(connection: asyncpg.Connection) -> None:
    await connection.execute("select $1::jsonb", {"a": "\x00"})


async def _too_large(connection: asyncpg.Connection) -> None:
    await connection.execute("select $1::int", 2**40)


async def _too_slow(connection: asyncpg.Connection) -> None:
    await connection.execute("set local statement_timeout = 10")
    await connection.execute("select pg_sleep(5)")


@pytest.mark.parametrize(
    ("use", "away"),
    [(_nul, False), (_nul_in_json, False), (_too_large, False), (_too_slow, True)],
)
async def test_a_real_server_is_understood(
    pools: Pools, use: Callable[[asyncpg.Connection], Awaitable[None]], away: bool
) -> None:
    with pytest.raises(DATABASE_ERRORS) as raised:
        async with pools.as_service() as connection:
            await use(connection)
    assert is_away(raised.value) == away, repr(raised.value)


async def test_a_database_that_takes_no_connections_is_away(
    pools: Pools, database: Database, postgres: str
) -> None:
    await execute(postgres, f"alter database {database.name} with allow_connections false")
    await execute(postgres, _CUT_ALL.format(database.name))
    for _ in range(3):
        with pytest.raises(DATABASE_ERRORS) as raised:
            async with pools.as_service() as connection:
                await connection.execute("select 1")
        assert is_away(raised.value), repr(raised.value)


_CUT_ALL = "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'"


async def test_closing_does_not_wait_for_ever_for_who_gives_nothing_back(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.core.pool.CLOSE_SECONDS", 0.05)
    taken = asyncio.Event()

    async def keep() -> None:
        async with pools.as_service():
            taken.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(keep())
        await taken.wait()
        async with patience():
            await pools.close()
        keeping.cancel()
    assert keeping.cancelled()
