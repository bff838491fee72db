"""The durable work on an e-mail: finding its words, and bringing it to the mail company, once.

An e-mail is marked as being sent before anybody is asked. When the outcome is not known, the
company's events say it: they carry our id. Only after they had `sendgrid.settle_seconds` to come is
it sent again, and only where events would have come at all.
"""

import uuid
from collections import Counter

import structlog

from db import emails
from db.consent import contacts
from db.core.rows import Connection
from db.emails import EmailRow
from media.consumption import metered
from media.dialogue import Prompt
from media.engines.base import EngineError
from media.engines.completion import complete
from server.agents.store import writer
from server.core.config import Config
from server.core.errors import NotYetError
from server.core.validation import readable
from server.costs.store import Use, charge
from server.emails import templates
from server.emails.answers.reading import reply_address
from server.emails.deps import EmailDeps
from server.emails.links import allowed_hosts, without_links
from server.emails.store import SEND, charge_sending, emit, give_up, settle
from server.emails.templates import Words
from server.emails.wire import EmailQueued, EmailSent
from server.history import memory
from server.vendors.outcome import NotTakenError, RefusedError, UnknownOutcomeError
from server.vendors.sendgrid.client import OutgoingMail, SendgridMail

log = structlog.get_logger(__name__)

MOST_REFUSAL = 300
_FAILURES_ALLOWED = 5  # tries of the language model


async def write(deps: EmailDeps, subject: str) -> None:
    """Find the words of an e-mail that has none. Raises NotYetError while the language model
    fails."""
    email_id = uuid.UUID(subject)
    async with deps.locks.of(f"mail:{email_id}"):
        async with deps.pools.as_service() as connection:
            row = await emails.get(connection, email_id)
            if row is None or row.state != "writing":
                return
            prompt = await _prompt(deps, connection, row)
        consumed: Counter[str] = Counter()
        try:
            with metered(consumed):
                thought = await complete(
                    deps.engines.llm, prompt, deps.config.email.think_timeout_seconds
                )
        except EngineError as error:
            await _failed_to_write(deps, row, error)
            return
        text = _fitted(thought, deps.config)
        async with deps.transaction() as tx:
            use = Use(f"email:{email_id}", row.user_id, "emails", consumed)
            await charge(tx, deps.config.costs, use)
            if not await contacts.is_own(tx.connection, row.user_id, row.recipient_email):
                text = without_links(text, allowed_hosts(deps.config))
            words = templates.plain(row.subject, text)
            locked = await emails.lock(tx.connection, email_id)
            if locked is None or locked.state != "writing":
                return
            row = await emails.write(tx.connection, locked, words.text, words.html)
            emit(tx, row, EmailQueued)
            tx.enqueue(SEND, subject)


async def _prompt(deps: EmailDeps, connection: Connection, row: EmailRow) -> Prompt:
    """The prompt of an e-mail; whoever gets it is reminded of nothing but their own words."""
    topic = row.topic or row.subject
    earlier = await memory.recall(
        connection, deps.config, row.user_id, topic, row.recipient_email, but=row.id
    )
    who = await writer(connection, deps.config, row.agent_id, row.user_id, row.recipient_email)
    return Prompt(
        topic, (), form="letter", earlier=earlier, instructions=who.instructions,
        language=who.language,
    )  # fmt: skip


def _fitted(thought: str, config: Config) -> str:
    return readable(thought).strip()[: config.email.max_content_characters]


async def _failed_to_write(deps: EmailDeps, row: EmailRow, error: EngineError) -> None:
    log.error("letter_failed", email_id=str(row.id), error=str(error))
    async with deps.transaction() as tx:
        locked = await emails.lock(tx.connection, row.id)
        if locked is None or locked.state != "writing":
            return
        is_over = await emails.failed_to_write(tx.connection, row.id) >= _FAILURES_ALLOWED
        if is_over:
            await give_up(tx, locked, "dropped", "not_written")
    if not is_over:
        raise NotYetError("language model") from error


async def send(deps: EmailDeps, subject: str) -> None:
    """Send the e-mail with this id, unless it was. Raises NotYetError while they are busy."""
    email_id = uuid.UUID(subject)
    if deps.mail is None:
        raise NotYetError("no mail account")
    async with deps.locks.of(f"mail:{email_id}"):
        found = await _next(deps, email_id)
        if found is not None:
            await _send(deps, deps.mail, *found)


async def _next(deps: EmailDeps, email_id: uuid.UUID) -> tuple[EmailRow, str] | None:
    """The e-mail, marked as being sent, and its language; None when it is not to be sent now."""
    async with deps.transaction() as tx:
        row = await emails.lock(tx.connection, email_id)
        if row is None or row.status != "pending":
            return None
        if row.state in {"sending", "unknown"}:
            wait = deps.config.sendgrid.settle_seconds - (tx.now - row.state_at).total_seconds()
            if wait > 0:
                tx.enqueue(SEND, str(row.id), after_seconds=wait)
                return None
            if not deps.config.sendgrid.public_key:  # no event would ever have said it
                await give_up(tx, row, "unknown", "outcome_unknown")
                return None
            log.warning("email_sent_again", email_id=str(row.id))
        if row.state not in {"queued", "sending", "unknown"}:
            return None
        if await contacts.opted_out(tx.connection, [row.recipient_email]) is not None:
            await give_up(tx, row, "dropped", "opted_out")
            return None
        who = await writer(
            tx.connection, deps.config, row.agent_id, row.user_id, row.recipient_email
        )
        return await emails.move(tx.connection, row.id, "sending"), who.language


async def _send(deps: EmailDeps, mail: SendgridMail, row: EmailRow, language: str) -> None:
    try:
        message_id = await mail.send(outgoing(deps.config, row, language))
    except UnknownOutcomeError:
        log.warning("email_outcome_unknown", email_id=str(row.id))
        wait = deps.config.sendgrid.settle_seconds
        async with deps.transaction() as tx:
            if await _is_sending(tx.connection, row):
                await emails.move(tx.connection, row.id, "unknown")
                tx.enqueue(SEND, str(row.id), after_seconds=wait)
    except NotTakenError:
        async with deps.pools.as_service() as connection:
            if await _is_sending(connection, row):
                await emails.move(connection, row.id, "queued")
        raise NotYetError("mail company away or busy") from None
    except RefusedError as refused:
        log.warning("email_refused", email_id=str(row.id), code=refused.code)
        error = f"{refused.status} {refused.reason}".strip()[:MOST_REFUSAL]
        async with deps.transaction() as tx:
            if await _is_sending(tx.connection, row):
                await give_up(tx, row, "refused", error)
    else:
        await _accepted(deps, row.id, message_id)


async def _is_sending(connection: Connection, row: EmailRow) -> bool:
    """Lock it; False when an event was quicker than the answer to this very request."""
    locked = await emails.lock(connection, row.id)
    return locked is not None and (locked.state, locked.state_at) == ("sending", row.state_at)


async def _accepted(deps: EmailDeps, email_id: uuid.UUID, message_id: str) -> None:
    async with deps.transaction() as tx:
        before = await emails.lock(tx.connection, email_id)
        if before is None:
            return
        row = await emails.move(
            tx.connection, email_id, "accepted", status="sent", message_id=message_id or None
        )
        await settle(tx, row, is_used=True)
        await charge_sending(tx, deps.config, row)
        if before.status == "pending":  # else an event was quicker
            emit(tx, row, EmailSent)


def outgoing(config: Config, row: EmailRow, language: str) -> OutgoingMail:
    """The e-mail as it is to arrive."""
    url = f"{config.server.public_url.rstrip('/')}/unsubscribe/{row.unsubscribe_token}"
    framed = templates.framed(Words(row.subject, row.content, row.html or ""), url, language)
    domain = config.email.reply_domain
    return OutgoingMail(
        email_id=str(row.id),
        to=row.recipient_email,
        from_email=row.from_email,
        from_name=config.email.from_name,
        subject=framed.subject,
        text=framed.text,
        html=framed.html,
        unsubscribe_url=url,
        reply_to=reply_address(row.reply_token, domain) if row.reply_token and domain else "",
    )
