"""Whom we may write to, and how somebody stops it: for every channel at once, from one place.

An opt-out is written down in the transaction that learns of it, ends open conversations with
the number, gives up what is queued, and is asked for again before anything is sent. Its rows are
locked before those of conversations, always: two opt-outs of one person must not block each other.
"""

from collections.abc import Sequence

from db.consent import contacts
from db.consent.contacts import Channel, Consent, OptOut, Reason
from db.core.rows import Connection
from server.consent import records
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.phone_numbers import callable_number, read_number
from server.core.transaction import Transaction
from server.core.validation import one_line

MOST_WORDING = 500


async def consents(deps: Node, who: Identity) -> list[Consent]:
    """What is on record for the asker, newest first."""
    async with deps.pools.as_service() as connection:
        return await contacts.consents(connection, who.user_id)


async def give_consent(
    deps: Node, who: Identity, typed: str, wording: str, channel: Channel = "texts"
) -> None:
    """Put on record in which words a number's owner agreed to be texted or called.

    Raises AppError: bad_request, invalid_number, country_not_allowed, opted_out.
    """
    number = callable_number(
        typed, deps.config.sms.allowed_countries, deps.config.calls.denied_prefixes
    )
    words = one_line(wording, "wording", MOST_WORDING)
    async with deps.transaction() as tx:
        await refuse_opted_out(tx.connection, [number])
        await records.give(tx, who.user_id, number, words, "told by user", channel)


async def withdraw_consent(
    deps: Node, who: Identity, typed: str, channel: Channel | None = None
) -> None:
    """The number is not to be contacted for the asker any more, in one way or any. Raises
    AppError("invalid_number")."""
    number = read_number(typed)
    async with deps.transaction() as tx:
        await records.withdraw(tx, number, who.user_id, channel)


async def opt_outs(deps: Node, who: Identity) -> list[OptOut]:
    """What was asked for the asker's own addresses, by whomever."""
    async with deps.pools.as_service() as connection:
        own = await contacts.own_addresses(connection, who.user_id)
        return await contacts.opt_outs(connection, own)


async def lift(deps: Node, who: Identity, address: str) -> None:
    """Take back what was asked for an address of the asker's own, and what it asked for others.

    What came of a mailbox that does not exist stays. Raises AppError("not_found") for an address
    that the asker never proved to be theirs.
    """
    async with deps.transaction() as tx:
        if not await contacts.is_own(tx.connection, who.user_id, address):
            raise AppError("not_found")
        await records.opt_in(tx, address)


async def refuse_opted_out(connection: Connection, addresses: Sequence[str]) -> None:
    """Raises AppError("opted_out") if one of them asked not to be contacted."""
    if await contacts.opted_out(connection, addresses) is not None:
        raise AppError("opted_out")


async def opt_out(tx: Transaction, address: str, reason: Reason) -> set[str]:
    """Write the opt-out down; the addresses it holds for, whose conversations `end_all` ends."""
    return {address, *await records.opt_out(tx, address, reason)}
