"""Sealing what was written before anything was sealed: every table that holds such rows, in pieces.

Reads and writes go on meanwhile and find either form. Knows no row.
"""

import structlog

from db import calls, emails
from db.accounts import tokens, users
from db.billing import stripe_events
from db.cluster import event_streams, idempotency, inbox
from db.consent import contacts, pace
from db.core import clear
from db.core.clear import Clear
from db.core.pool import Pools
from db.history import journal
from db.texts import conversations, messages
from server.core.node import Node

log = structlog.get_logger(__name__)

TABLES: tuple[Clear, ...] = (
    *contacts.CLEAR,
    *pace.CLEAR,
    *users.CLEAR,
    *calls.CLEAR,
    *conversations.CLEAR,
    messages.CLEAR,
    *emails.CLEAR,
    stripe_events.CLEAR,
    inbox.CLEAR,
    tokens.CLEAR,
    idempotency.CLEAR,
    *event_streams.CLEAR,
    journal.CLEAR,
)
BLOCKS = 32  # looked through, and what is in clear there written, in one transaction
AGAIN_DAYS = 7  # a table without such rows is looked through again, as an older node may have run


async def seal(node: Node) -> None:
    """The chore: look through each table in which something may be in clear."""
    for table in TABLES:
        async with node.pools.as_service() as connection:
            if await clear.is_done(connection, table, days=AGAIN_DAYS):
                continue
        await seal_table(node.pools, table)


async def seal_table(pools: Pools, table: Clear) -> int:
    """Seal what is in clear in a table; how many rows."""
    if not pools.keyring.seals(table.table):
        return 0
    async with pools.as_service() as connection:
        end = await clear.blocks(connection, table)
    sealed = 0
    for first in range(0, end, BLOCKS):
        async with pools.as_service() as connection:
            sealed += await clear.seal_piece(connection, table, first, BLOCKS)
    async with pools.as_service() as connection:
        left = await clear.count(connection, table)
        if not left:
            await clear.note_none_left(connection, table)
    if sealed or left:
        log.info("rows_sealed", table=table.name, count=sealed, left=left)
    return sealed
