"""What people can do with calls: start one, see it, speak into it, end it.

Rights are row level security's where rows are read, and checked here where a live call is
touched. Every write is committed before anything is published.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from decimal import Decimal
from typing import TypeVar

import msgspec
import structlog
from msgspec.structs import replace

from db import calls
from db.calls import CallRow, NewCall
from db.cluster import inbox
from db.consent import contacts
from db.core.rows import Connection
from db.history import journal
from db.history.journal import JournalEntry, JournalRow
from media.agent import Agent
from media.call import Call, Refusal, begin
from media.dialogue import Turn
from media.events import BudgetSpent, HangUpAsked, OperatorSaid, Requested, Side
from media.phases.talking.state import Talking
from media.runner import CallRunner
from server.accounts import access
from server.accounts import actions as accounts
from server.accounts.access import Page, PageOf
from server.accounts.addresses import own_addresses
from server.agents.http_tools import HttpTools
from server.agents.store import can_call, chosen, talking
from server.audit.acts import CallVerb, by
from server.audit.notes import note
from server.calls.carrier import CallCarrier
from server.calls.deps import CallDeps
from server.calls.recorder import MOST_BACKLOG, CallEventLog
from server.calls.registry import LiveCall
from server.calls.unwritten import wish_key
from server.calls.wire import CallInitiating, call_out
from server.calls.writing import carrier_name
from server.consent import reach
from server.consent.actions import MOST_WORDING
from server.consent.hours import opens, refuse_quiet
from server.core.errors import AppError
from server.core.events import of_call
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number, without_extension
from server.core.transaction import Transaction
from server.core.validation import contains, one_line
from server.costs.meter import CallMeter
from server.history import memory, replay
from server.history.said import mentions
from server.usage import actions as usage

log = structlog.get_logger(__name__)

Asking = TypeVar("Asking", bound=msgspec.Struct)
request_at_work: ContextVar[str] = ContextVar("request", default="")
"""Names what is being asked of a call just now; its journal keeps that with what came of it."""
TERMINAL = frozenset({"ended", "busy", "no_answer", "failed", "canceled", "lost"})
MAX_SAID_CHARACTERS = 500
_NOT_SPOKEN: dict[Refusal, str] = {
    "not_talking": "Words can be spoken only while the call is talking."
}


class CallRequest(msgspec.Struct, frozen=True):
    """A request for a call. `key`: the client's, under which it is placed once; `cause` its id;
    `consent` the words in which the person called agreed; `agent` who talks, by id or slug;
    `scheduled_id` the scheduled call that it is an attempt of."""

    topic: str
    to: str | None = None
    key: str | None = None
    cause: str | None = None
    consent: str | None = None
    agent: str | None = None
    scheduled_id: uuid.UUID | None = None


async def start(deps: CallDeps, who: Identity, request: CallRequest) -> CallRow:
    """Reserve one call of the plan, write the intent down, then dial; the call's row.

    Raises AppError: plan_limit, invalid_number, number_required, country_not_allowed, opted_out,
    own_only, consent_required, quiet_hours, too_many_calls, too_many_at_once, bad_request,
    at_capacity, unavailable, draining, unknown_agent, agent_deleted, agent_language.
    """
    refuse_new(deps)
    topic = one_line(request.topic, "topic", deps.config.calls.max_topic_characters)
    typed = request.to or await accounts.own_number(deps, who)
    if typed is None:
        raise AppError("number_required")
    typed, keys = without_extension(typed)
    number = callable_number(
        typed, deps.config.calls.allowed_countries, deps.config.calls.denied_prefixes
    )
    new = NewCall(
        uuid.uuid4(), who.user_id, number, topic, deps.node, deps.config.cluster.lease_seconds,
        request.key, request.scheduled_id,
    )  # fmt: skip

    async def check(tx: Transaction, row: CallRow) -> None:
        await _may_call(deps, tx, who, row, request.consent)

    async with reach.turn(deps.locks, who.user_id, number):
        async with deps.pools.as_service() as connection:
            agent = await agent_for(deps, connection, who, request.agent)
            earlier = await memory.recall(connection, deps.config, who.user_id, topic, number)
        requested = Requested(topic, earlier, keys, agent)
        return await place(deps, new, requested, check, cause=request.cause)


def refuse_new(deps: CallDeps) -> None:
    """Raises AppError while this node takes no new calls: draining, at_capacity, unavailable."""
    if deps.live.draining:
        raise AppError("draining")
    if len(deps.live) >= deps.config.calls.max_live:
        raise AppError("at_capacity")
    if deps.recorder.backlog >= MOST_BACKLOG:
        raise AppError("unavailable", "Too much of the calls there are is not written down yet.")


async def place(
    deps: CallDeps, new: NewCall, requested: Requested,
    check: Callable[[Transaction, CallRow], Awaitable[None]] | None = None, *,
    cause: str | None = None,
) -> CallRow:  # fmt: skip
    """Write the call and its first event down, reserve one call of the plan, and run it here; of
    the same key the first call. `check` may refuse it once its row is there.

    Raises AppError: plan_limit, account_closed, too_many_calls, too_many_at_once.
    """
    async with deps.transaction() as tx:
        connection = tx.connection
        row = await calls.insert_call(connection, new, inbound_sid=requested.inbound_sid or None)
        if row.id != new.id:  # the key has its call already
            return row
        if check is not None:
            await check(tx, row)
        await _count(deps, connection, row)  # what is refused most, before all that costs more
        begun = row.initiated_time  # the database's: no later time of the call may precede it
        first = JournalEntry(row.id, row.user_id, row.lease_epoch, 0, begun, requested)
        await journal.append(connection, [first])
        about = of_call(row.user_id, row.id, cause=cause)
        tx.emit(CallInitiating(call_out(row)), about)
        await usage.reserve(tx, "calls", row.id, about, deps.config.plans.warn_at_percent)
    call, effects = begin(deps.config.call_settings, requested, begun.timestamp())
    deps.live.start(live_call(deps, row, call, seq=0), effects)
    return row


async def agent_for(
    deps: CallDeps, connection: Connection, who: Identity, named: str | None
) -> Agent | None:
    """Who is to talk, as it is now: the call keeps it so, whatever is edited later."""
    row = await chosen(connection, who, named)
    if row is None:
        return None
    if not can_call(row, deps.config):
        raise AppError("agent_language", agent=row.language)
    return talking(row, deps.config)


async def _may_call(
    deps: CallDeps, tx: Transaction, who: Identity, row: CallRow, consent: str | None
) -> None:
    """All that must hold before the call of this row, just written, is placed."""
    connection, number = tx.connection, row.user_phone_number
    words = one_line(consent, "consent", MOST_WORDING) if consent is not None else None
    await contacts.note_own(connection, who.user_id, own_addresses(who))
    is_own = await reach.may_reach(tx, deps.config, who.user_id, "calls", number, words)
    if not is_own:
        await refuse_quiet(connection, deps.config, number, tx.now)
    elif await opens(connection, deps.config, number, tx.now) is not None:
        # They asked to be called just now.
        note(tx, "call.in_quiet_hours", user_id=row.user_id, subject=f"call:{row.id}")


async def _count(deps: CallDeps, connection: Connection, row: CallRow) -> None:
    """Count the attempt; always before the plan's use is reserved, in the order of their locks."""
    count = reach.count_call if row.direction == "outbound" else reach.count_inbound
    await count(connection, deps.config, row.user_id, row.user_phone_number)
    most = deps.config.calls.at_once_per_user  # counted under the lock of the user's pace
    if await calls.at_once(connection, row.user_id) > most:
        raise AppError("too_many_at_once", at_once=most)


def live_call(
    deps: CallDeps,
    row: CallRow,
    call: Call,
    *,
    seq: int,
    utterances: Mapping[Side, int] | None = None,
    spent: Decimal = Decimal(),
) -> LiveCall:
    """A call of ours, ready to run; `seq` is the journal's last, `utterances` each side's, `spent`
    what it has cost before."""
    answered_at = row.answered_time.timestamp() if row.answered_time else None
    agent = call.facts.agent
    costs = deps.config.costs.within(agent.call_budget if agent else None)
    meter = CallMeter(costs, carrier_name(row), answered_at, spent)
    engines = deps.engines.chosen(
        call.settings.language,
        agent.recogniser if agent else None,
        agent.voice if agent else None,
        agent.language_model if agent else None,
        tells_language=bool(agent and agent.languages),
    )
    is_first = engines.text_to_speech is deps.engines.text_to_speech
    runner = CallRunner(
        call,
        engines,
        CallCarrier(deps, row),
        CallEventLog(deps.recorder, row, deps.recordings.of(row), meter),
        deps.clock,
        deps.phrases if is_first else {},  # which the first voice spoke
        seq,
        utterances,
        HttpTools(deps, row.id),
    )
    meter.on_spent = lambda: runner.post(BudgetSpent())
    return LiveCall(row.id, row.user_id, row.lease_epoch, runner, meter.counter)


async def read(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> CallRow:
    """A call the asker may see. Raises AppError("not_found")."""
    return await access.one(deps, who, "calls", call_id, calls.get_any)


async def page(deps: CallDeps, who: Identity, part: PageOf) -> Page[CallRow]:
    """The asker's own calls."""
    return await access.page(deps, who, "calls", calls.get_many, part)


async def transcript(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> list[Turn]:
    """What was said in a call, in order, as meant and as heard."""
    return (await transcripts(deps, [await read(deps, who, call_id)]))[call_id]


async def transcripts(deps: CallDeps, rows: Sequence[CallRow]) -> dict[uuid.UUID, list[Turn]]:
    """What was said in each of these calls, which the asker may see."""
    for row in rows:
        await _written(deps, row.id)
    found = {}
    async with deps.pools.as_service() as connection:
        for row in rows:
            past = await replay.read(connection, row, deps.config.call_settings)
            found[row.id] = list(past.call.facts.turns)
    return found


async def mentioning(deps: CallDeps, rows: Sequence[CallRow], words: str) -> list[CallRow]:
    """Those of these calls, which the asker may see, whose topic, number or talk has the words, in
    any case. All of that is sealed, so that no statement finds it."""
    found = list[CallRow]()
    for row in rows:
        await _written(deps, row.id)
    async with deps.pools.as_service() as connection:
        for row in rows:
            if contains(f"{row.topic} {row.user_phone_number}", words) or mentions(
                await journal.read(connection, row.id), words
            ):
                found.append(row)
    return found


async def events(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> list[JournalRow]:
    """Every event that reached the call's decisions."""
    await read(deps, who, call_id)
    await _written(deps, call_id)
    async with deps.pools.as_service() as connection:
        return await journal.read(connection, call_id)


async def _written(deps: CallDeps, call_id: uuid.UUID) -> None:
    """Have all that happened to a call of ours so far in its journal, if that is quick."""
    if deps.live.get(call_id) is not None:
        await deps.recorder.written()


async def running(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> LiveCall:
    """The call, if it runs here. Raises AppError: not_found, wrong_state."""
    row = await read(deps, who, call_id)
    live = deps.live.get(call_id)
    if live is None:
        if row.status in TERMINAL:
            raise AppError("wrong_state", "The call is over.")
        raise AppError("wrong_state", "The call is just ending or on its way to another server.")
    return live


async def actable(deps: CallDeps, who: Identity, call_id: uuid.UUID, what: CallVerb) -> LiveCall:
    """The call, if it runs here and is theirs to act on. Raises as `running`, and forbidden."""
    live = await running(deps, who, call_id)
    await access.refuse_to_act(deps, who, live.user_id, what, f"call:{call_id}")
    return live


async def noted(
    deps: CallDeps, who: Identity, live: LiveCall, what: CallVerb,
    data: dict[str, str] | None = None, *, wish: str = "",
) -> None:  # fmt: skip
    """Write down what they are about to do, which nothing refuses; a `wish` for whoever has the
    call if this node dies first. Raises AppError("wrong_state") when it went elsewhere meanwhile.
    """
    async with deps.transaction() as tx:
        note(tx, what, by=by(who), user_id=live.user_id, subject=f"call:{live.id}", data=data)
        if wish:
            key = wish_key(live.id, wish)
            live.facts.add(key)
            await inbox.record(
                tx.connection, provider="twilio", key=key, kind=wish,
                payload={"call_id": str(live.id)}, call_id=live.id,
            )  # fmt: skip
    refuse_gone(deps, live)


def refuse_gone(deps: CallDeps, live: LiveCall) -> None:
    """Raises AppError("wrong_state") where the call went elsewhere, or is over, meanwhile."""
    if deps.live.get(live.id) is not live or live.runner.is_leaving:
        raise AppError("wrong_state", "The call is not live on this server any more.")


def holder(live: LiveCall) -> uuid.UUID | None:
    """Who took the call over, and alone acts on it."""
    phase = live.runner.call.phase
    held_by = phase.held_by if isinstance(phase, Talking) else None
    return live.user_id if held_by == "" else None if held_by is None else uuid.UUID(held_by)


def check(live: LiveCall, refused: Refusal | None, words: Mapping[Refusal, str]) -> None:
    """Raises AppError, where the call refuses: held_by_another, and wrong_state in words."""
    if refused == "held":
        found = holder(live)
        raise AppError("held_by_another", held_by=None if found is None else str(found))
    if refused is not None:
        raise AppError("wrong_state", words[refused])


def signed(event: Asking, who: Identity, live: LiveCall) -> Asking:
    """What somebody asks of a call, with who it was where that is not the call's owner."""
    operator_id = None if who.user_id == live.user_id else str(who.user_id)
    return replace(event, operator_id=operator_id, request=request_at_work.get())


class Revision(msgspec.Struct, frozen=True):
    """Of a live call; None once it is over."""

    rev: int | None


async def revision(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Revision:
    """The `rev` of the call's last event that dashboards got. Raises AppError("not_found")."""
    await read(deps, who, call_id)
    live = deps.live.get(call_id)
    return Revision(None if live is None else live.runner.rev)


async def hang_up(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> None:
    """End a live call. Raises AppError: not_found, forbidden, wrong_state, held_by_another."""
    live = await actable(deps, who, call_id, "call.hangup")
    wanted = signed(HangUpAsked("operator"), who, live)
    check(live, live.runner.refuses(wanted), {})
    await noted(deps, who, live, "call.hangup", wish="hangup")
    check(live, live.runner.ask(wanted), {})


async def say(
    deps: CallDeps,
    who: Identity,
    call_id: uuid.UUID,
    text: str,
    *,
    interrupt: bool,
    cause: str | None,
) -> None:
    """Have these words spoken.

    Raises AppError: not_found, forbidden, wrong_state, held_by_another, bad_request.
    """
    text = " ".join(text.split())
    if not text or len(text) > MAX_SAID_CHARACTERS:
        raise AppError("bad_request", f"`text` needs 1 to {MAX_SAID_CHARACTERS} characters.")
    live = await actable(deps, who, call_id, "call.say")
    wanted = signed(OperatorSaid(text, interrupt, cause), who, live)
    if live.runner.refuses(wanted) is None:
        await noted(deps, who, live, "call.say")
    check(live, live.runner.ask(wanted), _NOT_SPOKEN)
