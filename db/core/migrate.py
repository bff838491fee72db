"""Brings a database to the newest schema: our roles, each file of `migrations/`, all rights.

It knows SQL files and their checksums, not what is in them. Everything runs over one plain
connection with transaction-local locks only, so a transaction pooler may stand in between, and
nothing needs a superuser: on Supabase the owner is `postgres`, which is none.
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import asyncpg
import msgspec

from db.core.logins import PREFIX, REQUEST, SERVICE, WORKER, connect, with_prefix

_FOLDER = Path(__file__).parents[1]
_LOCK = 7_205_759_403  # any number, the same for every runner
_SCRAM_ITERATIONS = 4096  # PostgreSQL's own default

_LOCK_OUT_OTHERS = "select pg_advisory_xact_lock($1)"
_HAS_AUTH = "select exists (select from pg_namespace where nspname = 'auth')"
_LEDGER = """
create schema if not exists app;
create table if not exists app.schema_migrations (
    version text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
);
"""
_APPLIED = "select version, checksum from app.schema_migrations"
_RECORD = """
insert into app.schema_migrations (version, checksum) values ($1, $2)
on conflict (version) do update set checksum = excluded.checksum, applied_at = now()
"""
_GRANTS = "grants"  # in the ledger, beside the versions
_SERVER = "select current_setting('server_version'), clock_timestamp()"
_LOGIN = "select format('alter role %I login password %L', $1::text, $2::text)"


class MigrationError(Exception):
    """An applied file was edited since, so the schema here is not the one in the files."""


class Migration(msgspec.Struct, frozen=True):
    """One file; `version` is the YYYYMMDDHHMMSS its name begins with."""

    version: str
    sql: str
    checksum: str


def read_migrations(folder: Path = _FOLDER / "migrations") -> list[Migration]:
    """Every migration of `folder`, oldest first."""
    files = sorted(folder.glob("[0-9]*_*.sql"))
    return [
        Migration(
            file.stem.split("_")[0],
            sql := file.read_text(),
            hashlib.sha256(sql.encode()).hexdigest(),
        )
        for file in files
    ]


async def migrate(
    owner_dsn: str,
    *,
    request_password: str,
    worker_password: str,
    migrations: list[Migration] | None = None,
    role_prefix: str = PREFIX,
) -> list[str]:
    """Apply what is missing, each file in a transaction of its own; returns the versions applied.

    Safe to run from many nodes at once. Also creates the two logins, sets their passwords and, with
    the product's own files, states all rights as `grants.sql` has them.
    Raises MigrationError before it applies any file if an applied one is not what it was.
    """
    files = read_migrations() if migrations is None else migrations
    connection = await connect(owner_dsn, "the owner")
    try:
        logins = {REQUEST: request_password, WORKER: worker_password}
        await _prepare(connection, logins, role_prefix)
        async with connection.transaction():  # a pooler must not change servers midway
            before = dict(await connection.fetch(_APPLIED))
        _refuse_edited(files, before)
        applied = [file.version for file in files if await _apply(connection, file, role_prefix)]
        if migrations is None:
            await _grant(connection, files, role_prefix, is_due=bool(applied))
        return applied
    finally:
        await connection.close()


class Standing(msgspec.Struct, frozen=True):
    """How far a database is: its server's version and clock; the versions that are not applied yet,
    oldest first; and those that were, by other files than ours."""

    server_version: str
    clock: dt.datetime
    pending: list[str]
    edited: list[str]


async def look(worker_dsn: str, role_prefix: str = PREFIX) -> Standing:
    """How far the database is as the worker's login sees it, which lacks everything where the
    service has nothing to read. The server itself sees to it that nothing is changed."""
    known = {file.version: file.checksum for file in read_migrations()}
    connection = await connect(worker_dsn, with_prefix(WORKER, role_prefix))
    try:
        version, clock = await connection.fetchrow(_SERVER)
        applied: dict[str, str] = {}
        with suppress(
            asyncpg.UndefinedTableError,
            asyncpg.InsufficientPrivilegeError,
            asyncpg.InvalidParameterValueError,  # no such role
        ):
            async with connection.transaction(readonly=True):
                service = with_prefix(SERVICE, role_prefix)
                await connection.execute(f"set local role {service}")
                applied = dict(await connection.fetch(_APPLIED))
    finally:
        await connection.close()
    pending = [name for name in known if name not in applied]
    return Standing(version, clock, pending, _edited(known, applied))


async def lacking(worker_dsn: str, role_prefix: str = PREFIX) -> list[str]:
    """The versions that are not applied yet, as `look` finds them."""
    return (await look(worker_dsn, role_prefix)).pending


async def _prepare(
    connection: asyncpg.Connection, logins: Mapping[str, str], role_prefix: str
) -> None:
    async with connection.transaction():
        await connection.execute(_LOCK_OUT_OTHERS, _LOCK)
        if not await connection.fetchval(_HAS_AUTH):
            await connection.execute((_FOLDER / "supabase_shim.sql").read_text())
        roles = (_FOLDER / "roles.sql").read_text()
        await connection.execute(with_prefix(roles, role_prefix))
        await connection.execute(_LEDGER)
        for role, password in logins.items():
            verifier = scram_verifier(password)
            await connection.execute(
                await connection.fetchval(_LOGIN, with_prefix(role, role_prefix), verifier)
            )


async def _apply(connection: asyncpg.Connection, file: Migration, role_prefix: str) -> bool:
    async with connection.transaction():
        await connection.execute(_LOCK_OUT_OTHERS, _LOCK)
        applied = dict(await connection.fetch(_APPLIED))  # another node may have been first
        if file.version in applied:
            return False
        await connection.execute(with_prefix(file.sql, role_prefix))
        await connection.execute(_RECORD, file.version, file.checksum)
        return True


async def _grant(
    connection: asyncpg.Connection, files: list[Migration], role_prefix: str, *, is_due: bool
) -> None:
    """State all rights anew if something changed, unless a newer release has: they are its work."""
    sql = (_FOLDER / "grants.sql").read_text()
    checksum = hashlib.sha256(sql.encode()).hexdigest()
    async with connection.transaction():
        await connection.execute(_LOCK_OUT_OTHERS, _LOCK)
        applied = dict(await connection.fetch(_APPLIED))
        is_newer = applied.keys() - {file.version for file in files} - {_GRANTS}
        if not is_newer and (is_due or applied.get(_GRANTS) != checksum):
            await connection.execute(with_prefix(sql, role_prefix))
            await connection.execute(_RECORD, _GRANTS, checksum)


def _refuse_edited(files: list[Migration], applied: dict[str, str]) -> None:
    if edited := _edited({file.version: file.checksum for file in files}, applied):
        raise MigrationError(
            f"applied here and edited since: {', '.join(sorted(edited))};"
            " restore the file and put the change into a new one"
        )


def _edited(known: dict[str, str], applied: dict[str, str]) -> list[str]:
    # A version without a file is a newer node's work: an older one may still start beside it.
    return [name for name, checksum in applied.items() if known.get(name, checksum) != checksum]


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for `password` (RFC 5803), so that its log never sees the password."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored = base64.b64encode(hashlib.sha256(client_key).digest()).decode()
    served = base64.b64encode(server_key).decode()
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{base64.b64encode(salt).decode()}${stored}:{served}"
