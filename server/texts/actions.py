"""What people can do with text conversations: start one, read it, write into it, pause and end it.

Everything that changes a conversation happens under its row lock, is committed before it is
published, and leaves what is to follow (writing, sending) as durable jobs. Rights to read are row
level security's.
"""

import asyncio
import uuid
from collections.abc import Sequence

import msgspec

from db.consent import contacts
from db.core.rows import Connection
from db.texts import conversations, messages
from db.texts.conversations import ConversationRow, ConversationStatus, NewConversation
from db.texts.messages import MessageRow
from server.accounts import access
from server.accounts import actions as accounts
from server.accounts.access import Page, PageOf
from server.accounts.addresses import own_addresses
from server.agents.store import chosen
from server.audit.acts import TextVerb, by
from server.audit.notes import note
from server.consent import reach
from server.consent.actions import MOST_WORDING, refuse_opted_out
from server.consent.hours import refuse_quiet
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number
from server.core.transaction import Transaction
from server.core.validation import contains, one_line, some_text
from server.texts.deps import TextDeps
from server.texts.segments import MOST_CHARACTERS, plain
from server.texts.store import OPEN, REPLY, emit, must_ask, recently_texted, reserve, write
from server.texts.wire import (
    ConversationEnded,
    ConversationPaused,
    ConversationResumed,
    TextData,
)

MOST_MESSAGES = 200
MOST_SEARCHED_MESSAGES = 2000  # of a conversation, the newest
_MOVED: dict[ConversationStatus, type[TextData]] = {
    "paused": ConversationPaused,
    "active": ConversationResumed,
    "ended": ConversationEnded,
}
_VERBS: dict[ConversationStatus, TextVerb] = {
    "paused": "conv.paused",
    "active": "conv.active",
    "ended": "conv.ended",
}


class ConversationRequest(msgspec.Struct, frozen=True):
    """A request for a conversation. `consent` are the words the person texted agreed to; asking for
    texts to one's own verified number is consent. `agent` writes, by id or slug."""

    topic: str
    phone_number: str | None = None
    consent: str | None = None
    key: str | None = None
    cause: str | None = None
    agent: str | None = None


async def start(deps: TextDeps, who: Identity, request: ConversationRequest) -> ConversationRow:
    """Reserve one text conversation of the plan and write it down; the first text is on its way.

    Raises AppError: plan_limit, invalid_number, number_required, country_not_allowed, bad_request,
    consent_required, own_only, opted_out, quiet_hours, too_many_messages, draining, unknown_agent,
    agent_deleted.
    """
    if deps.live.draining:
        raise AppError("draining")
    topic = one_line(request.topic, "topic", deps.config.calls.max_topic_characters)
    typed = request.phone_number or await accounts.own_number(deps, who)
    if typed is None:
        raise AppError("number_required")
    number = callable_number(
        typed, deps.config.sms.allowed_countries, deps.config.calls.denied_prefixes
    )
    new_id = uuid.uuid4()
    async with reach.turn(deps.locks, who.user_id, number), deps.transaction() as tx:
        await contacts.note_own(tx.connection, who.user_id, own_addresses(who))
        is_own = await contacts.is_own(tx.connection, who.user_id, number)
        agent = await chosen(tx.connection, who, request.agent)
        new = NewConversation(
            new_id, who.user_id, number, topic, is_own, request.key,
            None if agent is None else agent.id,
        )  # fmt: skip
        row = await conversations.insert(tx.connection, new)
        if row.id != new_id:  # the key has its conversation already
            return row
        await _may_text(deps, tx, who, number, request.consent)
        await reserve(deps.config, tx, row, request.cause)
        tx.enqueue(OPEN, str(row.id))
    return row


async def _may_text(
    deps: TextDeps, tx: Transaction, who: Identity, number: str, consent: str | None
) -> None:
    """All that must hold before somebody is texted unasked."""
    connection = tx.connection
    words = one_line(consent, "consent", MOST_WORDING) if consent is not None else None
    is_own = await reach.may_reach(tx, deps.config, who.user_id, "texts", number, words)
    if not is_own:  # who asks to be texted now is texted now
        await refuse_quiet(connection, deps.config, number, tx.now)
    await reach.count_text(connection, deps.config, who.user_id, number)


async def read(deps: TextDeps, who: Identity, conversation_id: uuid.UUID) -> ConversationRow:
    """A conversation the asker may see. Raises AppError("not_found")."""
    return await access.one(deps, who, "sms_conversations", conversation_id, conversations.get)


async def newest_messages(deps: TextDeps, conversation_id: uuid.UUID) -> list[MessageRow]:
    """The newest messages of a conversation that was read, oldest first."""
    async with deps.pools.as_service() as connection:
        return await messages.newest(connection, conversation_id, MOST_MESSAGES)


async def page(deps: TextDeps, who: Identity, part: PageOf) -> Page[ConversationRow]:
    """The asker's own conversations."""
    return await access.page(deps, who, "sms_conversations", conversations.get_many, part)


async def mentioning(
    deps: TextDeps, rows: Sequence[ConversationRow], words: str
) -> list[ConversationRow]:
    """Those of these conversations, which the asker may see, whose topic, number or texts have the
    words, in any case. All of that is sealed, so that no statement finds it."""
    found = []
    async with deps.pools.as_service() as connection:
        for row in rows:
            texts = await messages.newest(connection, row.id, MOST_SEARCHED_MESSAGES)
            if await asyncio.to_thread(_mentions, row, texts, words):
                found.append(row)
    return found


def _mentions(row: ConversationRow, texts: Sequence[MessageRow], words: str) -> bool:
    said = (row.topic, row.phone_number, *(one.message_text for one in texts))
    return any(contains(one, words) for one in said)


async def say(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, text: str, *, key: str | None,
    cause: str | None,
) -> MessageRow:  # fmt: skip
    """Write into a conversation in the agent's place; what they wrote last counts as answered.

    Raises AppError: consent_required, not_found, forbidden, wrong_state, bad_request, opted_out,
    quiet_hours, too_many_messages.
    """
    await _refuse_to_act(deps, who, conversation_id, "sms.send")
    text = plain(some_text(text, "text", MOST_CHARACTERS))
    async with deps.transaction() as tx:
        connection = tx.connection
        row = await _open(connection, conversation_id)
        if key is not None and (known := await messages.by_key(connection, row.id, key)):
            return known
        await refuse_opted_out(connection, [row.phone_number])
        if await must_ask(deps.config, connection, row):
            raise AppError("consent_required", "They have not answered the first text yet.")
        if not row.is_own and not await recently_texted(deps.config, connection, row.id, tx.now):
            await refuse_quiet(connection, deps.config, row.phone_number, tx.now)
        await reach.count_text(connection, deps.config, row.user_id, row.phone_number)
        note(tx, "sms.send", by=by(who), user_id=row.user_id, subject=f"conv:{row.id}")
        return await write(tx, row, text, "user", key=key, cause=cause)


async def pause(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, cause: str | None = None
) -> ConversationRow:
    """The agent answers no more until `resume`; what comes in is kept. Raises as `say` does."""
    return await _move(deps, who, conversation_id, "paused", cause)


async def resume(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, cause: str | None = None
) -> ConversationRow:
    """The agent goes on, and answers what came meanwhile."""
    return await _move(deps, who, conversation_id, "active", cause)


async def end(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, cause: str | None = None
) -> ConversationRow:
    """No more texts in this conversation; one that is over stays as it is."""
    row = await read(deps, who, conversation_id)
    return row if row.status == "ended" else await _move(deps, who, row.id, "ended", cause)


async def _move(
    deps: TextDeps,
    who: Identity,
    conversation_id: uuid.UUID,
    status: ConversationStatus,
    cause: str | None,
) -> ConversationRow:
    await _refuse_to_act(deps, who, conversation_id, _VERBS[status])
    async with deps.transaction() as tx:
        row = await _open(tx.connection, conversation_id)
        if row.status == status:
            return row
        reason = "user" if status == "ended" else None
        row = await conversations.change(tx.connection, row, status=status, end_reason=reason)
        note(tx, _VERBS[status], by=by(who), user_id=row.user_id, subject=f"conv:{row.id}")
        emit(tx, row, _MOVED[status], cause=cause)
        if status == "active" and (waiting := await messages.unanswered(tx.connection, row.id)):
            tx.enqueue(REPLY, str(waiting[-1].id))
    return row


async def _refuse_to_act(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, what: TextVerb
) -> None:
    row = await read(deps, who, conversation_id)
    await access.refuse_to_act(deps, who, row.user_id, what, f"conv:{conversation_id}")


async def _open(connection: Connection, conversation_id: uuid.UUID) -> ConversationRow:
    """The conversation, locked. Raises AppError("wrong_state") when it is over."""
    row = await conversations.lock(connection, conversation_id)
    if row is None:
        raise AppError("not_found")
    if row.status == "ended":
        raise AppError("wrong_state", "This conversation is over; start a new one.")
    return row
