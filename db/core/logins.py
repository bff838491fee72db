"""The logins that a node serves with: that each can sign in, and has no more rights than it is to.

It knows the roles of `roles.sql` and what a login of theirs could become, no tables. Whatever is
wrong is told in words that say what to do.
"""

import re
import ssl
from collections.abc import Iterable

import asyncpg
import msgspec

CONNECT_SECONDS = 10.0
REQUEST, WORKER, SERVICE = "talking_request", "talking_worker", "talking_service"
PREFIX = "talking"  # of our roles' names in SQL files; another where installs share a PostgreSQL
_OURS = re.compile(rf"\b{PREFIX}_(request|worker|service|retention)\b")
_POWERS = ("is_superuser", "passes_rls", "makes_roles", "makes_databases", "replicates", "owns")
_TOLD = {
    "is_superuser": "is a superuser",
    "passes_rls": "passes row level security",
    "makes_roles": "may make roles",
    "makes_databases": "may make databases",
    "replicates": "may read everything by replication",
    "owns": "owns the tables",
}

# All that a login can become, itself included. A superuser can become everybody: that says it all.
_REACHED = """
select r.rolname as role, r.rolsuper as is_superuser, r.rolbypassrls as passes_rls,
    r.rolcreaterole as makes_roles, r.rolcreatedb as makes_databases,
    r.rolreplication as replicates, exists (
        select from pg_catalog.pg_class c
        where c.relowner = r.oid and c.relnamespace = to_regnamespace('app')
    ) as owns
from pg_catalog.pg_roles r
where pg_catalog.pg_has_role(session_user, r.oid, 'member')
    and (r.rolname = session_user or not exists (
        select from pg_catalog.pg_roles me where me.rolname = session_user and me.rolsuper
    ))
order by r.rolname <> session_user, r.rolname
"""


class LoginError(Exception):
    """A login is missing, is refused, or has rights that it must not have; the text says which."""


class Reached(msgspec.Struct, frozen=True):
    """A role that a login can become, and what it may."""

    role: str
    is_superuser: bool = False
    passes_rls: bool = False
    makes_roles: bool = False
    makes_databases: bool = False
    replicates: bool = False
    owns: bool = False


def with_prefix(sql: str, prefix: str) -> str:
    """The SQL, or a role's name, with our roles named by another prefix."""
    return _OURS.sub(rf"{prefix}_\1", sql)


def excess(login: str, reached: Iterable[Reached]) -> list[str]:
    """What the login may that it is not to, in words; nothing if it is as `roles.sql` makes it."""
    found = []
    prefix = login.rpartition("_")[0]
    request, worker, service = (with_prefix(one, prefix) for one in (REQUEST, WORKER, SERVICE))
    mine = {request: {request, "authenticated", "anon"}, worker: {worker, service}}
    for one in reached:
        which = login if one.role == login else f"{login} can become {one.role}, which"
        found += [f"{which} {_TOLD[power]}" for power in _POWERS if getattr(one, power)]
        is_other = one.role.startswith("pg_") or one.role in {*mine, service, "authenticated"}
        if is_other and one.role not in mine[login]:
            found.append(f"{login} can become {one.role}")
    return found


async def connect(dsn: str, who: str, hint: str = "") -> asyncpg.Connection:
    """A connection of its own. Raises LoginError for what only an operator can put right, and what
    the network raises otherwise. The `hint` says where the login comes from."""
    try:
        return await asyncpg.connect(dsn, statement_cache_size=0, timeout=CONNECT_SECONDS)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise LoginError(f"{who} cannot sign in: {error}{hint}") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise LoginError(f"{who} finds no such database: {error}") from error
    except ssl.SSLCertVerificationError as error:
        raise LoginError(
            f"the database's certificate is not believed ({error.verify_message}): database.tls_ca"
            " must be the file of who signed it, and database.url hold the name it was made out to"
        ) from error
    except OSError as error:
        if "rejected SSL upgrade" not in str(error):
            raise type(error)(f"{who} cannot reach the database: {error}{hint}") from error
        raise LoginError(
            f"{error}: switch TLS on there, or, where nobody else is on the way, set database.tls"
            ' = "off"'
        ) from error


async def check(dsn: str, login: str) -> None:
    """Sign in as the login and look at its rights. Raises as `connect` does, and LoginError for
    rights that it must not have."""
    setting = f"database.{login.rpartition('_')[2]}_password"
    connection = await connect(
        dsn, login, f"; `talking migrate` makes this login, with the password that {setting} says"
    )
    try:
        async with connection.transaction():  # a pooler must not change servers midway
            found = await connection.fetch(_REACHED)
    finally:
        await connection.close()
    if too_much := excess(login, [Reached(**dict(row)) for row in found]):
        raise LoginError(
            f"{'; '.join(too_much)}: a node serves with no such rights; take them from the login"
        )
