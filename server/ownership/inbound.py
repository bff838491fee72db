"""Somebody calls our number: a known user talks, within their plan; who else calls hears why not.

The carrier always gets instructions that it can run, also while this node drains or the database is
away: whatever else it gets it reads out as a fault. A call is written down once, under the
carrier's name for it, and goes on like any other. Who calls is known by their number alone, which
can be forged: unless their network vouches for it (`inbound.attestation`) nobody is looked up by it
and nothing of its owner's is used up, and what was said before is told under full attestation only.
"""

import asyncio
import uuid
from typing import Literal

import structlog

from db import agents, calls
from db.calls import NewCall
from db.cluster import inbox
from db.consent import contacts, pace
from db.core.failures import DATABASE_ERRORS, is_away, loggable
from db.core.rows import Connection
from media.agent import Agent
from media.events import Requested
from server.agents.store import can_call, talking
from server.calls.actions import place, refuse_new
from server.calls.carrier import connection
from server.calls.deps import CallDeps
from server.calls.unwritten import CarrierFact
from server.consent.reach import of_caller
from server.core.config import Config
from server.core.errors import AppError
from server.history import memory
from server.ownership import callbacks
from server.ownership.facts import Ring
from server.texts import missed_calls
from server.vendors.twilio import twiml
from server.vendors.twilio.forms import Form

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 6.0  # the caller hears it ring meanwhile
NOTE_SECONDS = 1.0
_BUSY = frozenset({"draining", "at_capacity", "unavailable", "too_many_at_once"})


async def answer(deps: CallDeps, ring: Ring) -> str:
    """What the carrier is to do with the call, as TwiML; nothing is raised."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _answer(deps, ring)
    except AppError as refused:
        code = refused.code
    except DATABASE_ERRORS as error:
        code = "unavailable" if is_away(error) else "internal"
        log.error("inbound_failed", error=type(error).__name__)
    except Exception as error:  # the caller hears a sentence of ours, not one of the carrier's
        code = "internal"
        log.error("inbound_failed", exc_info=loggable(error))
    log.info("inbound_refused", code=code)
    return twiml.say(sentence(deps.config, code), language=deps.config.language)


def sentence(config: Config, code: str) -> str:
    """What whoever is refused hears."""
    if code == "plan_limit":
        return config.inbound_said.over_plan
    return config.inbound_said.stranger if code == "account_closed" else config.inbound_said.busy


async def _answer(deps: CallDeps, ring: Ring) -> str:
    async with deps.pools.as_service() as connected:
        known = await calls.by_sid(connected, ring.sid)
        is_vouched_for = ring.is_vouched_for(deps.config.inbound.attestation)
        is_believed = ring.number and is_vouched_for
        user_id = await contacts.whose(connected, ring.number) if is_believed else None
    if known is not None:  # the carrier asks again
        return await callbacks.stream_over(deps, known)
    if ring.number and not is_vouched_for:
        return await _turn_away(deps, ring.sid, f"unproven:{ring.number}", "unproven")
    if user_id is None:
        return await _turn_away(deps, ring.sid, ring.number, "stranger")
    try:
        return connection(deps, await _take(deps, ring, user_id))
    except AppError as refused:
        if refused.code in _BUSY:
            await _note_missed(deps, ring, user_id)
        async with deps.transaction() as tx:  # what is said to them is paid for
            told = of_caller(deps.config, f"refused:{ring.number}")
            wait = await pace.pace(tx.connection, [told])
        if wait is not None:
            return twiml.reject()
        raise


async def _take(deps: CallDeps, ring: Ring, user_id: uuid.UUID) -> uuid.UUID:
    """Write the call down and run it here until its sound is somewhere; its id.

    Raises AppError: plan_limit, account_closed, too_many_calls, too_many_at_once, draining,
    at_capacity, unavailable.
    """
    refuse_new(deps)
    topic = deps.config.inbound_said.topic
    async with deps.pools.as_service() as connected:
        agent = await _agent(connected, deps.config)
        earlier = (
            await memory.recall(connected, deps.config, user_id, topic, ring.number)
            if ring.is_vouched_for("A")
            else ()
        )
    new = NewCall(
        uuid.uuid4(), user_id, ring.number, topic, deps.node, deps.config.cluster.lease_seconds,
        f"inbound:{ring.sid}",
    )  # fmt: skip
    requested = Requested(topic, earlier, agent=agent, inbound_sid=ring.sid)
    return (await place(deps, new, requested)).id


async def _agent(connected: Connection, config: Config) -> Agent | None:
    """Who talks with callers; the configuration's agent where theirs cannot."""
    slug = config.inbound.agent
    if not slug:
        return None
    row = await agents.by_slug(connected, slug)
    if row is None or not row.enabled or not can_call(row, config):
        log.error("inbound_agent_unusable", slug=slug)
        return None
    return talking(row, config)


async def _turn_away(
    deps: CallDeps, sid: str, counted: str, why: Literal["stranger", "unproven"]
) -> str:
    """Who is not talked with hears a sentence; who calls again and again, `counted` under this, a
    busy line, unanswered."""
    async with deps.transaction() as tx:
        is_new = await inbox.record(
            tx.connection, provider="twilio", key=f"{sid}:inbound", kind="inbound", payload={}
        )
        wait = None
        if is_new:
            wait = await pace.pace(tx.connection, [of_caller(deps.config, counted)])
    log.info("inbound_turned_away", why=why, is_heard=wait is None)
    ours = deps.config.inbound_said
    said = ours.stranger if why == "stranger" else ours.unproven
    if wait is not None:
        return twiml.reject()
    return twiml.say(said, language=deps.config.language)


async def _note_missed(deps: CallDeps, ring: Ring, user_id: uuid.UUID) -> None:
    try:
        async with asyncio.timeout(NOTE_SECONDS), deps.transaction() as tx:
            missed_calls.note(tx, user_id, ring.number)
    except DATABASE_ERRORS as error:
        log.error("missed_call_unwritten", error=type(error).__name__)


async def told(deps: CallDeps, form: Form) -> None:
    """The carrier says how a call to our number stands. Raises AppError("bad_request"), and what
    the database raises while it is not known here whose call it is."""
    sid = form.get("CallSid", "")
    here = (live.id for live in deps.live.all() if live.runner.call.facts.sid == sid)
    call_id = next(here, None)
    if call_id is None:
        async with deps.pools.as_service(for_calls=True) as connected:
            call_id = await calls.by_sid(connected, sid)
    if call_id is not None:  # else it was not taken
        await callbacks.receive(deps, CarrierFact(call_id, "status", form))
