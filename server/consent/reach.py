"""Whom a user may reach and how often: one gate for calls, transfers, texts and e-mails.

A plan says whom it reaches: its user's own verified addresses only, or also who agreed. What is
counted is the attempt, answered or not, under locks that the transaction keeps (`app.pace`), so
that no number of requests at once gets past a limit. Knows addresses; sends and dials nothing.
"""

import uuid
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, TypeAlias

from db.billing import usage
from db.consent import contacts, pace
from db.consent.pace import Pace
from db.core.rows import Connection
from server.consent import records
from server.consent.actions import refuse_opted_out
from server.core.config import Config
from server.core.errors import AppError
from server.core.keyed_locks import KeyedLocks
from server.core.transaction import Transaction

Channel: TypeAlias = Literal["calls", "texts", "emails"]

FREE = "free"
HOUR, DAY = 3600, 86_400
_BLOCK_DIGITS = 4  # numbers that differ in these only are one block


def turn(
    locks: KeyedLocks, user_id: uuid.UUID, address: str
) -> AbstractAsyncContextManager[None]:  # fmt: skip
    """Held while a user reaches an address: of many at once, as abuse comes, one at a time works on
    this node, and the others hold no connection meanwhile. Raises AppError("unavailable")."""
    return locks.all_of(f"reaching:{user_id}", f"reached:{address}")


async def may_reach(
    tx: Transaction, config: Config, user_id: uuid.UUID, channel: Channel, address: str,
    words: str | None = None,
) -> bool:  # fmt: skip
    """Whether the address is the user's own; refused if they may not reach it.

    `words` are those in which its owner agreed to this channel, and are put on record; who asks for
    a call or a text at an own number agrees by that. Nobody is called or texted without a consent
    on record. Raises AppError: opted_out, own_only,
    suspended, consent_required.
    """
    connection = tx.connection
    await refuse_opted_out(connection, [address])
    if await contacts.is_own(connection, user_id, address):
        if channel != "emails":
            await records.give_own(tx, user_id, address, channel, words)
        return True
    plan = await usage.plan_in_force(connection, user_id)
    settings = config.contacts
    reach = settings.free_plan if plan == FREE else settings.paid_plans
    if reach == "own":
        raise AppError("own_only", plan=plan)
    if channel == "emails":
        await _refuse_suspended(connection, config, user_id)
        return False
    if words is not None:
        await records.give(tx, user_id, address, words, "told by user", channel)
    elif reach == "anyone" and channel == "calls":
        await records.vouch(tx, user_id, address)
    if not await contacts.has_consent(connection, user_id, address, channel):
        raise AppError("consent_required")
    return False


async def count_call(
    connection: Connection, config: Config, user_id: uuid.UUID, number: str,
    use: uuid.UUID | None = None,
) -> None:  # fmt: skip
    """Count an attempt to call, or to transfer to, a number. It is given back with the `use` of the
    plan, if that is named. Raises AppError("too_many_calls")."""
    chosen = config.calls
    limits = [
        Pace(f"call:{number}", chosen.per_number_per_hour, HOUR),
        Pace(f"call:{block_of(number)}", chosen.per_block_per_hour, HOUR),
        *_of_user("call", user_id, chosen.per_user_per_hour, chosen.per_user_per_day),
    ]
    await _count(connection, limits, "too_many_calls", use)


async def count_inbound(
    connection: Connection, config: Config, user_id: uuid.UUID, number: str
) -> None:
    """Count a call that the user makes to us. Raises AppError("too_many_calls")."""
    chosen = config.calls
    limits = [
        of_caller(config, number),
        *_of_user("call", user_id, chosen.per_user_per_hour, chosen.per_user_per_day),
    ]
    await _count(connection, limits, "too_many_calls")


async def count_scheduled(
    connection: Connection, config: Config, user_id: uuid.UUID, many: int
) -> list[int | None]:
    """Count so many calls asked for in advance, also those that are called off again: for each of
    them the seconds to wait, None if it is within the day's."""
    chosen = config.scheduled
    is_free = await usage.plan_in_force(connection, user_id) == FREE
    most = chosen.free_per_user_per_day if is_free else chosen.per_user_per_day
    return await pace.pace_each(connection, [Pace(f"scheduled:user:{user_id}", most, DAY)], many)


def of_caller(config: Config, number: str) -> Pace:
    """How often a number may call us; "" is whoever withholds theirs."""
    return Pace(f"inbound:{number}", config.inbound.per_number_per_hour, HOUR)


async def count_text(
    connection: Connection, config: Config, user_id: uuid.UUID, number: str
) -> None:
    """Count a text that nobody waits for. Raises AppError("too_many_messages")."""
    chosen = config.sms
    limits = [
        Pace(number, chosen.per_number_per_hour, HOUR),
        Pace(block_of(number), chosen.per_block_per_hour, HOUR),
        *_of_user("text", user_id, chosen.per_user_per_hour, chosen.per_user_per_day),
    ]
    await _count(connection, limits, "too_many_messages")


async def count_email(
    connection: Connection, config: Config, user_id: uuid.UUID, address: str
) -> None:
    """Count an e-mail to somebody else. Raises AppError("too_many_messages")."""
    chosen = config.email
    limits = [
        Pace(contacts.mailbox(address), chosen.per_address_per_hour, HOUR),
        *_of_user("email", user_id, chosen.per_user_per_hour, chosen.per_user_per_day),
    ]
    await _count(connection, limits, "too_many_messages")


async def _count(
    connection: Connection, limits: Sequence[Pace], code: str, use: uuid.UUID | None = None
) -> None:
    wait = await pace.pace(connection, limits, use)
    if wait is not None:
        raise AppError(code, retry_after=wait)


def _of_user(noun: str, user_id: uuid.UUID, hourly: int, daily: int) -> list[Pace]:
    key = f"{noun}:user:{user_id}"
    return [Pace(key, hourly, HOUR), Pace(key, daily, DAY)]


def block_of(number: str) -> str:
    """The numbers that are one block with this one."""
    return number[:-_BLOCK_DIGITS] + "*"


async def _refuse_suspended(connection: Connection, config: Config, user_id: uuid.UUID) -> None:
    settings = config.email
    count = await pace.complaints(connection, user_id, settings.complaint_days)
    if count >= settings.complaints_allowed:
        raise AppError("suspended", complaints=count)
