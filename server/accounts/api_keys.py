"""API keys as their owner has them: made, listed, replaced, revoked.

A key is shown once, when it is made; only its hash is kept. Knows no requests by one.
"""

import datetime as dt
import uuid

import msgspec

from db.accounts import api_keys
from db.accounts.api_keys import KeyRow, NewKey
from db.core.rows import Connection
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import utc
from server.core.validation import one_line
from server.http.credentials import new_key
from server.http.scopes import Scope

MOST_NAME_CHARACTERS = 60
MOST_SHOWN = 200


class KeyRequest(msgspec.Struct, frozen=True):
    """A key that somebody wants; without a limit of its own it has the user's."""

    name: str
    scopes: tuple[Scope, ...]
    requests_per_minute: int | None = None
    expires_in_days: int | None = None


async def make(deps: Node, who: Identity, wanted: KeyRequest) -> tuple[KeyRow, str]:
    """A new key, and the key itself. Raises AppError: bad_request, too_many."""
    most = deps.config.limits.requests_per_minute
    per_minute = wanted.requests_per_minute or most
    if per_minute > most:
        raise AppError("bad_request", f"`requests_per_minute` is {most} at most.")
    days = wanted.expires_in_days
    now = utc(deps.clock())
    text = new_key()
    key = NewKey(
        id=uuid.uuid4(),
        user_id=who.user_id,
        text=text,
        name=one_line(wanted.name, "name", MOST_NAME_CHARACTERS),
        scopes=sorted(set(wanted.scopes)),
        requests_per_minute=per_minute,
        expires_at=None if days is None else now + dt.timedelta(days=days),
    )
    async with deps.pools.as_service() as connection:
        await _refuse_more(deps, connection, who)
        return await api_keys.insert(connection, key), text


async def mine(deps: Node, who: Identity) -> list[KeyRow]:
    """The asker's keys, those in force first."""
    async with deps.pools.as_service() as connection:
        return await api_keys.list_of(connection, who.user_id, MOST_SHOWN)


async def rotate(
    deps: Node, who: Identity, key_id: uuid.UUID, overlap_hours: int | None
) -> tuple[KeyRow, str]:
    """A new key of the same rights; the old one is good for some hours more, by default for those
    of the configuration. Raises AppError: not_found, wrong_state, too_many."""
    hours = deps.config.api_keys.overlap_hours if overlap_hours is None else overlap_hours
    text = new_key()
    async with deps.pools.as_service() as connection:
        await _refuse_more(deps, connection, who)
        old = await api_keys.get(connection, who.user_id, key_id)
        if old is None:
            raise AppError("not_found")
        if old.successor_id is not None:
            raise AppError("wrong_state", "This key was replaced already.")
        row = await api_keys.insert(
            connection,
            NewKey(
                id=uuid.uuid4(),
                user_id=who.user_id,
                text=text,
                name=old.name,
                scopes=old.scopes,
                requests_per_minute=old.requests_per_minute,
                expires_at=old.expires_at,
            ),
        )
        await api_keys.replace(connection, old.id, row.id, hours)
    return row, text


async def revoke(deps: Node, who: Identity, key_id: uuid.UUID) -> KeyRow:
    """End a key now. Raises AppError("not_found")."""
    async with deps.pools.as_service() as connection:
        row = await api_keys.revoke(connection, who.user_id, key_id)
    if row is None:
        raise AppError("not_found")
    return row


async def _refuse_more(deps: Node, connection: Connection, who: Identity) -> None:
    most = deps.config.api_keys.most_per_user
    if await api_keys.count(connection, who.user_id) >= most:
        raise AppError("too_many", f"You have {most} keys; revoke one first.", most=most)
