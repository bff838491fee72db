"""What somebody may see: one row of theirs, or pages of them, as row level security decides.

Ids are chosen as the user, rows are read as the service, because details stand in tables that users
cannot enter. Knows tables by name, and no nouns.
"""

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from db.core.rows import Connection
from db.core.visible import Table, visible, visible_page
from server.audit.acts import Action
from server.audit.notes import denied, looked
from server.core.auth import Identity
from server.core.errors import AppError
from server.core.node import Node


class Owned(Protocol):
    """A row with an id, somebody's, and the time it was made."""

    @property
    def id(self) -> uuid.UUID: ...

    @property
    def user_id(self) -> uuid.UUID: ...

    @property
    def created_at(self) -> dt.datetime: ...


Row = TypeVar("Row", bound=Owned)


class Page(msgspec.Struct, Generic[Row], frozen=True):
    """Some rows, newest first, and where the next page begins."""

    rows: list[Row]
    cursor: tuple[dt.datetime, uuid.UUID] | None


async def one(
    deps: Node, who: Identity, table: Table, row_id: uuid.UUID,
    get: Callable[[Connection, uuid.UUID], Awaitable[Row | None]],
) -> Row:  # fmt: skip
    """A row the asker may see; an administrator's look at another's is written down.

    Raises AppError("not_found").
    """
    async with deps.pools.as_user(who.claims) as connection:
        seen = await visible(connection, table, row_id)
    if seen:
        async with deps.pools.as_service() as connection:
            row = await get(connection, row_id)
        if row is not None:
            await looked(deps, who, row.user_id, f"{table} {row_id}")
            return row
    raise AppError("not_found")


async def refuse_to_act(
    deps: Node, who: Identity, user_id: uuid.UUID, what: Action, subject: str
) -> None:
    """Only the owner acts on what is theirs, and operators. Raises AppError("forbidden")."""
    if who.user_id != user_id and not who.operator:
        await denied(deps, who, "act.denied", subject, what)
        raise AppError("forbidden", "Only its owner and operators act on it.")


async def page(
    deps: Node, who: Identity, table: Table,
    get_many: Callable[[Connection, Sequence[uuid.UUID]], Awaitable[list[Row]]],
    limit: int, before: tuple[dt.datetime, uuid.UUID] | None, *, everybodys: bool = False,
) -> Page[Row]:  # fmt: skip
    """The asker's own rows, older than `before`; `everybodys`: whatever they may see at all."""
    whose = None if everybodys else who.user_id
    async with deps.pools.as_user(who.claims) as connection:
        ids = await visible_page(connection, table, whose, limit=limit + 1, before=before)
    async with deps.pools.as_service() as connection:
        rows = await get_many(connection, ids)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], None if last is None else (last.created_at, last.id))
