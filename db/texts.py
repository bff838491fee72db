"""Text conversations and their messages: the map's tables joined with what they lack.

Whoever changes a conversation holds its row lock first (`lock`), so counters are exact and messages
have an order. Knows no carrier; it only keeps a carrier status from going back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from db.rows import Connection, many, one

ConversationStatus: TypeAlias = Literal["active", "paused", "ended"]
State: TypeAlias = Literal[
    "received", "queued", "sending", "unknown", "accepted", "refused", "dropped"
]

_CONVERSATION = """c.id, c.user_id, c.phone_number, c.topic, c.message_count, c.current_exchange,
    c.status, c.created_at, c.updated_at, d.is_own, d.end_reason, d.rev, d.last_at"""
_MESSAGE = """m.id, m.conversation_id, m.user_id, m.phone_number, m.twilio_message_sid, m.direction,
    m.message_text, m.type, m.status, m.created_at, d.seq, d.state, d.state_at, d.answered_by,
    d.carrier_status, d.error_code, d.segments, d.media, d.failures"""

_INSERT = f"""
with d as (
    insert into app.conversation_details (conversation_id, user_id, phone_number, is_own,
        idempotency_key)
    values ($1, $2, $3, $5, $6) on conflict (user_id, idempotency_key) do nothing returning *
), c as (
    insert into public.sms_conversations (id, user_id, phone_number, topic)
    select d.conversation_id, d.user_id, d.phone_number, $4 from d returning *
)
select {_CONVERSATION} from c join d on d.conversation_id = c.id
"""  # noqa: S608 - the columns above
_FROM = (
    "from public.sms_conversations c join app.conversation_details d on d.conversation_id = c.id"
)
_BY_KEY = f"select {_CONVERSATION} {_FROM} where d.user_id = $1 and d.idempotency_key = $2"
_GET = f"select {_CONVERSATION} {_FROM} where c.id = $1"
_GET_MANY = f"""
select {_CONVERSATION} {_FROM} where c.id = any($1) order by c.created_at desc, c.id desc
"""
_OF_USER = f"""
select {_CONVERSATION} {_FROM} where c.user_id = $1 order by c.created_at desc, c.id desc limit $2
"""
_LOCK = "select from app.conversation_details where conversation_id = $1 for update"
_OF_NUMBER = """
select conversation_id from app.conversation_details
where phone_number = $1 and is_open order by last_out desc, conversation_id limit 1
"""
_ALL_OF_NUMBER = """
select conversation_id from app.conversation_details
where phone_number = $1 and is_open order by conversation_id
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
select {_CONVERSATION} from c join d on d.conversation_id = c.id
"""  # noqa: S608

# The carrier's sid of an inbound message is unique, so one that comes twice is added once.
_ADD = f"""
with m as (
    insert into public.sms_messages (id, conversation_id, user_id, phone_number, twilio_message_sid,
        direction, message_text, type)
    select $2, id, user_id, phone_number, $3, $4, $5, $6
    from public.sms_conversations where id = $1
    on conflict (twilio_message_sid) do nothing returning *
), d as (
    insert into app.message_details (message_id, conversation_id, state, segments, media,
        idempotency_key)
    select m.id, m.conversation_id, $7, $8, $9, $10 from m returning *
), counted as (
    update public.sms_conversations c set message_count = c.message_count + 1
    from m where c.id = m.conversation_id
), touched as (
    update app.conversation_details t set last_at = now(), rev = t.rev + 1,
        last_out = case when d.state = 'received' then t.last_out else d.seq end
    from d where t.conversation_id = d.conversation_id
)
select {_MESSAGE} from m join d on d.message_id = m.id
"""  # noqa: S608
_FROM_MESSAGES = "from public.sms_messages m join app.message_details d on d.message_id = m.id"
_BY_MESSAGE_KEY = f"""
select {_MESSAGE} {_FROM_MESSAGES} where d.conversation_id = $1 and d.idempotency_key = $2
"""
_MESSAGES = f"""
select * from (
    select {_MESSAGE} {_FROM_MESSAGES} where d.conversation_id = $1 order by d.seq desc limit $2
) newest order by seq
"""  # noqa: S608
_MESSAGE_BY_ID = f"select {_MESSAGE} {_FROM_MESSAGES} where m.id = $1"
_MESSAGE_BY_SID = f"select {_MESSAGE} {_FROM_MESSAGES} where m.twilio_message_sid = $1"
_UNANSWERED = f"""
select {_MESSAGE} {_FROM_MESSAGES}
where d.conversation_id = $1 and d.state = 'received' and d.answered_by is null order by d.seq
"""
_ANSWER = """
update app.message_details set answered_by = $2 where message_id = any($1) and answered_by is null
"""
_NEXT_UNSENT = f"""
select {_MESSAGE} {_FROM_MESSAGES}
where d.conversation_id = $1 and d.state in ('queued', 'sending', 'unknown') order by d.seq limit 1
"""
_DROP_UNSENT = f"""
with d as (
    update app.message_details set state = 'dropped', state_at = now(), error_code = $2
    where conversation_id = $1 and state = 'queued' returning *
), m as (
    update public.sms_messages m set status = 'failed' from d where m.id = d.message_id
    returning m.*
)
select {_MESSAGE} from m join d on d.message_id = m.id order by d.seq
"""  # noqa: S608
_SET_STATE = f"""
with d as (
    update app.message_details d set state = $2, state_at = now(),
        error_code = coalesce($5, d.error_code),
        failures = d.failures + ($2 = 'unknown')::integer
    where message_id = $1 returning *
), m as (
    update public.sms_messages m set twilio_message_sid = coalesce(m.twilio_message_sid, $3),
        status = coalesce(m.status, $4)
    from d where m.id = d.message_id returning m.*
)
select {_MESSAGE} from m join d on d.message_id = m.id
"""  # noqa: S608
_TOLD = f"""
with d as (
    update app.message_details d set carrier_status = $2, error_code = coalesce($3, d.error_code),
        state = case when d.state in ('sending', 'unknown', 'queued') then 'accepted'
            else d.state end,
        state_at = now()
    where message_id = $1
        and coalesce(array_position($5::text[], d.carrier_status), 0)
            < array_position($5::text[], $2)
        and not coalesce(d.carrier_status = any($6::text[]), false)
    returning *
), m as (
    update public.sms_messages m set status = $4,
        twilio_message_sid = coalesce(m.twilio_message_sid, $7)
    from d where m.id = d.message_id returning m.*
)
select {_MESSAGE} from m join d on d.message_id = m.id
"""  # noqa: S608
_FAILED_TO_ANSWER = """
update app.message_details set failures = failures + 1 where message_id = $1 returning failures
"""
_KNOWN_SIDS = (
    "select twilio_message_sid from public.sms_messages where twilio_message_sid = any($1)"
)

# docs "Message resource": the order of a message's statuses, and those after which nothing comes.
RANKS = ("queued", "accepted", "sending", "sent", "delivered", "read", "undelivered", "failed")
LAST = ("delivered", "read", "undelivered", "failed")


class NewConversation(msgspec.Struct, frozen=True):
    """A conversation about to begin; `is_own`: the number is the user's, by their token."""

    id: UUID
    user_id: UUID
    phone_number: str
    topic: str
    is_own: bool
    idempotency_key: str | None = None


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


class NewMessage(msgspec.Struct, frozen=True):
    """A message to add: received ones have the carrier's sid, ours get it when they are sent."""

    id: UUID
    conversation_id: UUID
    direction: Literal["inbound", "outbound"]
    text: str
    type: Literal["ai", "user"]
    state: State
    segments: int = 1
    media: int = 0
    sid: str | None = None
    idempotency_key: str | None = None


class MessageRow(msgspec.Struct, frozen=True):
    """A row of public.sms_messages and, from seq on, its details."""

    id: UUID
    conversation_id: UUID
    user_id: UUID
    phone_number: str
    twilio_message_sid: str | None
    direction: Literal["inbound", "outbound"]
    message_text: str
    type: Literal["ai", "user"]
    status: Literal["sent", "delivered", "failed"] | None
    created_at: datetime
    seq: int
    state: State
    state_at: datetime
    answered_by: UUID | None
    carrier_status: str | None
    error_code: int | None
    segments: int
    media: int
    failures: int


async def insert(connection: Connection, new: NewConversation) -> ConversationRow:
    """Write it down; the same idempotency key gives the first one back, whose id is another."""
    record = await connection.fetchrow(
        _INSERT, new.id, new.user_id, new.phone_number, new.topic, new.is_own, new.idempotency_key
    )
    if record is None:
        record = await connection.fetchrow(_BY_KEY, new.user_id, new.idempotency_key)
    return msgspec.convert(dict(record), ConversationRow)


async def get(connection: Connection, conversation_id: UUID) -> ConversationRow | None:
    """The conversation, whoever's it is."""
    return one(await connection.fetchrow(_GET, conversation_id), ConversationRow)


async def get_many(connection: Connection, ids: Sequence[UUID]) -> list[ConversationRow]:
    """These, newest first."""
    return many(await connection.fetch(_GET_MANY, ids), ConversationRow)


async def of_user(connection: Connection, user_id: UUID, limit: int) -> list[ConversationRow]:
    """The user's newest conversations, newest first."""
    return many(await connection.fetch(_OF_USER, user_id, limit), ConversationRow)


async def lock(connection: Connection, conversation_id: UUID) -> ConversationRow | None:
    """The conversation, which nobody else changes until this transaction ends."""
    await connection.execute(_LOCK, conversation_id)
    return await get(connection, conversation_id)


async def of_number(connection: Connection, phone_number: str) -> UUID | None:
    """Which open conversation a text from this number belongs to: where we wrote last."""
    found: UUID | None = await connection.fetchval(_OF_NUMBER, phone_number)
    return found


async def all_of_number(connection: Connection, phone_number: str) -> list[UUID]:
    """Every open conversation with this number, in the order in which they may be locked."""
    records = await connection.fetch(_ALL_OF_NUMBER, phone_number)
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
    return msgspec.convert(dict(record), ConversationRow)


async def add(connection: Connection, new: NewMessage) -> MessageRow | None:
    """Add a message to a locked conversation; None if the carrier's sid is there already."""
    record = await connection.fetchrow(
        _ADD,
        new.conversation_id,
        new.id,
        new.sid,
        new.direction,
        new.text,
        new.type,
        new.state,
        new.segments,
        new.media,
        new.idempotency_key,
    )
    return one(record, MessageRow)


async def by_key(connection: Connection, conversation_id: UUID, key: str) -> MessageRow | None:
    """The message that was added under an idempotency key."""
    return one(await connection.fetchrow(_BY_MESSAGE_KEY, conversation_id, key), MessageRow)


async def messages(connection: Connection, conversation_id: UUID, limit: int) -> list[MessageRow]:
    """The newest messages, oldest first."""
    return many(await connection.fetch(_MESSAGES, conversation_id, limit), MessageRow)


async def message(connection: Connection, message_id: UUID) -> MessageRow | None:
    """One message."""
    return one(await connection.fetchrow(_MESSAGE_BY_ID, message_id), MessageRow)


async def message_by_sid(connection: Connection, sid: str) -> MessageRow | None:
    """One message by the carrier's name for it."""
    return one(await connection.fetchrow(_MESSAGE_BY_SID, sid), MessageRow)


async def unanswered(connection: Connection, conversation_id: UUID) -> list[MessageRow]:
    """What they wrote that nothing of ours answers yet, oldest first."""
    return many(await connection.fetch(_UNANSWERED, conversation_id), MessageRow)


async def answer(connection: Connection, ids: Sequence[UUID], by: UUID) -> None:
    """Our message `by` answers these."""
    await connection.execute(_ANSWER, ids, by)


async def failed_to_answer(connection: Connection, message_id: UUID) -> int:
    """Count a failure to answer this one; how many there were."""
    failures: int = await connection.fetchval(_FAILED_TO_ANSWER, message_id)
    return failures


async def next_unsent(connection: Connection, conversation_id: UUID) -> MessageRow | None:
    """Our oldest message of a locked conversation that the carrier has not surely taken."""
    return one(await connection.fetchrow(_NEXT_UNSENT, conversation_id), MessageRow)


async def drop_unsent(
    connection: Connection, conversation_id: UUID, code: int | None
) -> list[MessageRow]:
    """Give up what is queued in a locked conversation; returns what was dropped."""
    return many(await connection.fetch(_DROP_UNSENT, conversation_id, code), MessageRow)


async def set_state(
    connection: Connection,
    message_id: UUID,
    state: State,
    *,
    sid: str | None = None,
    status: Literal["sent", "failed"] | None = None,
    code: int | None = None,
) -> MessageRow:
    """Move our message on; sid and status keep their first value."""
    record = await connection.fetchrow(_SET_STATE, message_id, state, sid, status, code)
    return msgspec.convert(dict(record), MessageRow)


async def told(
    connection: Connection,
    message_id: UUID,
    sid: str,
    carrier_status: str,
    status: Literal["sent", "delivered", "failed"],
    code: int | None,
) -> MessageRow | None:
    """Note what the carrier says of our message; None for what is older than what we know."""
    record = await connection.fetchrow(
        _TOLD, message_id, carrier_status, code, status, RANKS, LAST, sid
    )
    return one(record, MessageRow)


async def known_sids(connection: Connection, sids: Sequence[str]) -> set[str]:
    """Which of these carrier sids belong to a message of ours."""
    records = await connection.fetch(_KNOWN_SIDS, sids)
    return {record["twilio_message_sid"] for record in records}
