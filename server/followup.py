"""What follows from a conversation by phone: an opt-out, a summary asked for.

A job, because the call is over and nobody waits; doing it twice changes nothing, since what it
makes has the id of the call as its key. Knows transcripts, not how they came about.
"""

import asyncio
import uuid
from collections import Counter
from typing import Any, Protocol

import msgspec
import structlog

from db import calls
from db.calls import CallRow
from db.consent import contacts
from db.texts import conversations
from db.texts.conversations import NewConversation
from media.agent import Agent
from media.consumption import metered
from media.dialogue import Prompt, asks_for_summary
from media.engines.base import EngineError
from media.engines.completion import complete
from media.phases.facts import CallFacts, SummaryWish
from media.wishes.reading import wish_so_far
from server.consent.actions import refuse_opted_out
from server.consent.records import give
from server.core.errors import AppError, NotYetError, problem
from server.core.events import Event, of_call
from server.core.transaction import Transaction
from server.costs.store import Use, charge
from server.emails import actions as emails
from server.emails import templates
from server.emails.deps import EmailDeps
from server.history import replay
from server.texts.deps import TextDeps
from server.texts.segments import plain, shorten
from server.texts.stopping import opt_out_everywhere
from server.texts.store import reserve, write

log = structlog.get_logger(__name__)

_MOST_CHARACTERS = 600


class FollowUpDeps(TextDeps, EmailDeps, Protocol):
    """A summary goes by text or by e-mail."""


class ServerNotice(Event, frozen=True):
    """Something the user should know; the rest is as in a problem document."""

    type, tells, schema = "server.notice", "What could not be done on its own", "NoticeData"

    about: str
    code: str
    detail: str


class SummaryRefused(ServerNotice, frozen=True):
    """A summary that was asked for cannot be sent; `problem` is why."""

    problem: dict[str, Any]

    def data(self) -> dict[str, Any]:
        """The whole problem document, and what it is about."""
        return {"about": self.about, **self.problem}


async def after_call(deps: FollowUpDeps, subject: str) -> None:
    """Look at what was said in the call with this id. Raises NotYetError while the
    language model fails."""
    async with deps.pools.as_service() as connection:
        row = await calls.get_any(connection, uuid.UUID(subject))
        if row is None:
            return
        facts = (await replay.read(connection, row, deps.config.call_settings)).call.facts
    turns = facts.turns
    theirs = [turn.heard for turn in turns if turn.speaker == "caller"]
    said = [(turn.speaker == "caller", turn.heard) for turn in turns]
    if await asyncio.to_thread(wish_so_far, said) != "no":  # 27 ms of a long call
        await _opt_out(deps, row)
        return
    wish = facts.summary
    if wish is None:
        asked = next((said for said in reversed(theirs) if asks_for_summary(said)), "")
        by = asks_for_summary(asked)
        wish = SummaryWish(by, asked) if by is not None else None
    if wish is not None:
        await _summarise(deps, row, facts, wish)


async def _opt_out(deps: FollowUpDeps, row: CallRow) -> None:
    async with deps.transaction() as tx:
        await opt_out_everywhere(tx, row.user_phone_number, "asked")
    log.info("asked_not_to_be_called", call_id=str(row.id))


async def _summarise(deps: FollowUpDeps, row: CallRow, facts: CallFacts, wish: SummaryWish) -> None:
    language = _language(deps, row, facts.agent)
    prompt = Prompt(row.topic, facts.turns, form="summary", language=language)
    consumed: Counter[str] = Counter()
    try:
        with metered(consumed):
            summary = await complete(
                deps.engines.llm, prompt, deps.config.sms.think_timeout_seconds
            )
    except EngineError as error:
        raise NotYetError("language model") from error
    async with deps.transaction() as tx:
        use = Use(f"call:{row.id}", row.user_id, "calls", consumed)
        await charge(tx, deps.config.costs, use)
    address = await _mail_address(deps, row) if wish.by == "email" else None
    if address is None:
        await _text(deps, row, facts.agent, summary, wish.words)
    else:
        await _mail(deps, row, language, summary, address)


def _language(deps: FollowUpDeps, row: CallRow, agent: Agent | None) -> str:
    """That the call went on in, or else its agent's."""
    return row.language or (agent.language if agent else None) or deps.config.language


async def _mail_address(deps: FollowUpDeps, row: CallRow) -> str | None:
    """The user's own address, where this server can send mail at all."""
    if deps.mail is None:
        return None
    async with deps.pools.as_service() as connection:
        own = await contacts.own_addresses(connection, row.user_id)
    return next((address for address in own if "@" in address), None)


async def _mail(
    deps: FollowUpDeps, row: CallRow, language: str, summary: str, address: str
) -> None:
    words = templates.render(
        templates.find("summary"), row.topic, {"summary": summary, "points": []}, language
    )
    new = emails.new_email(deps, row.user_id, address, row.topic, words, f"summary:{row.id}")
    new = msgspec.structs.replace(new, type="template", template="summary")
    try:
        async with deps.transaction() as tx:
            await emails.queue(deps, tx, new)
    except AppError as refused:
        await _notice(deps, row, refused)


async def _text(
    deps: FollowUpDeps, row: CallRow, agent: Agent | None, summary: str, request: str
) -> None:
    """Text the summary as a conversation on the same topic, so that an answer goes on from it with
    the agent of the call."""
    settings = deps.config.sms_in(_language(deps, row, agent))
    text = shorten(plain(summary), _MOST_CHARACTERS - len(settings.introduction) - 1)
    try:
        async with deps.transaction() as tx:
            await _write(deps, tx, row, agent, f"{text} {settings.introduction}", request)
    except AppError as refused:
        await _notice(deps, row, refused)


async def _write(
    deps: FollowUpDeps, tx: Transaction, row: CallRow, agent: Agent | None, text: str, request: str
) -> None:
    key, number = f"summary:{row.id}", row.user_phone_number
    is_own = await contacts.is_own(tx.connection, row.user_id, number)
    agent_id = None if agent is None else uuid.UUID(agent.id)
    new = NewConversation(uuid.uuid4(), row.user_id, number, row.topic, is_own, key, agent_id)
    thread = await conversations.insert(tx.connection, new)
    if thread.id != new.id:
        return  # it was sent before
    await refuse_opted_out(tx.connection, [number])
    await give(tx, row.user_id, number, request[:500], "asked in a call", "texts")
    await reserve(deps.config, tx, thread)
    await write(tx, thread, text, "ai")


async def _notice(deps: FollowUpDeps, row: CallRow, refused: AppError) -> None:
    """Tell the user that the summary they asked for cannot be sent, and why."""
    async with deps.transaction() as tx:
        event = SummaryRefused("summary", refused.code, refused.detail, problem(refused))
        tx.emit(event, of_call(row.user_id, row.id))
