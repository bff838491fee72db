"""Pools of connections: requests act for a user, workers and live calls for the service, the queue
for itself. Every connection has the keys that rows are sealed with (`connection.keyring`).

Only transactions are handed out, each with its role, claims and timeouts set for itself alone, so a
transaction pooler may stand in between and nothing is left for the next one. What a process had
locked when it was frozen, the server lets go of (`idle_timeout_ms`), as others wait for it. It
knows roles, not tables. Two logins, because what is injected into a request's transaction can go
back to the login's own role and on from there, but never from the one login to the other.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import msgspec

from db.core.failures import DATABASE_ERRORS, is_cancelled
from db.core.keyring import CONNECTIONS as KEYS_CONNECTIONS
from db.core.keyring import Keyring, Mode
from db.core.logins import PREFIX, SERVICE, with_prefix
from db.core.rows import Connection
from db.core.sealing import MasterKey

_JSONB_VERSION = b"\x01"  # leads every jsonb value in PostgreSQL's binary format
_COMMAND_GRACE_SECONDS = 2.0
CLOSE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
ROLLBACK_SECONDS = 0.25  # what leaving a cancelled transaction may take
QUEUE_CONNECTIONS = 4  # one listens
CALLS_CONNECTIONS = 3

_BEGIN = """
select set_config('role', $1, true), set_config('request.jwt.claims', $2, true),
    set_config('statement_timeout', $3, true),
    set_config('idle_in_transaction_session_timeout', $4, true)
"""
_TAKES_NONE = "select current_setting('transaction_read_only')::boolean"


class Pools:
    """The open pools, until `close`."""

    def __init__(  # noqa: PLR0913 - one caller, below
        self,
        request: asyncpg.Pool,
        worker: asyncpg.Pool,
        calls: asyncpg.Pool,
        queue: asyncpg.Pool,
        keyring: Keyring,
        *,
        statement_timeout_ms: int,
        idle_timeout_ms: int,
        acquire_timeout_seconds: float,
        service: str = SERVICE,
        read_only: bool = False,
    ) -> None:
        self._request = request
        self._worker = worker
        self._calls = calls
        self._for_requests = (request, worker)
        self.keyring = keyring
        self._service = service  # its role
        self.queue = queue  # bare connections for the library of `db.cluster.jobs`
        self._timeouts_ms = (str(statement_timeout_ms), str(idle_timeout_ms))
        self._acquire_timeout_seconds = acquire_timeout_seconds
        self._read_only = read_only
        self._is_away = False
        self._next_try = 0.0  # by the loop's clock: when somebody waits for a new connection again

    @asynccontextmanager
    async def as_user(self, claims: Mapping[str, object]) -> AsyncIterator[Connection]:
        """A transaction that sees what row level security shows the holder of these JWT claims.

        The claims must be verified. Raises TimeoutError when no connection comes free in time.
        """
        text = msgspec.json.encode(claims).decode()
        async with self._transaction(self._request, "authenticated", text) as connection:
            yield connection

    @asynccontextmanager
    async def as_service(
        self, *, one_snapshot: bool = False, for_calls: bool = False
    ) -> AsyncIterator[Connection]:
        """A transaction with the service's rights. Raises TimeoutError as `as_user` does.

        With `one_snapshot` all of its statements see the database as of the same moment. What
        running calls cannot be without is `for_calls`: it has connections that nothing else uses.
        """
        pool = self._calls if for_calls else self._worker
        isolation = "repeatable_read" if one_snapshot else None
        async with self._transaction(pool, self._service, "", isolation) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(
        self, pool: asyncpg.Pool, role: str, claims: str, isolation: str | None = None
    ) -> AsyncIterator[Connection]:
        has_begun = False
        try:
            async with (
                pool.acquire(timeout=self._patience_seconds(pool)) as connection,
                _begun(connection, isolation, read_only=self._read_only),
            ):
                await connection.execute(_BEGIN, role, claims, *self._timeouts_ms)
                has_begun, self._is_away = True, False
                yield connection
        except DATABASE_ERRORS as error:
            # Leaving a transaction on a dead connection raises in the place of a cancellation.
            if is_cancelled():
                raise asyncio.CancelledError from None
            if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                await self._expire()
            elif not has_begun and not self._is_away and not _is_full(pool):
                self._is_away = True
                self._next_try = asyncio.get_running_loop().time() + CONNECT_SECONDS
            raise

    def _patience_seconds(self, pool: asyncpg.Pool) -> float:
        """How long to wait for a connection: shortly for one of those in use, longer for a new one.
        While the database is away only one at a time waits so long, to find out when it is back."""
        now = asyncio.get_running_loop().time()
        if _is_full(pool) or (self._is_away and now < self._next_try):
            return self._acquire_timeout_seconds
        self._next_try = now + CONNECT_SECONDS
        return CONNECT_SECONDS

    async def _expire(self) -> None:
        """Leave a server that was the first one before a failover: to connect anew finds the one
        that is it now."""
        for pool in self._all():
            await pool.expire_connections()

    def _all(self) -> tuple[asyncpg.Pool, ...]:
        return (*self._for_requests, self._calls, self.queue, self.keyring.pool)

    def sizes(self) -> dict[str, tuple[int, int, int]]:
        """Of each pool by name: connections in use, idle ones, and how many it may have."""
        names = ("request", "worker", "calls", "queue", "keys")
        return {
            name: (
                pool.get_size() - pool.get_idle_size(),
                pool.get_idle_size(),
                pool.get_max_size(),
            )
            for name, pool in zip(names, self._all(), strict=True)
        }

    @property
    def exhausted(self) -> bool:
        """Whether a request would have to wait for a connection that is in use."""
        return any(_is_full(pool) and not pool.get_idle_size() for pool in self._for_requests)

    async def check(self) -> None:
        """Have a statement answered on a connection for either kind of request, and a key opened.

        Raises what the database raises, also as one that takes no changes, where they are wanted,
        and MissingMasterKeyError.
        """
        for pool, role in zip(self._for_requests, ("authenticated", self._service), strict=True):
            async with self._transaction(pool, role, "") as connection:
                if not self._read_only and await connection.fetchval(_TAKES_NONE):
                    raise asyncpg.ReadOnlySQLTransactionError("the database takes no changes")
        await self.keyring.check()

    async def close(self) -> None:
        """Close all pools, once their connections have been given back; what is not given back
        within `CLOSE_SECONDS`, or hangs on a dead connection, is cut."""
        pools = self._all()
        try:
            with suppress(*DATABASE_ERRORS):
                async with asyncio.timeout(CLOSE_SECONDS):
                    for pool in pools:
                        await pool.close()
        finally:
            for pool in pools:
                pool.terminate()  # does nothing to a closed one


async def open_pools(  # noqa: PLR0913 - what a deployment may want to say
    request_dsn: str,
    worker_dsn: str,
    masters: Sequence[MasterKey],
    *,
    seal: Mode = "all",
    request_connections: int = 10,
    worker_connections: int = 10,
    statement_timeout_ms: int = 8_000,
    idle_timeout_ms: int = 0,
    acquire_timeout_seconds: float = 1.0,
    pooled: bool = False,
    read_only: bool = False,
    role_prefix: str = PREFIX,
) -> Pools:
    """Open the pools; at most so many connections each, made as they are needed. What is written
    through them is sealed with keys that the first of `masters` wraps. Raises WrongMasterKeyError.

    A transaction in which nothing is asked for `idle_timeout_ms` is rolled back; 0 is never.
    `pooled=True` is for a transaction pooler (Supabase's port 6543): no prepared statement outlives
    its transaction there. With `read_only` the server itself refuses whatever would write.
    """
    async with AsyncExitStack() as opened:

        async def one(
            dsn: str, connections: int, keyring: Keyring | None, *, bare: bool = False
        ) -> asyncpg.Pool:
            ours: dict[str, Any] = {} if bare else {"init": _prepare}
            if keyring is not None:
                ours["connection_class"] = with_keys(keyring)
            pool = await _open(dsn, connections, statement_timeout_ms, pooled, ours)
            opened.push_async_callback(pool.close)
            return pool

        keys = await one(worker_dsn, KEYS_CONNECTIONS, None, bare=True)
        keyring = Keyring(keys, masters, seal, read_only=read_only)
        await keyring.open()
        pools = Pools(
            await one(request_dsn, request_connections, keyring),
            await one(worker_dsn, worker_connections, keyring),
            await one(worker_dsn, CALLS_CONNECTIONS, keyring),
            await one(worker_dsn, QUEUE_CONNECTIONS, keyring, bare=True),
            keyring,
            service=with_prefix(SERVICE, role_prefix),
            statement_timeout_ms=statement_timeout_ms,
            idle_timeout_ms=idle_timeout_ms,
            acquire_timeout_seconds=acquire_timeout_seconds,
            read_only=read_only,
        )
        opened.pop_all()
        return pools


def login_dsn(owner_url: str, role: str, password: str) -> str:
    """The owner's database URL with another login; Supabase's `.project` user suffix is kept."""
    parts = urlsplit(owner_url)
    address = parts.netloc.rpartition("@")[2]
    _, dot, project = (parts.username or "").partition(".")
    netloc = f"{quote(role, safe='')}{dot}{project}:{quote(password, safe='')}@{address}"
    return urlunsplit(parts._replace(netloc=netloc))


async def _open(
    dsn: str, connections: int, statement_timeout_ms: int, pooled: bool, ours: dict[str, Any]
) -> asyncpg.Pool:
    # No lifetime: each statement's timer would hold the request that first ran it, body and all.
    cache = {"statement_cache_size": 0} if pooled else {"max_cached_statement_lifetime": 0}
    return await asyncpg.create_pool(
        dsn,
        min_size=1 if "init" in ours else 0,  # a command needs no queue
        max_size=connections,
        # The server's own timeout comes first; this one is for a connection that went dead.
        command_timeout=statement_timeout_ms / 1000 + _COMMAND_GRACE_SECONDS,
        reset=_keep,
        **ours,
        **cache,
    )


def with_keys(keyring: Keyring) -> type[Connection]:
    """Connections that have these keys with them."""

    class SealingConnection(Connection):  # type: ignore[misc] # asyncpg has no types
        """A connection of these pools."""

    SealingConnection.keyring = keyring
    return SealingConnection


@asynccontextmanager
async def _begun(
    connection: Connection, isolation: str | None, *, read_only: bool = False
) -> AsyncIterator[None]:
    """A transaction that whoever is cancelled leaves soon: to roll back waits for the server, and
    if that hangs the connection is cut."""
    transaction = connection.transaction(isolation=isolation, readonly=read_only)
    try:
        await transaction.start()
        try:
            yield
        except asyncio.CancelledError:
            raise
        except BaseException:
            await transaction.rollback()
            raise
        await transaction.commit()
    except asyncio.CancelledError:
        try:
            async with asyncio.timeout(ROLLBACK_SECONDS):
                await transaction.rollback()
        except DATABASE_ERRORS:
            connection.terminate()
        raise


def _is_full(pool: asyncpg.Pool) -> bool:
    """Whether it has all the connections it may have."""
    return bool(pool.get_size() >= pool.get_max_size())


async def _prepare(connection: Connection) -> None:
    """jsonb as Python values. In a transaction, because a pooler must not change servers midway."""
    async with connection.transaction():
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            format="binary",
            encoder=lambda value: _JSONB_VERSION + msgspec.json.encode(value),
            decoder=lambda data: msgspec.json.decode(data[1:]),
        )


async def _keep(connection: Connection) -> None:
    """Nothing to reset: whatever a transaction set was local to it, and the queue's library resets
    the one connection it listens on itself. Saves a round trip."""
