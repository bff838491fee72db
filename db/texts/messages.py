"""Texts: public.sms_messages joined with how they were sent, told of and answered.

The conversation's row lock (`db.texts.conversations.lock`) is held by whoever adds or sends one.
Knows no carrier; it only keeps a carrier's status from going back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.rows import Connection
from db.core.sealed import Sealed

State: TypeAlias = Literal[
    "received", "queued", "sending", "unknown", "accepted", "refused", "dropped"
]

SEALED = Sealed("public.sms_messages", text=("phone_number", "message_text"))
CLEAR = Clear(SEALED)
_COLUMNS = """m.id, m.conversation_id, m.user_id, m.phone_number, m.twilio_message_sid, m.direction,
    m.message_text, m.type, m.status, m.created_at, d.seq, d.state, d.state_at, d.answered_by,
    d.carrier_status, d.error_code, d.segments, d.media, d.failures"""


# The carrier's sid of an inbound message is unique, so one that comes twice is added once.
_ADD = f"""
with m as (
    insert into public.sms_messages (id, conversation_id, user_id, phone_number, twilio_message_sid,
        direction, message_text, type)
    values ($2, $1, $11, $12, $3, $4, $5, $6)
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
select {_COLUMNS} from m join d on d.message_id = m.id
"""  # noqa: S608
_FROM = "from public.sms_messages m join app.message_details d on d.message_id = m.id"
_BY_KEY = f"""
select {_COLUMNS} {_FROM} where d.conversation_id = $1 and d.idempotency_key = $2
"""
_NEWEST = f"""
select * from (
    select {_COLUMNS} {_FROM} where d.conversation_id = $1 order by d.seq desc limit $2
) newest order by seq
"""  # noqa: S608
_GET = f"select {_COLUMNS} {_FROM} where m.id = $1"
_GET_MANY = f"select {_COLUMNS} {_FROM} where m.id = any($1) order by m.created_at, m.id"
_BY_SID = f"select {_COLUMNS} {_FROM} where m.twilio_message_sid = $1"
_UNANSWERED = f"""
select {_COLUMNS} {_FROM}
where d.conversation_id = $1 and d.state = 'received' and d.answered_by is null order by d.seq
"""
_ANSWER = """
update app.message_details set answered_by = $2 where message_id = any($1) and answered_by is null
"""
_NEXT_UNSENT = f"""
select {_COLUMNS} {_FROM}
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
select {_COLUMNS} from m join d on d.message_id = m.id order by d.seq
"""  # noqa: S608
_SET_STATE = f"""
with d as (
    update app.message_details d set state_at = now(),
        state = case d.state when 'accepted' then d.state else $2 end, -- a callback may be quicker
        error_code = coalesce($5, d.error_code)
    where message_id = $1 returning *
), m as (
    update public.sms_messages m set twilio_message_sid = coalesce(m.twilio_message_sid, $3),
        status = coalesce(m.status, $4)
    from d where m.id = d.message_id returning m.*
)
select {_COLUMNS} from m join d on d.message_id = m.id
"""  # noqa: S608
_LEAVE_AT = """
update app.message_details set state = $2, state_at = now()
where message_id = $1 and state = $3 and state_at = $4
"""
_RECORD_DELIVERY = f"""
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
select {_COLUMNS} from m join d on d.message_id = m.id
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


class NewMessage(msgspec.Struct, frozen=True):
    """A message to add to the user's conversation with the number: received ones have the carrier's
    sid, ours get it when they are sent."""

    id: UUID
    conversation_id: UUID
    user_id: UUID
    phone_number: str
    direction: Literal["inbound", "outbound"]
    text: str
    type: Literal["ai", "user"]
    state: State
    segments: int = 1
    media: int = 0
    sid: str | None = None
    idempotency_key: str | None = None


_EVER_ANSWERED = """
select exists (select from public.sms_messages m
    join app.conversation_details c on c.conversation_id = m.conversation_id
    where m.user_id = $1 and (c.number_hash = $2 or c.phone_number = $3)
        and m.direction = 'inbound')
"""


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


async def ever_answered(connection: Connection, user_id: UUID, number: str) -> bool:
    """Whether the number ever texted in a conversation of this user's."""
    found: bool = await connection.fetchval(
        _EVER_ANSWERED, user_id, connection.keyring.hash_address(number), number
    )
    return found


async def add(connection: Connection, new: NewMessage) -> MessageRow | None:
    """Add a message to a locked conversation; None if the carrier's sid is there already."""
    number, text = await SEALED.seal(
        connection, new.user_id, new.id, phone_number=new.phone_number, message_text=new.text
    )
    record = await connection.fetchrow(
        _ADD, new.conversation_id, new.id, new.sid, new.direction, text, new.type, new.state,
        new.segments, new.media, new.idempotency_key, new.user_id, number,
    )  # fmt: skip
    return await SEALED.one(connection, record, MessageRow)


async def by_key(connection: Connection, conversation_id: UUID, key: str) -> MessageRow | None:
    """The message that was added under an idempotency key."""
    record = await connection.fetchrow(_BY_KEY, conversation_id, key)
    return await SEALED.one(connection, record, MessageRow)


async def newest(connection: Connection, conversation_id: UUID, limit: int) -> list[MessageRow]:
    """The newest messages, oldest first."""
    records = await connection.fetch(_NEWEST, conversation_id, limit)
    return await SEALED.many(connection, records, MessageRow)


async def get(connection: Connection, message_id: UUID) -> MessageRow | None:
    """One message."""
    record = await connection.fetchrow(_GET, message_id)
    return await SEALED.one(connection, record, MessageRow)


async def get_many(connection: Connection, ids: Sequence[UUID]) -> list[MessageRow]:
    """These, oldest first."""
    return await SEALED.many(connection, await connection.fetch(_GET_MANY, ids), MessageRow)


async def by_sid(connection: Connection, sid: str) -> MessageRow | None:
    """One message by the carrier's name for it."""
    record = await connection.fetchrow(_BY_SID, sid)
    return await SEALED.one(connection, record, MessageRow)


async def unanswered(connection: Connection, conversation_id: UUID) -> list[MessageRow]:
    """What they wrote that nothing of ours answers yet, oldest first."""
    records = await connection.fetch(_UNANSWERED, conversation_id)
    return await SEALED.many(connection, records, MessageRow)


async def answer(connection: Connection, ids: Sequence[UUID], by: UUID) -> None:
    """Our message `by` answers these."""
    await connection.execute(_ANSWER, ids, by)


async def failed_to_answer(connection: Connection, message_id: UUID) -> int:
    """Count a failure to answer this one; how many there were."""
    failures: int = await connection.fetchval(_FAILED_TO_ANSWER, message_id)
    return failures


async def next_unsent(connection: Connection, conversation_id: UUID) -> MessageRow | None:
    """Our oldest message of a locked conversation that the carrier has not surely taken."""
    record = await connection.fetchrow(_NEXT_UNSENT, conversation_id)
    return await SEALED.one(connection, record, MessageRow)


async def drop_unsent(
    connection: Connection, conversation_id: UUID, code: int | None
) -> list[MessageRow]:
    """Give up what is queued in a locked conversation; returns what was dropped."""
    records = await connection.fetch(_DROP_UNSENT, conversation_id, code)
    return await SEALED.many(connection, records, MessageRow)


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
    return await SEALED.opened(connection, record, MessageRow)


async def leave_at(connection: Connection, message: MessageRow, state: State) -> None:
    """Put our message into this state, unless anybody has moved it since it was read."""
    await connection.execute(_LEAVE_AT, message.id, state, message.state, message.state_at)


async def record_delivery(
    connection: Connection,
    message_id: UUID,
    sid: str,
    carrier_status: str,
    status: Literal["sent", "delivered", "failed"],
    code: int | None,
) -> MessageRow | None:
    """Note what the carrier says of our message; None for what is older than what we know."""
    record = await connection.fetchrow(
        _RECORD_DELIVERY, message_id, carrier_status, code, status, RANKS, LAST, sid
    )
    return await SEALED.one(connection, record, MessageRow)


async def known_sids(connection: Connection, sids: Sequence[str]) -> set[str]:
    """Which of these carrier sids belong to a message of ours."""
    records = await connection.fetch(_KNOWN_SIDS, sids)
    return {record["twilio_message_sid"] for record in records}
