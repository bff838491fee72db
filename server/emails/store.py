"""What all who change an e-mail share: telling of it, counting it, giving it up.

Everything here is done inside the caller's transaction, which holds the e-mail's row lock.
"""

import datetime as dt
import uuid

from db import emails, event_streams, usage
from db.emails import EmailRow
from db.event_streams import EventRow, NewEvent
from db.rows import Connection
from server.emails.wire import email_out
from server.usage import actions as usage_actions

WRITE, SEND = "email_write", "email_send"  # jobs; their subject is the e-mail's id
SHOWN_CHARACTERS = 500  # of the content, in events and snapshots; GET shows all of it


async def tell(
    connection: Connection, row: EmailRow, kind: str, now: dt.datetime, cause: str | None = None
) -> EventRow:
    """Tell the user's dashboards of the e-mail as it now is."""
    data = {"email": email_out(row, SHOWN_CHARACTERS)}
    event = NewEvent(uuid.uuid4(), row.user_id, kind, now, f"email:{row.id}", row.rev, data, cause)
    return await event_streams.append_event(connection, event)


async def tell_usage(connection: Connection, row: EmailRow, now: dt.datetime) -> list[EventRow]:
    """Tell of what is used and reserved by now."""
    return await usage_actions.tell_usage(connection, row.user_id, f"email:{row.id}", row.rev, now)


async def settle(
    connection: Connection, row: EmailRow, now: dt.datetime, *, is_used: bool
) -> list[EventRow]:
    """Count the e-mail, or give it back; only the first time, whatever is said later."""
    if await usage.settle(connection, "emails", row.id, is_used=is_used):
        return await tell_usage(connection, row, now)
    return []


async def give_up(
    connection: Connection, row: EmailRow, state: emails.State, error: str, now: dt.datetime
) -> list[EventRow]:
    """It is not sent, or nobody will ever know; the plan's use is given back."""
    row = await emails.move(connection, row.id, state, status="failed", error=error)
    # Usage is locked before the stream, as everywhere: two writers of one user cannot deadlock.
    is_settled = await usage.settle(connection, "emails", row.id, is_used=False)
    told = [await tell(connection, row, "email.failed", now)]
    return told + (await tell_usage(connection, row, now) if is_settled else [])
