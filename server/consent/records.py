"""Consents and wishes to stop as they are put on record: each with a line in the audit log, in the
transaction that learns of it. Everybody who writes either does it here."""

import uuid
from collections.abc import Iterable
from typing import Literal

from db.consent import contacts
from db.consent.contacts import Channel, NewConsent, Reason
from server.audit.acts import origin
from server.audit.notes import note
from server.consent.wordings import OWN, VOUCHED, Wording, wording_of
from server.core.transaction import Transaction


async def give(
    tx: Transaction, user_id: uuid.UUID, address: str, words: str, source: str, channel: Channel
) -> None:
    """Its owner agreed to be contacted, in these words; once while it is in force."""
    await _give(tx, user_id, address, wording_of(words, channel), source)


async def give_own(
    tx: Transaction, user_id: uuid.UUID, address: str, channel: Channel, words: str | None = None
) -> None:
    """Who asks to be contacted at an address of their own agrees to it."""
    chosen = OWN[channel] if words is None else wording_of(words, channel)
    await _give(tx, user_id, address, chosen, "own")


async def vouch(tx: Transaction, user_id: uuid.UUID, address: str) -> None:
    """This server's owner answers for it that whoever is called agreed."""
    await _give(tx, user_id, address, VOUCHED, "vouched")


async def withdraw(
    tx: Transaction, address: str, user_id: uuid.UUID | None = None, channel: Channel | None = None
) -> None:
    """The address is not to be contacted any more: for one user or for all, in one way or any."""
    for whose in await contacts.withdraw(tx.connection, address, user_id, channel):
        data = {"channel": channel or "all"}
        note(tx, "consent.withdrawn", user_id=whose, address=address, data=data)


async def opt_out(tx: Transaction, address: str, reason: Reason) -> list[str]:
    """Nothing goes to the address any more, nor, unless it only bounced, to its person's others:
    the addresses this is news for."""
    news = await contacts.opt_out(tx.connection, address, reason)
    _note_each(tx, "opt_out.made", news, reason)
    return news


async def opt_in(tx: Transaction, address: str) -> None:
    """The address takes back what it asked for, and what it had agreed to is in force again. What
    came of a mailbox that does not exist stays."""
    news = await contacts.opt_in(tx.connection, address)
    _note_each(tx, "opt_out.lifted", news, "")
    for whose in await contacts.consent_again(tx.connection, address):
        note(tx, "consent.given", user_id=whose, address=address, data={"source": "start"})


async def _give(
    tx: Transaction, user_id: uuid.UUID, address: str, wording: Wording, source: str
) -> None:
    new = NewConsent(
        user_id, wording.channel, address, wording.text, source, wording.id, wording.version,
        wording.language, origin().request_id,
    )  # fmt: skip
    if await contacts.give_consent(tx.connection, new):
        data = {
            "channel": wording.channel, "source": source, "wording": wording.id,
            "version": wording.version, "language": wording.language,
        }  # fmt: skip
        note(tx, "consent.given", user_id=user_id, address=address, data=data)


def _note_each(
    tx: Transaction, action: Literal["opt_out.made", "opt_out.lifted"], addresses: Iterable[str],
    reason: str,
) -> None:  # fmt: skip
    for one in addresses:
        note(tx, action, address=one, reason=reason)
