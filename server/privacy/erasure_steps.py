"""The steps of forgetting a person. Each may be done again, and says what it could not do.

Raise NotYetError for what is to be tried again. The order matters: who still talks is not cut off,
who pays is not charged any more before anything is lost that could tell of it, and their address is
needed for the last mail.
"""

import uuid

import structlog

from db.accounts import users
from db.consent import contacts
from db.privacy import erasures
from db.privacy.erasures import ErasureRow
from server.audit.notes import note
from server.billing import closing
from server.calls.unwritten import CarrierFact
from server.core.errors import NotYetError
from server.core.node import Node
from server.core.times import utc
from server.emails import templates
from server.ownership import callbacks
from server.privacy import everywhere
from server.privacy.deps import PrivacyDeps
from server.vendors.outcome import NotTakenError, RefusedError, UnknownOutcomeError
from server.vendors.sendgrid.client import OutgoingMail

log = structlog.get_logger(__name__)

PIECE = 1000  # rows deleted in one statement
GOODBYE_SECONDS = 20.0  # for the agent's last words
CALLS_SECONDS = 120.0  # then a call's rows go although it is not over; its node falls silent
LOOK_SECONDS = 1.0
MAIL_SECONDS = 3600.0  # for a busy mail company

_PACES = (  # what is counted of an address
    "", "call:", "proof:", "inbound:", "inbound:refused:", "inbound:unproven:", "missed:",
)  # fmt: skip

SUBJECT = "Your Talking App account is deleted"
TEXT = """\
Hello,

as was asked, your account is being deleted just now, with everything in it: calls and what was said
in them, texts, e-mails, numbers and addresses. Your plan has ended and nothing is charged any more.
It cannot be undone.

We keep, without your name and address, that there was an account, its plans and its payments, as we
must. If somebody asked not to be contacted, that stays known in a form in which nobody can read the
address.

This is the last e-mail you get from us about this account.
"""


async def end_calls(deps: PrivacyDeps, row: ErasureRow) -> str | None:
    """Whoever is on the phone hears a goodbye; what has not ended by then is hung up. Any node may
    run the call, so it is told as it is told of the carrier's webhooks."""
    async with deps.pools.as_service() as connection:
        running = await erasures.open_calls(connection, row.user_id)
    if not running:
        await deps.recorder.settled()
        return None
    seconds = (utc(deps.clock()) - row.asked_at).total_seconds()
    if seconds > CALLS_SECONDS:
        return "calls: one did not end in time"
    wish = "goodbye" if seconds < GOODBYE_SECONDS else "hangup"
    for call_id in running:
        fact = CarrierFact(call_id, wish, {"call_id": str(call_id)})
        await callbacks.record(deps, fact)
    raise NotYetError("calls", LOOK_SECONDS)


async def end_plan(deps: PrivacyDeps, row: ErasureRow) -> str | None:
    """Nothing is paid for any more."""
    await closing.close(deps, row.user_id)
    return None


async def say_goodbye(deps: PrivacyDeps, row: ErasureRow) -> str | None:
    """One last mail, to the address that is about to be forgotten; whoever wants no mail gets none.
    It is not tried again after an unknown outcome."""
    if deps.mail is None:
        return "mail: this server sends none"
    async with deps.pools.as_service() as connection:
        user = await users.get(connection, row.user_id)
        address = None if user is None else user.email
        if address is None or await contacts.opted_out(connection, [address]) is not None:
            return "mail: there is no address that wants it"
        if not await erasures.note_step(connection, row.user_id, "mail_begun"):
            return None
    words, settings = templates.plain(SUBJECT, TEXT), deps.config.email
    mail = OutgoingMail(
        email_id="", to=address, from_email=settings.from_email, from_name=settings.from_name,
        subject=words.subject, text=words.text, html=words.html,
    )  # fmt: skip
    try:
        await deps.mail.send(mail)
    except NotTakenError:
        if (utc(deps.clock()) - row.asked_at).total_seconds() > MAIL_SECONDS:
            return "mail: it was not taken"
        async with deps.pools.as_service() as connection:
            await erasures.take_back_step(connection, row.user_id, "mail_begun")
        raise NotYetError("mail company busy") from None
    except (RefusedError, UnknownOutcomeError) as error:
        log.warning("last_mail_failed", error=type(error).__name__)
        return "mail: it may not have arrived"
    return None


async def end_sign_in(deps: PrivacyDeps, row: ErasureRow) -> str | None:
    """Nobody can sign in as this user any more. Raises SignInAwayError."""
    if deps.sign_in is None:
        return "sign_in: the user is still there, as auth.service_key is not set"
    await deps.sign_in.delete_user(row.user_id)
    return None


async def destroy_key(deps: PrivacyDeps, row: ErasureRow) -> str | None:
    """What is sealed of the person can be read by nobody any more, nor in dead rows, logs of the
    database and backups."""
    async with deps.transaction() as tx:
        await deps.pools.keyring.destroy(tx.connection, row.user_id)
        note(tx, "keys.destroyed", user_id=row.user_id)
    await everywhere.tell(deps, row.user_id)  # who has it in memory drops it
    return None


async def delete_rows(deps: PrivacyDeps, row: ErasureRow) -> str | None:
    """Nothing is left but the rows that stay for good."""
    await delete_all(deps, row.user_id)
    return None


async def delete_all(deps: Node, user_id: uuid.UUID) -> None:
    """Delete what is held of the person, each piece in a transaction of its own."""
    async with deps.pools.as_service() as connection:
        own = await contacts.own_addresses(connection, user_id)
    paces = [f"{what}:user:{user_id}" for what in ("call", "text", "email", "proof", "scheduled")]
    paces += [f"{what}{address}" for what in _PACES for address in own]
    gone = 1
    while gone:
        async with deps.pools.as_service() as connection:
            gone = await erasures.erase_rows(connection, user_id, own, paces, PIECE)
