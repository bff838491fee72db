"""What somebody may see: one row of theirs, or pages of them, as row level security decides.

Ids are chosen as the user, rows are read as the service, because details stand in tables that users
cannot enter. Where a filter is about such details, the service proposes ids of the user's own and
the user's rights decide over each. Knows tables by name, and no nouns.
"""

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from db.core.rows import Connection
from db.core.visible import Place, Table, Wanted, matching_page, visible, visible_among
from server.audit.acts import Action
from server.audit.notes import denied, looked
from server.core.errors import AppError
from server.core.identity.auth import Identity
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
    """Some rows, in the order that was asked for, and where the next page begins."""

    rows: list[Row]
    cursor: Place | None


class PageOf(msgspec.Struct, frozen=True):
    """Which part of which list: so many rows after a place. `user_id`: of this user, whoever asks;
    without one and with `everybodys`, whatever they may see at all."""

    limit: int
    after: Place | None = None
    wanted: Wanted = Wanted()
    everybodys: bool = False
    user_id: uuid.UUID | None = None


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
    part: PageOf,
) -> Page[Row]:  # fmt: skip
    """A part of a list, each row as row level security lets the asker see it."""
    places, may_see = await _places(deps, who, table, part)
    ids = [row_id for _, row_id in places[: part.limit] if row_id in may_see]
    async with deps.pools.as_service() as connection:
        found = {row.id: row for row in await get_many(connection, ids)}
    rows = [found[row_id] for row_id in ids if row_id in found]
    return Page(rows, places[part.limit - 1] if len(places) > part.limit else None)


async def _places(
    deps: Node, who: Identity, table: Table, part: PageOf
) -> tuple[list[Place], set[uuid.UUID]]:
    """The places of the rows, one more than the limit where there are more, and which of them the
    asker may see. Details are the service's to read, so it is asked for the asker's own alone."""
    limit = part.limit + 1
    if part.wanted.needs_details:
        async with deps.pools.as_service() as connection:
            places = await matching_page(
                connection, table, who.user_id, part.wanted, limit=limit, after=part.after
            )
        async with deps.pools.as_user(who.claims) as connection:
            return places, await visible_among(connection, table, [place[1] for place in places])
    whose = part.user_id if part.everybodys else who.user_id
    async with deps.pools.as_user(who.claims) as connection:
        places = await matching_page(
            connection, table, whose, part.wanted, limit=limit, after=part.after
        )
    return places, {place[1] for place in places}
