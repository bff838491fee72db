"""A text to whoever called our number and could not be talked with.

Only where they agreed to texts, outside quiet hours, once in some hours, and not to somebody who
got through meanwhile. It is counted before it is sent and never sent again, as no text is better
than two. It belongs to no conversation, and no plan counts it.
"""

import datetime as dt
import uuid

import structlog

from db import calls
from db.consent import contacts, pace
from db.consent.pace import Pace
from db.privacy import erasures
from server.accounts.languages import language_of
from server.consent.hours import opens
from server.consent.reach import HOUR, count_text
from server.core.config import Config
from server.core.errors import AppError, NotYetError
from server.core.phone_numbers import callable_number
from server.core.times import utc
from server.core.transaction import Transaction
from server.texts.deps import TextDeps
from server.vendors.outcome import RefusedError, UnknownOutcomeError

log = structlog.get_logger(__name__)

JOB = "missed_call"  # its subject names no number
_SOON_SECONDS = 60.0  # whoever is turned away tries again at once
_LATEST = dt.timedelta(hours=14)  # a night; then it is no news


def note(tx: Transaction, user_id: uuid.UUID, number: str) -> None:
    """The user called from this number of theirs and was missed."""
    digest = tx.connection.keyring.hash_address(number).hex()
    tx.enqueue(JOB, f"{user_id}/{digest}/{tx.now.timestamp()}", after_seconds=_SOON_SECONDS)


async def send(deps: TextDeps, subject: str) -> None:
    """Text them, if that is wanted. Raises NotYetError until it is no longer too early there."""
    name, digest, at = subject.split("/")
    user_id, missed_at = uuid.UUID(name), utc(float(at))
    async with deps.transaction() as tx:
        number = await _number(tx, user_id, bytes.fromhex(digest))
        if number is None or not await _is_wanted(deps.config, tx, user_id, number, missed_at):
            return
        opens_at = await opens(tx.connection, deps.config, number, tx.now)
        if opens_at is not None:
            raise NotYetError("quiet hours", (opens_at - tx.now).total_seconds())
        try:
            await count_text(tx.connection, deps.config, user_id, number)
        except AppError:
            return
        once = Pace(f"missed:{number}", 1, deps.config.inbound.missed_hours * HOUR)
        if await pace.pace(tx.connection, [once]) is not None:
            return
        language = await language_of(tx.connection, user_id, deps.config.language)
    try:
        await deps.texts.send(
            to=number,
            sender=deps.config.text_number,
            body=deps.config.inbound_in(language).missed,
            callback=f"{deps.config.server.public_url.rstrip('/')}/webhooks/twilio/sms-status",
        )
    except (RefusedError, UnknownOutcomeError) as error:
        log.warning("missed_call_text_failed", error=type(error).__name__)


async def _number(tx: Transaction, user_id: uuid.UUID, digest: bytes) -> str | None:
    """Which of the user's numbers it is; None if it is theirs no more."""
    own = await contacts.own_addresses(tx.connection, user_id)
    hashed = tx.connection.keyring.hash_address
    return next((address for address in own if hashed(address) == digest), None)


async def _is_wanted(
    config: Config, tx: Transaction, user_id: uuid.UUID, number: str, missed_at: dt.datetime
) -> bool:
    connection = tx.connection
    if not config.inbound.missed or tx.now - missed_at > _LATEST:
        return False
    if await erasures.is_begun(connection, user_id):
        return False
    try:
        callable_number(number, config.sms.allowed_countries, config.calls.denied_prefixes)
    except AppError:
        return False
    return (
        await contacts.opted_out(connection, [number]) is None
        and await contacts.has_consent(connection, user_id, number, "texts")
        and not await calls.talked_since(connection, user_id, missed_at)
    )
