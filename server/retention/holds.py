"""Legal holds: while one is in force, nothing of a person's records is deleted. Administrators set
and lift them, and each is kept for good, with who did it and why."""

import uuid

import asyncpg

from db import retention
from db.retention import HoldRow, RunRow
from server.accounts.view_log import note
from server.core.auth import Identity
from server.core.errors import AppError
from server.core.node import Node

HOLDS_SHOWN = 500
RUNS_SHOWN = 30


async def hold(node: Node, user_id: uuid.UUID, reason: str, by: uuid.UUID | None = None) -> HoldRow:
    """Keep a person's records from here on. Raises AppError: not_found, and wrong_state for one
    whose records are held already."""
    try:
        async with node.pools.as_service() as connection:
            row = await retention.hold(connection, user_id, reason, by)
    except asyncpg.ForeignKeyViolationError:
        raise AppError("not_found") from None
    if row is None:
        raise AppError("wrong_state", "Their records are held already.")
    return row


async def lift(node: Node, user_id: uuid.UUID, reason: str, by: uuid.UUID | None = None) -> HoldRow:
    """Let the periods hold again. Raises AppError("wrong_state") when nothing is held."""
    async with node.pools.as_service() as connection:
        row = await retention.lift(connection, user_id, reason, by)
    if row is None:
        raise AppError("wrong_state", "Their records are not held.")
    return row


async def holds(node: Node) -> list[HoldRow]:
    """Those in force, then those that were lifted."""
    async with node.pools.as_service() as connection:
        return await retention.holds(connection, HOLDS_SHOWN)


async def runs(node: Node) -> list[RunRow]:
    """The last deletions, newest first."""
    async with node.pools.as_service() as connection:
        return await retention.runs(connection, RUNS_SHOWN)


async def as_admin(
    node: Node, who: Identity, what: str, user_id: uuid.UUID | None = None
) -> uuid.UUID:
    """The administrator who does this, which is written down. Raises AppError("forbidden")."""
    if not who.admin:
        factor = "Sign in with your second factor." if who.lacks_second_factor else ""
        raise AppError("forbidden", factor)
    await note(node, who, user_id, what)
    return who.user_id
