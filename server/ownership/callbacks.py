"""What the carrier reports of a call, at whichever node: record it, then let the call hear of it.

The same fact may come twice, late or in any order; its natural key is written before anything
acts on it. While the database is away the call's owner acts at once, and what could not be written
waits in memory (`unwritten.py`). A fact about a call that is over may still complete the row.
"""

import asyncio
import uuid

import structlog

from db import calls
from db.accounts import tokens
from db.cluster import inbox
from db.core.failures import DATABASE_ERRORS, is_away, loggable
from media.call import step, wants_sound
from media.events import Answered, CarrierStatus
from media.phases.ending import Ended, Ending
from server.calls import stream_tokens
from server.calls.actions import TERMINAL
from server.calls.carrier import connection
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.calls.unwritten import CarrierFact
from server.calls.writing import entry_of, write
from server.core.errors import AppError
from server.core.times import utc
from server.history import replay
from server.ownership import adoption
from server.ownership.facts import event_of
from server.ownership.handover import are_others_up
from server.vendors import signatures
from server.vendors.twilio import twiml

log = structlog.get_logger(__name__)

FACTS = "calls.facts"  # told to all nodes, for the call's owner to act on at once
BURN_SECONDS = 0.3
WRITTEN_SECONDS = 2.0  # then it is kept in memory: the caller and the carrier wait for an answer
LOOK_SECONDS = 1.0


async def receive(deps: CallDeps, fact: CarrierFact) -> None:
    """Record a carrier's webhook under its natural key and pass it on; a call hears of it once.

    Raises AppError("bad_request").
    """
    event_of(fact.kind, fact.form)
    try:
        async with asyncio.timeout(WRITTEN_SECONDS):
            await record(deps, fact)
    except asyncio.CancelledError:  # whoever brought it has left
        _keep(deps, fact)
        raise
    except Exception as error:
        if not is_away(error):
            kind = type(error).__name__
            log.error("webhook_failed", kind=fact.kind, error=kind, exc_info=loggable(error))
            raise
        _keep(deps, fact)


def _keep(deps: CallDeps, fact: CarrierFact) -> None:
    """Let the call hear of it now, and record it once the database is there."""
    log.error("webhook_unwritten", call_id=str(fact.call_id), kind=fact.kind)
    act(deps, fact)
    deps.unwritten.add(fact)


async def record(deps: CallDeps, fact: CarrierFact) -> None:
    """Write it down and let the call hear of it, which it does once. Also one that is repeated:
    whoever wrote it down may have died before it was heard.

    Raises what the database raises.
    """
    key, event = event_of(fact.kind, fact.form)
    async with deps.pools.as_service(for_calls=True) as connected:
        is_new = await inbox.record(
            connected, provider="twilio", key=key, kind=fact.kind, payload=fact.form,
            call_id=fact.call_id,
        )  # fmt: skip
    told = "carrier_told" if is_new else "webhook_repeated"
    log.info(told, call_id=str(fact.call_id), kind=fact.kind)
    if not act(deps, fact):
        deps.bus.tell(FACTS, fact.encode())
        if isinstance(event, CarrierStatus):
            await _late(deps, fact.call_id, event)


def act(deps: CallDeps, fact: CarrierFact) -> bool:
    """Let the call hear of a fact, once, if it is live here."""
    key, event = event_of(fact.kind, fact.form)
    return deps.live.post_fact(fact.call_id, key, event)


async def _late(deps: CallDeps, call_id: uuid.UUID, event: CarrierStatus) -> None:
    """The call is not live here. If it is over, its row still learns from this; otherwise whoever
    runs it, or adopts it, finds what is recorded."""
    await deps.recorder.settled()  # it may have ended just now, and its journal comes first
    now = deps.clock()
    async with deps.transaction(for_calls=True) as tx:
        row = await calls.lock(tx.connection, call_id)
        if row is None:
            log.warning("webhook_of_no_call", call_id=str(call_id))
            return
        past = await replay.read(tx.connection, row, deps.config.call_settings)
        is_known = any(event == known for _, known in past.events)
        if is_known or not isinstance(past.call.phase, Ended):
            return
        _, effects = step(past.call, event, now)
        entries = [entry_of(row, past.seq + 1, now, event, effects)]
        await write(tx, deps.config.costs, entries)


async def answer(deps: CallDeps, call_id: uuid.UUID, sid: str) -> str:
    """Somebody or something picked up: the instructions (TwiML) that connect the sound."""
    live = deps.live.get(call_id)
    if live is None:
        return await _elsewhere(deps, call_id)
    if isinstance(live.runner.call.phase, Ending | Ended):
        return twiml.hang_up()
    live.runner.post(Answered(sid))
    return connection(deps, call_id)


async def stream_over(deps: CallDeps, call_id: uuid.UUID) -> str:
    """The sound stream has ended and the phone call has not: connect the sound again."""
    live = deps.live.get(call_id)
    if live is None:
        return await _elsewhere(deps, call_id)
    return connection(deps, call_id) if wants_sound(live.runner.call) else twiml.hang_up()


async def _elsewhere(deps: CallDeps, call_id: uuid.UUID) -> str:
    """Connect a call that another node runs, or none any more: whoever gets the sound adopts it.
    Nobody knows better while the database is away."""
    try:
        async with (
            asyncio.timeout(LOOK_SECONDS),
            deps.pools.as_service(for_calls=True) as connected,
        ):
            row = await calls.get_any(connected, call_id)
    except DATABASE_ERRORS as error:
        if not is_away(error):
            raise
        return connection(deps, call_id)
    if row is None or row.status in TERMINAL:
        return twiml.hang_up()
    return connection(deps, call_id)


async def open_stream(deps: CallDeps, token: str, sid: str) -> LiveCall:
    """The live call that a one-use token opens, adopted if another node ran it.

    Raises AppError: forbidden on any doubt, unavailable, draining.
    """
    granted = stream_tokens.read(signatures.tokens(deps.config.twilio), token, deps.clock())
    if granted is None or not deps.live.use(token, granted.expires_at, deps.clock()):
        raise AppError("forbidden")
    async with deps.live.lock(granted.call_id):
        live = deps.live.get(granted.call_id)
        if live is None and deps.live.draining and await are_others_up(deps):
            raise AppError("draining")
        if live is None:
            live = await adoption.adopt_for_stream(deps, token, granted)
        elif not await _burn(deps, token, granted):
            raise AppError("forbidden")
    known = live.runner.call.facts.sid
    if known not in {None, sid}:
        raise AppError("forbidden")
    if known is None:
        live.runner.post(Answered(sid))
    return live


async def _burn(deps: CallDeps, token: str, granted: stream_tokens.StreamToken) -> bool:
    """Use the token up for all nodes, if the database can be asked at once: here it is already."""
    try:
        async with (
            asyncio.timeout(BURN_SECONDS),
            deps.pools.as_service(for_calls=True) as connected,
        ):
            return await tokens.burn_media_token(
                connected, token, granted.call_id, utc(granted.expires_at)
            )
    except DATABASE_ERRORS as error:
        if not is_away(error):
            raise
        return True
