"""Ending text conversations with somebody who asked not to be contacted; asking who may have.

Done inside the caller's transaction, after the opt-out itself is written down.
"""

import uuid
from collections.abc import Iterable

from db.consent import contacts
from db.consent.contacts import Reason
from db.texts import conversations, messages
from db.texts.conversations import ConversationRow
from server.consent.actions import opt_out
from server.consent.records import withdraw
from server.core.node import Node
from server.core.transaction import Transaction
from server.texts.store import emit, settle
from server.texts.wire import ConversationEnded, TextFailed
from server.vendors.twilio.error_codes import OPTED_OUT

UNANSWERED = "wish_unanswered"  # a job; its subject is the question's id


async def opt_out_everywhere(tx: Transaction, address: str, reason: Reason) -> None:
    """Nothing goes to this address any more, nor to the others of its person.

    The caller holds no conversation's lock.
    """
    await end_all(tx, await opt_out(tx, address, reason))


async def ask(tx: Transaction, address: str, seconds: float) -> uuid.UUID | None:
    """Note that an address is being asked whether it wants no more of us; no answer in so many
    seconds is a yes. None when it was asked already, or gets nothing anyway."""
    if await contacts.opted_out(tx.connection, [address]) is not None:
        return None
    question = await contacts.ask_whether_to_stop(tx.connection, address)
    if question is not None:
        tx.enqueue(UNANSWERED, str(question), after_seconds=seconds)
    return question


async def unanswered(deps: Node, subject: str) -> None:
    """The time for the question with this id is over: unless it was answered, it is a yes."""
    async with deps.transaction() as tx:
        address = await contacts.unanswered(tx.connection, uuid.UUID(subject))
        if address is not None:
            await opt_out_everywhere(tx, address, "asked")


async def end_all(tx: Transaction, addresses: Iterable[str]) -> None:
    """End what is open with these addresses, after `opt_out`."""
    for one in sorted(addresses):
        if one.startswith("+"):
            await withdraw(tx, one)
            for conversation_id in await conversations.all_of_number(tx.connection, one):
                await _end(tx, conversation_id)


async def _end(tx: Transaction, conversation_id: uuid.UUID) -> None:
    row = await conversations.lock(tx.connection, conversation_id)
    if row is None or row.status == "ended":
        return
    await drop(tx, row)
    row = await conversations.change(tx.connection, row, status="ended", end_reason="opted_out")
    emit(tx, row, ConversationEnded)


async def drop(tx: Transaction, row: ConversationRow) -> None:
    """Give up what is queued in a locked conversation whose number asked not to be texted."""
    for message in await messages.drop_unsent(tx.connection, row.id, OPTED_OUT):
        emit(tx, row, TextFailed, message=message)
    await settle(tx, row, is_used=False)  # given back if nothing went before
