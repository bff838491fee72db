"""Whom we may write to, and how somebody stops it: for every channel at once, from one place.

A wish to stop is written down in the transaction that learns of it, ends open conversations with
the number, gives up what is queued, and is asked for again before anything is sent. Its rows are
locked before those of conversations, always: two wishes of one person must not block each other.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from db import contacts, conversations, messages, usage
from db.contacts import Consent, Reason
from db.conversations import ConversationRow
from db.rows import Connection, EventRow
from server.actions.threads import tell, tell_usage
from server.core.auth import Identity
from server.core.errors import AppError
from server.core.node import Deps
from server.core.phone_numbers import callable_number
from server.core.validation import one_line
from server.vendors.twilio.error_codes import OPTED_OUT

MOST_WORDING = 500


async def consents(deps: Deps, who: Identity) -> list[Consent]:
    """What is on record for the asker, newest first."""
    async with deps.pools.as_service() as connection:
        return await contacts.consents(connection, who.user_id)


async def give_consent(deps: Deps, who: Identity, typed: str, wording: str) -> None:
    """Put on record in which words a number's owner agreed to be texted.

    Raises AppError: bad_request, invalid_number, country_not_allowed, opted_out.
    """
    number = callable_number(typed, deps.config.sms.allowed_countries)
    words = one_line(wording, "wording", MOST_WORDING)
    async with deps.pools.as_service() as connection:
        await refuse_opted_out(connection, [number])
        await contacts.give_consent(connection, who.user_id, number, words, "told by user")


async def withdraw_consent(deps: Deps, who: Identity, typed: str) -> None:
    """The number is not to be texted for the asker any more. Raises AppError as `give_consent`."""
    number = callable_number(typed, deps.config.sms.allowed_countries)
    async with deps.pools.as_service() as connection:
        await contacts.withdraw(connection, number, who.user_id)


async def refuse_opted_out(connection: Connection, addresses: Sequence[str]) -> None:
    """Raises AppError("opted_out") if one of them asked not to be contacted."""
    if await contacts.opted_out(connection, addresses) is not None:
        raise AppError("opted_out")


async def stop(
    connection: Connection, address: str, reason: Reason, now: dt.datetime
) -> list[EventRow]:
    """Nothing goes to this address any more, nor to the others of its person.

    The caller holds no conversation's lock. Returns the events to publish once it is committed.
    """
    return await end_all(connection, await opt_out(connection, address, reason), now)


async def opt_out(connection: Connection, address: str, reason: Reason) -> set[str]:
    """Write the wish down; the addresses it holds for, whose conversations `end_all` ends."""
    return {address, *await contacts.opt_out(connection, address, reason)}


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
