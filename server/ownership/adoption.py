"""Calls that another node ran: claimed by a higher epoch, folded from the journal, and run on.

A call lives where its sound is, so whoever is given its stream adopts it; one that nobody runs is
adopted by whoever finds it. What the carrier reported meanwhile is in the inbox, and what of it the
call has not heard of follows. Knows no requests and no sockets.
"""

import asyncio
import uuid
from collections.abc import Sequence
from decimal import Decimal

import msgspec
import structlog

from db import calls, costs
from db.accounts import tokens
from db.calls import CallRow
from db.cluster import inbox, leases
from db.cluster.inbox import Fact
from db.cluster.leases import Lease
from db.core.failures import DATABASE_ERRORS, is_away, loggable
from db.core.rows import Connection
from media.call import Call, step
from media.effects import Effect
from media.events import Adopted, Event, Side, SpeechBegan
from media.phases.ending import Ended
from server.calls.actions import live_call
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.calls.stream_tokens import StreamToken
from server.calls.writing import entry_of, write
from server.core.errors import AppError
from server.core.times import utc
from server.core.transaction import Transaction
from server.history import replay
from server.history.replay import Past
from server.ownership.facts import Told, recorded

log = structlog.get_logger(__name__)

BATCH = 50
RELEASE = "calls.release"  # asked of the owner, who writes down what it has and lets go
UNHEARD_SECONDS = 0.8  # a node is dead at most so long before it is missed at its next beat
AT_ONCE = 2  # of three connections: beats and entries go on meanwhile
UNREADABLE_SECONDS = 5.0
FACT_SECONDS = 24 * 3600.0  # longer than any call


class _TakenUp(msgspec.Struct, frozen=True):
    """A call as this node goes on with it, and what is to be done at once."""

    row: CallRow
    call: Call
    past: Past
    seq: int
    effects: list[Effect]
    facts: set[str]
    spent: Decimal


async def adopt_for_stream(deps: CallDeps, token: str, granted: StreamToken) -> LiveCall:
    """The call whose stream this node was given, from whoever ran it so far.

    Raises AppError: forbidden for a used token or a call that is over, unavailable without a
    database.
    """
    call_id = granted.call_id
    try:
        await _ask_to_let_go(deps, call_id)
        async with deps.transaction(for_calls=True) as tx:
            expires_at = utc(granted.expires_at)
            if not await tokens.burn_media_token(tx.connection, token, call_id, expires_at):
                raise AppError("forbidden")
            seconds = deps.config.cluster.lease_seconds
            lease = await leases.claim(tx.connection, deps.node, call_id, lease_seconds=seconds)
            taken = None if lease is None else await _take_up(deps, tx, lease, reconnect=False)
    except DATABASE_ERRORS as error:
        if not is_away(error):
            raise
        raise AppError("unavailable") from error
    live = None if taken is None else _run(deps, taken)
    if live is None:
        raise AppError("forbidden")
    await live.runner.running.wait()
    return live


def not_abandoned(deps: CallDeps) -> list[tuple[uuid.UUID, int]]:
    """What this node runs, by call and epoch, what has ended here but not in its row yet, and what
    another node is about to claim."""
    running = {(call.id, call.lease_epoch) for call in deps.live.all()}
    return list(running.union(deps.recorder.unwritten(), deps.live.promised(deps.clock())))


async def adopt_abandoned(deps: CallDeps) -> int:
    """Claim calls that nobody runs any more and go on with them; returns how many."""
    running = [call_id for call_id, _ in not_abandoned(deps)]
    async with deps.pools.as_service(for_calls=True) as connection:
        claimed = await leases.claim_abandoned(
            connection, deps.node, running,
            lease_seconds=deps.config.cluster.lease_seconds, limit=BATCH,
        )  # fmt: skip
    for start in range(0, len(claimed), AT_ONCE):
        some = claimed[start : start + AT_ONCE]
        await asyncio.gather(*(_adopt(deps, lease) for lease in some))
    return len(claimed)


async def _adopt(deps: CallDeps, lease: Lease) -> None:
    """Go on with a call that was claimed. One that cannot be read is left to others for a while."""
    try:
        async with deps.live.lock(lease.call_id):
            async with deps.transaction(for_calls=True) as tx:
                taken = await _take_up(deps, tx, lease, reconnect=True)
            if taken is not None:
                _run(deps, taken)
    except Exception as error:
        if is_away(error):
            raise
        log.error("adoption_failed", call_id=str(lease.call_id), exc_info=loggable(error))
        async with deps.pools.as_service(for_calls=True) as connection:
            await leases.release(connection, deps.node, lease, for_seconds=UNREADABLE_SECONDS)


async def _ask_to_let_go(deps: CallDeps, call_id: uuid.UUID) -> None:
    """Have the present owner write down what it knows; one that does not answer is fenced."""
    async with deps.pools.as_service(for_calls=True) as connection:
        row = await calls.get_any(connection, call_id)
    if row is not None and row.owner_node not in {None, deps.node}:
        await deps.bus.request(str(row.owner_node), RELEASE, call_id.bytes)


async def _take_up(
    deps: CallDeps, tx: Transaction, lease: Lease, *, reconnect: bool
) -> _TakenUp | None:
    """Fold the call, tell it that it was adopted and what it missed, and write that down. None if
    another node claimed it in between."""
    row = await calls.lock(tx.connection, lease.call_id)
    if row is None or row.lease_epoch != lease.lease_epoch:
        return None
    past = await replay.read(tx.connection, row, deps.config.call_settings)
    found = await told(tx.connection, [row.id], FACT_SECONDS)
    now = deps.clock()
    until = now if lease.seen_at is None else lease.seen_at.timestamp() + UNHEARD_SECONDS
    events: list[Event] = [
        Adopted(min(now, until), dialled=row.dial_state != "intent", reconnect=reconnect)
    ]
    known = {event for _, event in past.events}
    events += [event for _, event in found if event not in known]
    call, seq, effects, entries = past.call, past.seq, [], []
    for event in events:
        call, following = step(call, event, now)
        seq += 1
        entries.append(entry_of(row, seq, now, event, following))
        effects += following
    await write(tx, deps.config.costs, entries)
    prices, spent = deps.config.costs, Decimal()
    if prices.budget is not None:
        spent = await costs.spent(tx.connection, f"call:{row.id}", prices.currency)
    return _TakenUp(row, call, past, seq, effects, {fact.key for fact, _ in found}, spent)


async def told(
    connection: Connection, call_ids: Sequence[uuid.UUID], seconds: float
) -> list[tuple[Fact, Told]]:
    """What was recorded of these calls of late, in order; what cannot be read any more is left out:
    neither the call nor anybody else's is to end for it."""
    found = []
    for fact in await inbox.of_calls(connection, call_ids, last_seconds=seconds):
        try:
            found.append((fact, recorded(fact)))
        except (AppError, KeyError):
            log.error("webhook_unreadable", call_id=str(fact.call_id), kind=fact.kind)
    return found


def _run(deps: CallDeps, taken: _TakenUp) -> LiveCall | None:
    row = taken.row
    log.info("call_adopted", call_id=str(row.id), was=row.status, epoch=row.lease_epoch)
    if isinstance(taken.call.phase, Ended):
        return None
    utterances: dict[Side, int] = {}
    for _, event in taken.past.events:
        if isinstance(event, SpeechBegan):
            utterances[event.side] = max(event.utterance, utterances.get(event.side, 0))
    live = live_call(deps, row, taken.call, seq=taken.seq, utterances=utterances, spent=taken.spent)
    live.facts.update(taken.facts, _requests(taken.past))
    deps.live.start(live, taken.effects)
    return live


def _requests(past: Past) -> set[str]:
    """What was asked of the call where it ran before."""
    return {getattr(event, "request", "") for _, event in past.events} - {""}
