"""Text conversations: public.sms_conversations joined with what the map has no column for.

Whoever changes a conversation, or a message in it, holds its row lock first (`lock`), so counters
are exact and messages have an order. Knows no messages.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.hashed import ADDRESS
from db.core.rows import Connection
from db.core.sealed import Sealed

ConversationStatus: TypeAlias = Literal["active", "paused", "ended"]

SEALED = Sealed("public.sms_conversations", text=("phone_number", "topic"))
CLEAR = (
    Clear(SEALED),
    Clear(
        Sealed("app.conversation_details"),
        names={"id": "t.conversation_id"},
        hashes={"number_hash": "phone_number"},
        topics={"topic_hash": "topic"},
        join="join public.sms_conversations s on s.id = t.conversation_id",
        of=SEALED,
        hashed={"phone_number": ADDRESS},
    ),
)
_COLUMNS = """c.id, c.user_id, c.phone_number, c.topic, c.message_count, c.current_exchange,
    c.status, c.created_at, c.updated_at, d.is_own, d.end_reason, d.rev, d.last_at, d.agent_id"""

_INSERT = f"""
with d as (
    insert into app.conversation_details (conversation_id, user_id, is_own, idempotency_key,
        number_hash, topic_hash, agent_id)
    values ($1, $2, $5, $6, $7, $8, $9) on conflict (user_id, idempotency_key) do nothing
    returning *
), c as (
    insert into public.sms_conversations (id, user_id, phone_number, topic)
    select d.conversation_id, d.user_id, $3, $4 from d returning *
)
select {_COLUMNS} from c join d on d.conversation_id = c.id
"""  # noqa: S608 - the columns above
_FROM = (
    "from public.sms_conversations c join app.conversation_details d on d.conversation_id = c.id"
)
_BY_KEY = f"select {_COLUMNS} {_FROM} where d.user_id = $1 and d.idempotency_key = $2"
_GET = f"select {_COLUMNS} {_FROM} where c.id = $1"
_GET_MANY = f"""
select {_COLUMNS} {_FROM} where c.id = any($1) order by c.created_at desc, c.id desc
"""
_OF_USER = f"""
select {_COLUMNS} {_FROM} where c.user_id = $1 order by c.created_at desc, c.id desc limit $2
"""
_OF_ALL = f"""
select {_COLUMNS} {_FROM} order by c.created_at desc, c.id desc limit $1
"""
_LOCK = "select from app.conversation_details where conversation_id = $1 for update"
# Conversations of before the hashes have the number itself, until they are sealed.
_OF_NUMBER = """
select conversation_id from app.conversation_details
where (number_hash = $1 or phone_number = $2) and is_open
order by last_out desc, conversation_id limit 1
"""
_ALL_OF_NUMBER = """
select conversation_id from app.conversation_details
where (number_hash = $1 or phone_number = $2) and is_open order by conversation_id
"""
_IDLE = """
select conversation_id from app.conversation_details
where is_open and last_at < $1 order by last_at limit $2
"""
_CHANGE = f"""
with d as (
    update app.conversation_details
    set is_open = $2 <> 'ended', end_reason = coalesce(end_reason, $3), rev = rev + 1
    where conversation_id = $1 returning *
), c as (
    update public.sms_conversations set status = $2, current_exchange = $4
    where id = $1 returning *
)
select {_COLUMNS} from c join d on d.conversation_id = c.id
"""  # noqa: S608


class NewConversation(msgspec.Struct, frozen=True):
    """A conversation about to begin; `is_own`: the user proved the number to be theirs. Without
    `agent_id` it is the configuration's agent that writes."""

    id: UUID
    user_id: UUID
    phone_number: str
    topic: str
    is_own: bool
    idempotency_key: str | None = None
    agent_id: UUID | None = None


class ConversationRow(msgspec.Struct, frozen=True):
    """A row of public.sms_conversations and, from is_own on, its details."""

    id: UUID
    user_id: UUID
    phone_number: str
    topic: str
    message_count: int
    current_exchange: int
    status: ConversationStatus
    created_at: datetime
    updated_at: datetime
    is_own: bool
    end_reason: str | None
    rev: int
    last_at: datetime
    agent_id: UUID | None = None


async def insert(connection: Connection, new: NewConversation) -> ConversationRow:
    """Write it down; the same idempotency key gives the first one back, whose id is another."""
    keyring = connection.keyring
    number, topic = await SEALED.seal(
        connection, new.user_id, new.id, phone_number=new.phone_number, topic=new.topic
    )
    record = await connection.fetchrow(
        _INSERT, new.id, new.user_id, number, topic, new.is_own, new.idempotency_key,
        keyring.hash_address(new.phone_number), keyring.hash_topic(new.user_id, new.topic),
        new.agent_id,
    )  # fmt: skip
    if record is None:
        record = await connection.fetchrow(_BY_KEY, new.user_id, new.idempotency_key)
    return await SEALED.opened(connection, record, ConversationRow)


async def get(connection: Connection, conversation_id: UUID) -> ConversationRow | None:
    """The conversation, whoever's it is."""
    record = await connection.fetchrow(_GET, conversation_id)
    return await SEALED.one(connection, record, ConversationRow)


async def get_many(connection: Connection, ids: Sequence[UUID]) -> list[ConversationRow]:
    """These, newest first."""
    return await SEALED.many(connection, await connection.fetch(_GET_MANY, ids), ConversationRow)


async def of_user(connection: Connection, user_id: UUID, limit: int) -> list[ConversationRow]:
    """The user's newest conversations, newest first."""
    records = await connection.fetch(_OF_USER, user_id, limit)
    return await SEALED.many(connection, records, ConversationRow)


async def of_all(connection: Connection, limit: int) -> list[ConversationRow]:
    """Everybody's newest conversations, newest first."""
    return await SEALED.many(connection, await connection.fetch(_OF_ALL, limit), ConversationRow)


async def lock(connection: Connection, conversation_id: UUID) -> ConversationRow | None:
    """The conversation, which nobody else changes until this transaction ends."""
    await connection.execute(_LOCK, conversation_id)
    return await get(connection, conversation_id)


async def of_number(connection: Connection, phone_number: str) -> UUID | None:
    """Which open conversation a text from this number belongs to: where we wrote last."""
    found: UUID | None = await connection.fetchval(
        _OF_NUMBER, connection.keyring.hash_address(phone_number), phone_number
    )
    return found


async def all_of_number(connection: Connection, phone_number: str) -> list[UUID]:
    """Every open conversation with this number, in the order in which they may be locked."""
    records = await connection.fetch(
        _ALL_OF_NUMBER, connection.keyring.hash_address(phone_number), phone_number
    )
    return [record["conversation_id"] for record in records]


async def idle(connection: Connection, since: datetime, limit: int) -> list[UUID]:
    """Open conversations in which nothing was written since then."""
    return [record["conversation_id"] for record in await connection.fetch(_IDLE, since, limit)]


async def change(
    connection: Connection,
    conversation: ConversationRow,
    *,
    status: ConversationStatus | None = None,
    end_reason: str | None = None,
    exchange: int | None = None,
) -> ConversationRow:
    """Write a new status or exchange of a locked conversation; the first end reason stays."""
    record = await connection.fetchrow(
        _CHANGE,
        conversation.id,
        status or conversation.status,
        end_reason,
        conversation.current_exchange if exchange is None else exchange,
    )
    return await SEALED.opened(connection, record, ConversationRow)
