"""The record of administrators' looks at what is not theirs."""

import uuid

from db import admin
from server.core.auth import Identity
from server.core.node import Node


async def note(deps: Node, who: Identity, user_id: uuid.UUID | None, what: str) -> None:
    """Write down that somebody looks at what is not theirs; only administrators can."""
    if who.admin and user_id != who.user_id:
        async with deps.pools.as_service() as connection:
            await admin.look(connection, who.user_id, user_id, what)
