"""What a node does on its own: renew the leases of its calls, and take over abandoned ones.

A call whose node is gone cannot be talked on; it is ended at the carrier and its row and
reservation are settled by what really happened. Knows no requests.
"""

import asyncio

import structlog

from db import calls, tokens
from db.cluster import leases
from db.cluster.leases import Lease
from db.core.failures import DATABASE_ERRORS, is_away
from media.call import step
from media.events import HangUpAsked
from media.phases.ending import NODE_LOST
from server.calls.actions import live_call
from server.calls.deps import CallDeps
from server.calls.writing import Entry, write
from server.history import replay

log = structlog.get_logger(__name__)

BATCH = 50


async def run(deps: CallDeps) -> None:
    """Beat for ever, three times a lease; a beat that fails is made up by the next."""
    seconds = deps.config.cluster.lease_seconds / 3
    while True:
        try:
            await hold_leases(deps)
            await take_over(deps)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.error("leases_unattended", error=type(error).__name__)
        await asyncio.sleep(seconds)  # the beat


async def hold_leases(deps: CallDeps) -> None:
    """Renew the leases of live calls; one we lost falls silent here at once."""
    held = [Lease(call.id, call.user_id, call.lease_epoch) for call in deps.live.all()]
    if not held:
        return
    seconds = deps.config.cluster.lease_seconds
    async with deps.pools.as_service() as connection:
        ours = await leases.renew(connection, deps.node, held, lease_seconds=seconds)
    for lease in held:
        if lease.call_id not in ours:
            log.error("lease_lost", call_id=str(lease.call_id))
            deps.live.drop(lease.call_id)


async def forfeit(deps: CallDeps) -> None:
    """At the start: what this node ran in its former life is free to be taken over at once."""
    async with deps.pools.as_service() as connection:
        await leases.forfeit(connection, deps.node)
        await tokens.purge(connection)


async def take_over(deps: CallDeps) -> int:
    """Claim calls nobody runs any more and see them to their end; returns how many."""
    seconds = deps.config.cluster.lease_seconds
    async with deps.pools.as_service() as connection:
        claimed = await leases.claim_expired(
            connection, deps.node, lease_seconds=seconds, limit=BATCH
        )
    for lease in claimed:
        await _end_abandoned(deps, lease)
    return len(claimed)


async def _end_abandoned(deps: CallDeps, lease: Lease) -> None:
    event = HangUpAsked(NODE_LOST)
    now = deps.clock()
    async with deps.transaction() as tx:
        row = await calls.get_any(tx.connection, lease.call_id)
        if row is None:
            return
        past = await replay.read(tx.connection, row, deps.config.call_settings)
        call, effects = step(past.call, event, now)
        seq = past.seq + 1
        await write(tx, [Entry(row.id, row.user_id, row.lease_epoch, seq, now, event, ())])
    log.warning("call_taken_over", call_id=str(row.id), was=row.status)
    deps.live.start(live_call(deps, row, call, seq=seq), effects)
