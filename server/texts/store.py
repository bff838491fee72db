"""What all who change a text conversation share: telling of it, counting it, writing into it.

Everything here is done inside the caller's transaction, which holds the conversation's row lock;
sending is a job that follows from it. Knows no carrier and no language model.
"""

import datetime as dt
import uuid
from typing import Literal

from db.core.rows import Connection
from db.texts import conversations, messages
from db.texts.conversations import ConversationRow
from db.texts.messages import MessageRow, NewMessage
from server.core.config import Config
from server.core.events import Subject, of_conversation
from server.core.transaction import Transaction
from server.costs.store import Use
from server.costs.store import charge as charge_use
from server.texts.segments import segments
from server.texts.wire import (
    ConversationEnded,
    ConversationStarted,
    TextData,
    TextQueued,
    conversation_out,
    message_out,
)
from server.usage import actions as usage

# Jobs; their subjects are a conversation, a message and a conversation.
OPEN, REPLY, SEND = "text_open", "text_reply", "text_send"
_LATEST = 30


def emit(
    tx: Transaction, row: ConversationRow, kind: type[TextData], *,
    message: MessageRow | None = None, cause: str | None = None,
) -> None:  # fmt: skip
    """Tell the user's dashboards of the conversation as it now is, and of a message in it."""
    about = None if message is None else message_out(message)
    tx.emit(kind(conversation_out(row), about), subject(row, cause))


def subject(row: ConversationRow, cause: str | None = None) -> Subject:
    """The conversation as what events are about."""
    return of_conversation(row.user_id, row.id, row.rev, cause)


async def reserve(
    config: Config, tx: Transaction, row: ConversationRow, cause: str | None = None
) -> None:
    """Take one text conversation of the plan for one just begun. Raises AppError("plan_limit")."""
    emit(tx, row, ConversationStarted, cause=cause)
    await usage.reserve(tx, "texts", row.id, subject(row), config.plans.warn_at_percent)


async def settle(tx: Transaction, row: ConversationRow, *, is_used: bool) -> None:
    """Count the conversation, or give it back; only the first time, whatever is said later."""
    await usage.settle(tx, "texts", row.id, subject(row), is_used=is_used)


async def charge(tx: Transaction, config: Config, message: MessageRow) -> None:
    """The carrier brings it: its segments are paid for, once, whoever tells of it first."""
    way = "segment" if message.direction == "outbound" else "inbound_segment"
    use = Use(
        f"message:{message.id}", message.user_id, "texts", {f"twilio.{way}": message.segments}
    )
    await charge_use(tx, config.costs, use, once=True)


async def write(
    tx: Transaction, row: ConversationRow, text: str, by: Literal["ai", "user"], *,
    key: str | None = None, cause: str | None = None, ends: str | None = None,
) -> MessageRow:  # fmt: skip
    """Write our next text and have it sent; it answers all that they wrote so far.

    `ends` is why the conversation is over with it.
    """
    waiting = await messages.unanswered(tx.connection, row.id)
    new = NewMessage(
        id=uuid.uuid4(), conversation_id=row.id, user_id=row.user_id,
        phone_number=row.phone_number, direction="outbound", text=text, type=by,
        state="queued", segments=segments(text).count, idempotency_key=key,
    )  # fmt: skip
    message = await messages.add(tx.connection, new)
    if message is None:
        raise AssertionError("a text of ours has no sid yet, so none can be there")
    await messages.answer(tx.connection, [one.id for one in waiting], message.id)
    row = await conversations.change(
        tx.connection, row, exchange=row.current_exchange + bool(waiting),
        status="ended" if ends else None, end_reason=ends,
    )  # fmt: skip
    emit(tx, row, TextQueued, message=message, cause=cause)
    if ends:
        emit(tx, row, ConversationEnded)
    tx.enqueue(SEND, str(row.id))
    return message


async def must_ask(config: Config, connection: Connection, row: ConversationRow) -> bool:
    """Whether nothing goes there yet but the question whether it may."""
    if row.is_own or not config.sms.ask_first:
        return False
    return not await messages.ever_answered(connection, row.user_id, row.phone_number)


async def recently_texted(
    config: Config, connection: Connection, conversation_id: uuid.UUID, now: dt.datetime
) -> bool:
    """Whether they wrote so lately that an answer comes at any hour."""
    since = now - dt.timedelta(minutes=config.sms.reply_minutes)
    newest = await messages.newest(connection, conversation_id, _LATEST)
    return any(one.direction == "inbound" and one.created_at >= since for one in newest)
