"""What follows from a conversation by phone: a wish never to be called again, a summary asked for.

A job, because the call is over and nobody waits; doing it twice changes nothing, since what it
makes has the id of the call as its key. Knows transcripts, not how they came about.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec
import structlog

from db import calls, contacts, conversations
from db.conversations import NewConversation
from db.rows import CallRow, Connection, EventRow, NewEvent
from db.streams import append_event
from media.dialogue import Prompt, Turn, asks_for_summary
from media.engines.base import EngineError
from server import history
from server.actions import emails
from server.actions.contacts import refuse_opted_out, stop
from server.actions.threads import reserve, write
from server.actions.writing import written
from server.deps import Deps
from server.errors import AppError, NotYetError, problem
from server.mail import templates
from server.recorder import publish
from server.texting.keywords import refuses_contact
from server.texting.segments import plain, shorten
from server.wire import utc

log = structlog.get_logger(__name__)

_MOST_CHARACTERS = 600


async def after_call(deps: Deps, subject: str) -> None:
    """Look at what was said in the call with this id. Raises NotYetError while the mind fails."""
    async with deps.pools.as_service() as connection:
        row = await calls.get_any(connection, uuid.UUID(subject))
        if row is None:
            return
        turns = (await history.read(connection, row, deps.config.call_settings)).call.facts.turns
    theirs = [turn.heard for turn in turns if turn.speaker == "caller"]
    if any(refuses_contact(said) for said in theirs):
        await _stop(deps, row)
        return
    wish = next((said for said in reversed(theirs) if asks_for_summary(said)), None)
    if wish is not None:
        await _summarise(deps, row, turns, wish)


async def _stop(deps: Deps, row: CallRow) -> None:
    now = utc(deps.clock())
    async with deps.pools.as_service() as connection:
        told = await stop(connection, row.user_phone_number, "asked", now)
    publish(deps.hub, told)
    log.info("asked_not_to_be_called", call_id=str(row.id))


async def _summarise(deps: Deps, row: CallRow, turns: Sequence[Turn], wish: str) -> None:
    prompt = Prompt(row.topic, tuple(turns), form="summary")
    try:
        summary = await written(deps.engines.llm, prompt, deps.config.sms.think_timeout_seconds)
    except EngineError as error:
        raise NotYetError("mind") from error
    address = await _mail_address(deps, row) if asks_for_summary(wish) == "email" else None
    if address is None:
        await _text(deps, row, summary, wish)
    else:
        await _mail(deps, row, summary, address)


async def _mail_address(deps: Deps, row: CallRow) -> str | None:
    """The user's own address, where this server can send mail at all."""
    if deps.mail is None:
        return None
    async with deps.pools.as_service() as connection:
        own = await contacts.own_addresses(connection, row.user_id)
    return next((address for address in own if "@" in address), None)


async def _mail(deps: Deps, row: CallRow, summary: str, address: str) -> None:
    now = utc(deps.clock())
    words = templates.render(
        templates.find("summary"), row.topic, {"summary": summary, "points": []}
    )
    new = emails.new_email(deps, row.user_id, address, row.topic, words, f"summary:{row.id}")
    new = msgspec.structs.replace(new, type="template", template="summary")
    try:
        async with deps.pools.as_service() as connection:
            _, told = await emails.queue(deps, connection, new, now)
    except AppError as refused:
        told = [await _notice(deps, row, refused, now)]
    publish(deps.hub, told)


async def _text(deps: Deps, row: CallRow, summary: str, wish: str) -> None:
    """Text the summary as a conversation on the same topic, so that an answer goes on from it."""
    settings, now = deps.config.sms, utc(deps.clock())
    text = shorten(plain(summary), _MOST_CHARACTERS - len(settings.introduction) - 1)
    try:
        async with deps.pools.as_service() as connection:
            told = await _write(deps, connection, row, f"{text} {settings.introduction}", wish, now)
            if told is None:
                return  # it was sent before
    except AppError as refused:
        told = [await _notice(deps, row, refused, now)]
    publish(deps.hub, told)


async def _write(
    deps: Deps, connection: Connection, row: CallRow, text: str, wish: str, now: dt.datetime
) -> list[EventRow] | None:
    key, number = f"summary:{row.id}", row.user_phone_number
    is_own = await contacts.is_own(connection, row.user_id, number)
    new = NewConversation(uuid.uuid4(), row.user_id, number, row.topic, is_own, key)
    thread = await conversations.insert(connection, new)
    if thread.id != new.id:
        return None
    await refuse_opted_out(connection, [number])
    await contacts.give_consent(connection, row.user_id, number, wish[:500], "asked in a call")
    told = await reserve(deps, connection, thread, now)
    written_now, _ = await write(connection, thread, text, "ai", now)
    return told + written_now


async def _notice(deps: Deps, row: CallRow, refused: AppError, now: dt.datetime) -> EventRow:
    """Tell the user that the summary they asked for cannot be sent, and why."""
    data = {"about": "summary", **problem(refused)}
    async with deps.pools.as_service() as connection:
        return await append_event(
            connection,
            NewEvent(uuid.uuid4(), row.user_id, "server.notice", now, f"call:{row.id}", 0, data),
        )
