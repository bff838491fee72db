"""Ending text conversations with somebody who asked not to be contacted.

Done inside the caller's transaction, after the wish itself is written down.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from db import contacts, conversations, messages, usage
from db.contacts import Reason
from db.conversations import ConversationRow
from db.event_streams import EventRow
from db.rows import Connection
from server.consent.actions import opt_out
from server.texts.store import tell, tell_usage
from server.vendors.twilio.error_codes import OPTED_OUT


async def stop(
    connection: Connection, address: str, reason: Reason, now: dt.datetime
) -> list[EventRow]:
    """Nothing goes to this address any more, nor to the others of its person.

    The caller holds no conversation's lock. Returns the events to publish once it is committed.
    """
    return await end_all(connection, await opt_out(connection, address, reason), now)


async def end_all(
    connection: Connection, addresses: Iterable[str], now: dt.datetime
) -> list[EventRow]:
    """End what is open with these addresses, after `opt_out`."""
    told: list[EventRow] = []
    for one in sorted(addresses):
        if one.startswith("+"):
            await contacts.withdraw(connection, one)
            for conversation_id in await conversations.all_of_number(connection, one):
                told += await _end(connection, conversation_id, now)
    return told


async def _end(
    connection: Connection, conversation_id: uuid.UUID, now: dt.datetime
) -> list[EventRow]:
    row = await conversations.lock(connection, conversation_id)
    if row is None or row.status == "ended":
        return []
    told = await drop(connection, row, now)
    row = await conversations.change(connection, row, status="ended", end_reason="opted_out")
    return [*told, await tell(connection, row, "conv.ended", now)]


async def drop(connection: Connection, row: ConversationRow, now: dt.datetime) -> list[EventRow]:
    """Give up what is queued in a locked conversation whose number asked not to be texted."""
    dropped = await messages.drop_unsent(connection, row.id, OPTED_OUT)
    # Given back if nothing went before; usage is locked before the stream, as everywhere.
    is_settled = await usage.settle(connection, "texts", row.id, is_used=False)
    told = [await tell(connection, row, "sms.failed", now, message=one) for one in dropped]
    return told + (await tell_usage(connection, row, now) if is_settled else [])
