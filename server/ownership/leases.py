"""What a node does on its own: beat, hear what the carrier told other nodes, adopt abandoned calls.

A beat renews the lease on all calls at once; one that turns out to be another's falls silent here.
Nothing is taken for abandoned before the database was there, and this node in time, for a whole
lease, since an owner that was as late comes back first. Knows no requests.
"""

import asyncio
import contextlib
import time
from functools import partial

import structlog

from db.cluster import leases
from db.cluster.leases import Held
from db.core.failures import DATABASE_ERRORS, is_away
from server.calls import unwritten
from server.calls.deps import CallDeps
from server.ownership import adoption, callbacks, handover

log = structlog.get_logger(__name__)

FACT_SECONDS = 10.0  # how far back a beat looks for what it was not told


async def run(deps: CallDeps) -> None:
    """Beat for ever, three times a lease, also while calls are adopted; a beat that fails is made
    up by the next."""
    lease_seconds = deps.config.cluster.lease_seconds
    since: float | None = None  # when the database was found to be there, and this node in time
    adopting: asyncio.Task[None] | None = None
    async with asyncio.TaskGroup() as tasks:
        while True:
            begun = time.monotonic()
            try:
                async with asyncio.timeout(lease_seconds):
                    held = await beat(deps)
            except DATABASE_ERRORS as error:
                since = None
                _away(error)
            else:
                since = time.monotonic() if since is None or held.was_late else since
                may_adopt = begun - since >= lease_seconds and not deps.live.draining
                if held.has_abandoned and may_adopt and (adopting is None or adopting.done()):
                    adopting = tasks.create_task(_adopt(deps))
            deps.live.beat_soon.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(lease_seconds / 3):
                    await deps.live.beat_soon.wait()


async def _adopt(deps: CallDeps) -> None:
    try:
        await adoption.adopt_abandoned(deps)
    except DATABASE_ERRORS as error:
        _away(error)


def _away(error: Exception) -> None:
    if not is_away(error):
        raise error
    log.error("leases_unattended", error=type(error).__name__)


async def beat(deps: CallDeps) -> Held:
    """Renew the lease on what runs here, and act on what the carrier told another node of it."""
    live = deps.live.all()
    seconds = deps.config.cluster.lease_seconds
    ids = [call.id for call in live]
    held_here = adoption.not_abandoned(deps)
    async with deps.pools.as_service(for_calls=True) as connection:
        held = await leases.hold(connection, deps.node, held_here, lease_seconds=seconds)
        told = []
        if live and held.peers:
            told = await adoption.told(connection, ids, FACT_SECONDS)
    for call in live:
        if call.id not in held.ours:
            log.warning("lease_lost", call_id=str(call.id))
            deps.live.drop(call.id, call.lease_epoch)
    for fact, event in told:
        deps.live.post_fact(fact.call_id, fact.key, event)
    return held


def follow(deps: CallDeps) -> None:
    """Hear from other nodes at once what beats would find later."""
    deps.bus.answer(adoption.RELEASE, partial(handover.release, deps))
    deps.bus.follow(callbacks.FACTS, lambda body: _told(deps, body))
    deps.bus.follow(handover.RELEASED, lambda _: deps.live.beat_soon.set())


def _told(deps: CallDeps, body: bytes) -> None:
    callbacks.act(deps, unwritten.decode(body))


async def forfeit(deps: CallDeps) -> None:
    """At the start: what this node ran in its former life is free to be taken over at once."""
    async with deps.pools.as_service(for_calls=True) as connection:
        await leases.forfeit(connection, deps.node)
