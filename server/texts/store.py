"""What all who change a text conversation share: telling of it, and writing a text into it.

Everything here is done inside the caller's transaction, which holds the conversation's row lock;
sending is a job that follows from it. Knows no carrier and no mind.
"""

import datetime as dt
import uuid
from typing import Any, Literal

from db import conversations, event_streams, jobs, messages, usage
from db.conversations import ConversationRow
from db.event_streams import EventRow, NewEvent
from db.messages import MessageRow, NewMessage
from db.rows import Connection
from server.core.node import Deps
from server.texts.hours import Hours
from server.texts.segments import segments
from server.texts.wire import conversation_out, message_out
from server.usage import actions as usage_actions

OPEN, REPLY, SEND = (
    "text_open",
    "text_reply",
    "text_send",
)  # jobs; conversation, message, conversation
_LATEST = 30


async def tell(
    connection: Connection, row: ConversationRow, kind: str, now: dt.datetime, *,
    message: MessageRow | None = None, cause: str | None = None,
) -> EventRow:  # fmt: skip
    """Tell the user's dashboards of the conversation as it now is, and of a message in it."""
    data: dict[str, Any] = {"conversation": conversation_out(row)}
    if message is not None:
        data["message"] = message_out(message)
    event = NewEvent(uuid.uuid4(), row.user_id, kind, now, f"conv:{row.id}", row.rev, data, cause)
    return await event_streams.append_event(connection, event)


async def tell_usage(
    connection: Connection, row: ConversationRow, now: dt.datetime
) -> list[EventRow]:
    """Tell of what is used and reserved by now."""
    return await usage_actions.tell_usage(connection, row.user_id, f"conv:{row.id}", row.rev, now)


async def reserve(
    deps: Deps, connection: Connection, row: ConversationRow, now: dt.datetime,
    cause: str | None = None,
) -> list[EventRow]:  # fmt: skip
    """Take one text conversation of the plan for one just begun. Raises AppError("plan_limit")."""
    held = await usage_actions.reserve(connection, row.user_id, "texts", row.id, now)
    told = [await tell(connection, row, "conv.started", now, cause=cause)]
    told += await tell_usage(connection, row, now)
    return told + await usage_actions.tell(
        connection, row.user_id, "texts", held, now,
        warn_at_percent=deps.config.plans.warn_at_percent,
    )  # fmt: skip


async def settle(
    connection: Connection, row: ConversationRow, now: dt.datetime, *, is_used: bool
) -> list[EventRow]:
    """Count the conversation, or give it back; only the first time, whatever is said later."""
    if await usage.settle(connection, "texts", row.id, is_used=is_used):
        return await tell_usage(connection, row, now)
    return []


async def write(
    connection: Connection, row: ConversationRow, text: str, by: Literal["ai", "user"],
    now: dt.datetime, *, key: str | None = None, cause: str | None = None,
    ends: str | None = None,
) -> tuple[list[EventRow], MessageRow]:  # fmt: skip
    """Write our next text and have it sent; it answers all that they wrote so far.

    `ends` is why the conversation is over with it. Returns the events and the text's row.
    """
    waiting = await messages.unanswered(connection, row.id)
    new = NewMessage(
        id=uuid.uuid4(), conversation_id=row.id, direction="outbound", text=text, type=by,
        state="queued", segments=segments(text).count, idempotency_key=key,
    )  # fmt: skip
    message = await messages.add(connection, new)
    if message is None:
        raise AssertionError("a text of ours has no sid yet, so none can be there")
    await messages.answer(connection, [one.id for one in waiting], message.id)
    row = await conversations.change(
        connection, row, exchange=row.current_exchange + bool(waiting),
        status="ended" if ends else None, end_reason=ends,
    )  # fmt: skip
    told = [await tell(connection, row, "sms.queued", now, message=message, cause=cause)]
    if ends:
        told.append(await tell(connection, row, "conv.ended", now))
    await jobs.enqueue(connection, SEND, str(row.id))
    return told, message


def hours(deps: Deps) -> Hours:
    """When people may be texted unasked."""
    chosen = deps.config.sms
    return Hours(chosen.first_hour, chosen.last_hour, chosen.sunday_first_hour)


async def recently_texted(
    deps: Deps, connection: Connection, conversation_id: uuid.UUID, now: dt.datetime
) -> bool:
    """Whether they wrote so lately that an answer comes at any hour."""
    since = now - dt.timedelta(minutes=deps.config.sms.reply_minutes)
    newest = await messages.newest(connection, conversation_id, _LATEST)
    return any(one.direction == "inbound" and one.created_at >= since for one in newest)
