"""Legal holds: while one is in force, nothing of a person's records is deleted. Administrators set
and lift them, and each is kept for good, with who did it and why."""

import uuid

import asyncpg

from db import retention
from db.retention import HoldRow, RunRow
from server.audit.acts import SYSTEM, Actor
from server.audit.notes import note
from server.core.errors import AppError
from server.core.node import Node

HOLDS_SHOWN = 500
RUNS_SHOWN = 30


async def hold(node: Node, user_id: uuid.UUID, reason: str, by: Actor = SYSTEM) -> HoldRow:
    """Keep a person's records from here on. Raises AppError: not_found, and wrong_state for one
    whose records are held already."""
    try:
        async with node.transaction() as tx:
            row = await retention.hold(tx.connection, user_id, reason, by.id)
            if row is None:
                raise AppError("wrong_state", "Their records are held already.")
            note(tx, "hold.placed", by=by, user_id=user_id, subject=f"hold:{row.id}")
    except asyncpg.ForeignKeyViolationError:
        raise AppError("not_found") from None
    return row


async def lift(node: Node, user_id: uuid.UUID, reason: str, by: Actor = SYSTEM) -> HoldRow:
    """Let the periods hold again. Raises AppError("wrong_state") when nothing is held."""
    async with node.transaction() as tx:
        row = await retention.lift(tx.connection, user_id, reason, by.id)
        if row is None:
            raise AppError("wrong_state", "Their records are not held.")
        note(tx, "hold.lifted", by=by, user_id=user_id, subject=f"hold:{row.id}")
    return row


async def holds(node: Node) -> list[HoldRow]:
    """Those in force, then those that were lifted."""
    async with node.pools.as_service() as connection:
        return await retention.holds(connection, HOLDS_SHOWN)


async def runs(node: Node) -> list[RunRow]:
    """The last deletions, newest first."""
    async with node.pools.as_service() as connection:
        return await retention.runs(connection, RUNS_SHOWN)
