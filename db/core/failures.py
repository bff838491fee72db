"""What the database's refusals mean: it is away and to be tried again, or it will never take this.

The one place that sorts whatever asyncpg and the network under it raise. Knows no statements and
no tables; what is to be done about either kind is up to whoever asked.
"""

import asyncio

import asyncpg

DATABASE_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # not an InterfaceError; what a connection cut midway may raise
)
"""Everything that comes out of a use of the database, apart from faults of the caller's own."""

# Classes of SQLSTATE that say something of the server, the connection or other transactions
# (PostgreSQL, "Appendix A. PostgreSQL Error Codes").
_AWAY_CLASSES = frozenset(
    {
        "08",  # connection exception
        "0B",  # invalid transaction initiation
        "25",  # invalid transaction state: a standby during failover is read-only
        "26",  # invalid statement name: a prepared one that a pooler or a restart forgot
        "28",  # invalid authorization, while passwords are changed
        "3D",  # no such database, while one is restored
        "40",  # rolled back: serialization, deadlock
        "53",  # insufficient resources: connections, memory, disk
        "55",  # not in the needed state: a lock is held, no connections are allowed
        "57",  # operator intervention: stopping, starting, recovering, statement timeout
        "58",  # system error outside PostgreSQL
        "72",  # snapshot too old
        "F0",  # a fault in the configuration file
        "XX",  # internal error; poolers report their own troubles so, too
    }
)
_FOR_GOOD = (
    ValueError,  # asyncpg's own DataError and ClientConfigurationError
    asyncpg.UnsupportedClientFeatureError,
    asyncpg.UnsupportedServerFeatureError,
)


def is_away(error: BaseException) -> bool:
    """Whether the same statement may well succeed later: the database is absent, stopping,
    starting, recovering or overloaded, or another transaction was in the way.

    False for what is refused for good: a value no column takes, a broken constraint, a statement
    about something undefined; and for whatever is not the database's.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(is_away(one) for one in error.exceptions)
    if isinstance(error, asyncpg.InvalidCachedStatementError):  # the schema changed under a plan
        return True
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate
        return state is None or state[:2] in _AWAY_CLASSES
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, _FOR_GOOD)
    return isinstance(error, DATABASE_ERRORS)


def is_cancelled() -> bool:
    """Whether this task was asked to end, also when another error took the place of that: asyncpg
    raises one on leaving a transaction whose connection is dead."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def loggable(error: BaseException) -> BaseException | None:
    """The error, for a log's traceback; None for one of the database, whose text may hold what was
    to be written."""
    return None if isinstance(error, DATABASE_ERRORS) else error
