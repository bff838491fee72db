"""What the carrier reports about a call: record it first, then let the call hear of it.

The same fact may come twice, late or in any order; its natural key is written before anything
acts on it. A fact about a call that is over may still complete the row, and nothing else.
"""

import uuid
from collections.abc import Mapping

import structlog

from db import calls, tokens
from db.cluster import inbox
from media.call import step
from media.effects import Publish, Record, Settle
from media.events import Answered, CarrierStatus, Event
from media.phases.ending import Ended, Ending
from media.phases.facts import TERMINAL
from media.phases.talking.state import Talking
from media.phases.waiting import Waiting
from server.calls.deps import CallDeps
from server.calls.registry import LiveCall
from server.calls.writing import Entry, write
from server.core.errors import AppError
from server.core.times import utc
from server.history import replay
from server.vendors.twilio import twiml

log = structlog.get_logger(__name__)


async def receive(
    deps: CallDeps,
    call_id: uuid.UUID,
    kind: str,
    key: str,
    payload: Mapping[str, str],
    event: Event,
) -> None:
    """Record a carrier's webhook under its natural key and pass it on, the first time only."""
    async with deps.pools.as_service() as connection:
        is_new = await inbox.record(
            connection, provider="twilio", key=key, kind=kind, payload=payload, call_id=call_id
        )
    if not is_new:
        log.info("webhook_repeated", call_id=str(call_id), kind=kind)
    elif not deps.live.post(call_id, event):
        await _late(deps, call_id, event)


async def _late(deps: CallDeps, call_id: uuid.UUID, event: Event) -> None:
    """The call is not live here. If it is over, or this ends it, its row still learns from it."""
    if not isinstance(event, CarrierStatus):
        return
    await deps.recorder.settled()  # it may have ended just now, and its journal comes first
    now = deps.clock()
    async with deps.transaction() as tx:
        row = await calls.lock(tx.connection, call_id)
        if row is None:
            log.warning("webhook_of_no_call", call_id=str(call_id))
            return
        past = await replay.read(tx.connection, row, deps.config.call_settings)
        nobody_runs_it = row.lease_until is None or row.lease_until < utc(now)
        ends_it = event.status in TERMINAL and nobody_runs_it
        if not (ends_it or isinstance(past.call.phase, Ended)):
            return  # its owner, or whoever takes it over, asks the carrier itself
        _, effects = step(past.call, event, now)
        emitted = tuple(
            effect for effect in effects if isinstance(effect, Record | Settle | Publish)
        )
        entry = Entry(row.id, row.user_id, row.lease_epoch, past.seq + 1, now, event, emitted)
        await write(tx, [entry])


async def answer(deps: CallDeps, call_id: uuid.UUID, sid: str) -> str:
    """Somebody or something picked up: the instructions (TwiML) that connect the sound."""
    live = deps.live.get(call_id)
    if live is None or isinstance(live.runner.call.phase, Ending | Ended):
        return twiml.hang_up()
    live.runner.post(Answered(sid))
    return await _connect(deps, call_id)


async def stream_over(deps: CallDeps, call_id: uuid.UUID) -> str:
    """The sound stream has ended and the phone call has not: connect the sound again."""
    live = deps.live.get(call_id)
    if live is None or not isinstance(live.runner.call.phase, Waiting | Talking):
        return twiml.hang_up()
    return await _connect(deps, call_id)


async def _connect(deps: CallDeps, call_id: uuid.UUID) -> str:
    async with deps.pools.as_service() as connection:
        token = await tokens.mint_media_token(
            connection, call_id, lifetime_seconds=deps.config.calls.media_token_seconds
        )
    origin = deps.config.server.public_url.rstrip("/")
    stream_url = f"{origin.replace('http', 'ws', 1)}/media"
    return twiml.connect(stream_url, token, f"{origin}/webhooks/twilio/connect/{call_id}")


async def open_stream(deps: CallDeps, token: str, sid: str) -> LiveCall:
    """The live call a one-use token opens. Raises AppError("forbidden") on any doubt."""
    async with deps.pools.as_service() as connection:
        call_id = await tokens.burn_media_token(connection, token) if token else None
    live = None if call_id is None else deps.live.get(call_id)
    if live is None or live.runner.call.facts.sid not in {None, sid}:
        raise AppError("forbidden")
    return live
