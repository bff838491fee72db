"""Letting go of calls that another node is to go on with: one whose sound begins there, and all of
them when this node drains.

Everything that happened here is committed before a call is given up. Knows no requests.
"""

import asyncio
import contextlib
import uuid

import structlog

from db.cluster import leases, nodes
from db.cluster.leases import Lease
from db.core.failures import DATABASE_ERRORS
from media.events import NodeStopping
from media.phases.dialling import Dialling
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall

log = structlog.get_logger(__name__)

RELEASED = "calls.released"  # told to all nodes: there is a call to be adopted
WRITTEN_SECONDS = 2.0  # for what this node knows to be committed
CLAIM_SECONDS = 2 * WRITTEN_SECONDS  # for that, and for the node that asked to claim the call
LOOK_SECONDS = 0.1
BOUNDARY_SECONDS = 8.0  # for whoever speaks to come to an end
GOODBYE_SECONDS = 6.0  # for words of farewell
SOUND_SECONDS = 5.0  # for the carrier to ask what to do and to open another stream


async def release(deps: CallDeps, body: bytes) -> bytes:
    """Another node has this call's sound and asks for the rest (`adoption.RELEASE`). Until that
    has claimed it, a beat here would find it abandoned and have it called back."""
    live = deps.live.get(uuid.UUID(bytes=body))
    if live is not None:
        deps.live.promise(live, deps.clock() + CLAIM_SECONDS)
        live.runner.leave()
        await live.over.wait()
    await _written(deps)
    return b""


async def _written(deps: CallDeps) -> None:
    """Have everything that calls here decided committed, if that can be."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WRITTEN_SECONDS):
            await deps.recorder.settled()


async def drain(deps: CallDeps) -> None:
    """Take nothing new. Give calls to other nodes, each when nobody is interrupted; without any
    other node, let calls end for `server.drain_seconds`, then say goodbye to the rest."""
    deps.live.drain_began.set()
    await _say_so(deps)
    while len(deps.live) and await are_others_up(deps):
        handed = deps.live.all()
        log.info("handing_over", calls=len(handed))
        await asyncio.gather(*(_hand_over(deps, live) for live in handed))
        await _until_adopted(deps, [live.id for live in handed])
    if len(deps.live):
        await _let_end(deps)


async def _say_so(deps: CallDeps) -> None:
    """Before anything is decided, so that of nodes that drain at once the last knows that."""
    with contextlib.suppress(*DATABASE_ERRORS):
        async with (
            asyncio.timeout(WRITTEN_SECONDS),
            deps.pools.as_service(for_calls=True) as connection,
        ):
            await nodes.set_state(connection, deps.node, "draining")


async def are_others_up(deps: CallDeps) -> bool:
    """Whether another node can go on with a call, as far as is known."""
    try:
        async with (
            asyncio.timeout(WRITTEN_SECONDS),
            deps.pools.as_service(for_calls=True) as connection,
        ):
            return await nodes.are_others_up(connection, deps.node)
    except DATABASE_ERRORS:
        return False


async def _until_adopted(deps: CallDeps, call_ids: list[uuid.UUID]) -> None:
    """Stay and answer the carrier until somebody has these calls, be it this node again."""
    with contextlib.suppress(*DATABASE_ERRORS):
        async with asyncio.timeout(SOUND_SECONDS):
            while True:
                async with deps.pools.as_service(for_calls=True) as connection:
                    if not await leases.count_unowned(connection, call_ids):
                        return
                await asyncio.sleep(LOOK_SECONDS)  # polls a condition with a deadline


async def _hand_over(deps: CallDeps, live: LiveCall) -> None:
    seconds = min(BOUNDARY_SECONDS, deps.config.server.drain_seconds)
    await live.runner.until_movable(seconds)
    if live.over.is_set():
        return
    has_sound = not isinstance(live.runner.call.phase, Dialling)
    live.runner.leave()
    await live.over.wait()
    await _written(deps)
    lease = Lease(live.id, live.user_id, live.lease_epoch)
    try:
        async with (
            asyncio.timeout(WRITTEN_SECONDS),
            deps.pools.as_service(for_calls=True) as connection,
        ):
            await leases.release(
                connection, deps.node, lease, for_seconds=SOUND_SECONDS if has_sound else 0
            )
    except DATABASE_ERRORS as error:
        log.error("release_failed", call_id=str(live.id), error=type(error).__name__)
    deps.bus.tell(RELEASED, live.id.bytes)


async def _let_end(deps: CallDeps) -> None:
    patience = max(0.0, deps.config.server.drain_seconds - GOODBYE_SECONDS)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await deps.live.empty.wait()
    told: set[uuid.UUID] = set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_SECONDS):
            while len(deps.live):  # a call may still come from a node that drains as well
                for live in deps.live.all():
                    if live.id not in told:
                        told.add(live.id)
                        live.runner.post(NodeStopping())
                await asyncio.sleep(LOOK_SECONDS)  # polls a condition with a deadline
    await deps.live.end_all()
