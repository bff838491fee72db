"""API keys: by whose hash a program is known, what each may do, and when it was last used.

The key itself is nowhere. Knows nothing of requests; time is the database's, because several nodes
share the rows.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from db.core.rows import Connection
from db.core.sealed import Sealed

SEALED = Sealed("app.api_keys", text=("name",))

_HINT_CHARACTERS = 4

_COLUMNS = """id, user_id, hint, name, scopes, requests_per_minute, created_at, last_used_at,
    expires_at, revoked_at, successor_id"""
_IN_FORCE = "revoked_at is null and coalesce(expires_at > now(), true)"

# Nothing is written but once a minute, so a busy key costs its row no more than an idle one.
_USE = f"""
with found as (
    select id, user_id, scopes, requests_per_minute, expires_at, last_used_at
    from app.api_keys where key_hash = $1 and {_IN_FORCE}
), noted as (
    update app.api_keys k set last_used_at = now() from found f
    where k.id = f.id and coalesce(f.last_used_at < now() - interval '1 minute', true)
)
select id, user_id, scopes, requests_per_minute, expires_at from found
"""  # noqa: S608 - the condition above
_LOCK = "select from public.users where id = $1 for update"
_COUNT = f"select count(*) from app.api_keys where user_id = $1 and {_IN_FORCE}"  # noqa: S608
_INSERT = f"""
insert into app.api_keys (id, user_id, key_hash, hint, name, scopes, requests_per_minute,
    expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_COLUMNS}
"""  # noqa: S608
_LIST = f"""
select {_COLUMNS} from app.api_keys where user_id = $1
order by {_IN_FORCE} desc, created_at desc, id limit $2
"""  # noqa: S608
_GET = f"""
select {_COLUMNS} from app.api_keys where user_id = $1 and id = $2 and {_IN_FORCE} for update
"""  # noqa: S608
_REPLACE = """
update app.api_keys set successor_id = $2,
    expires_at = least(expires_at, now() + make_interval(hours => $3))
where id = $1
"""
_REVOKE = f"""
update app.api_keys set revoked_at = coalesce(revoked_at, now()) where user_id = $1 and id = $2
returning {_COLUMNS}
"""  # noqa: S608


class KeyInUse(msgspec.Struct, frozen=True):
    """Of a key in force: what a request by it needs to know."""

    id: UUID
    user_id: UUID
    scopes: list[str]
    requests_per_minute: int
    expires_at: datetime | None


class KeyRow(msgspec.Struct, frozen=True):
    """A row of app.api_keys without its hash."""

    id: UUID
    user_id: UUID
    hint: str
    name: str
    scopes: list[str]
    requests_per_minute: int
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    successor_id: UUID | None


class NewKey(msgspec.Struct, frozen=True):
    """A key about to be made; `text` is the key itself."""

    id: UUID
    user_id: UUID
    text: str
    name: str
    scopes: Sequence[str]
    requests_per_minute: int
    expires_at: datetime | None


async def use(connection: Connection, text: str) -> KeyInUse | None:
    """The key, if it is in force, with its use noted to the minute."""
    record = await connection.fetchrow(_USE, connection.keyring.hash("api_key", text))
    return None if record is None else KeyInUse(**dict(record))


async def count(connection: Connection, user_id: UUID) -> int:
    """How many of the person's keys are in force; nobody else makes one until this transaction
    ends."""
    await connection.execute(_LOCK, user_id)
    many: int = await connection.fetchval(_COUNT, user_id)
    return many


async def insert(connection: Connection, key: NewKey) -> KeyRow:
    """Keep a new key, by its hash."""
    (name,) = await SEALED.seal(connection, key.user_id, key.id, name=key.name)
    record = await connection.fetchrow(
        _INSERT, key.id, key.user_id, connection.keyring.hash("api_key", key.text),
        key.text[-_HINT_CHARACTERS:], name, key.scopes, key.requests_per_minute, key.expires_at,
    )  # fmt: skip
    return await SEALED.opened(connection, record, KeyRow)


async def list_of(connection: Connection, user_id: UUID, limit: int | None) -> list[KeyRow]:
    """The person's keys, those in force first, each newest first; all without a limit."""
    return await SEALED.many(connection, await connection.fetch(_LIST, user_id, limit), KeyRow)


async def get(connection: Connection, user_id: UUID, key_id: UUID) -> KeyRow | None:
    """A key of the person's that is in force, locked."""
    return await SEALED.one(connection, await connection.fetchrow(_GET, user_id, key_id), KeyRow)


async def replace(
    connection: Connection, key_id: UUID, successor_id: UUID, overlap_hours: int
) -> None:
    """Let a key end so many hours from now, or when it was to end anyhow."""
    await connection.execute(_REPLACE, key_id, successor_id, overlap_hours)


async def revoke(connection: Connection, user_id: UUID, key_id: UUID) -> KeyRow | None:
    """End a key of the person's now; None if there is no such key."""
    record = await connection.fetchrow(_REVOKE, user_id, key_id)
    return await SEALED.one(connection, record, KeyRow)
