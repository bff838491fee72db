"""The durable work on an e-mail: finding its words, and bringing it to the mail company, once.

An e-mail is marked as being sent before anybody is asked. When the outcome is not known, the
company's events tell: they carry our id. Only after they had `sendgrid.settle_seconds` to come is
it sent again, and only where events would have come at all.
"""

import uuid

import structlog

from db import contacts, emails, jobs
from db.emails import EmailRow
from db.rows import Connection, EventRow
from media.dialogue import Prompt
from media.engines.base import EngineError
from server.actions import memory
from server.actions.mails import SEND, give_up, settle, tell
from server.actions.writing import written
from server.clients.outcome import NotTakenError, RefusedError, UnknownOutcomeError
from server.clients.sendgrid import OutgoingMail, SendgridMail
from server.config import Config
from server.deps import Deps
from server.errors import NotYetError
from server.mail import templates
from server.mail.answers import reply_address
from server.mail.templates import Words
from server.recorder import publish
from server.wire import utc

log = structlog.get_logger(__name__)

MOST_REFUSAL = 300
_FAILURES_ALLOWED = 5  # tries of the mind


async def write(deps: Deps, subject: str) -> None:
    """Find the words of an e-mail that has none. Raises NotYetError while the mind fails."""
    email_id = uuid.UUID(subject)
    async with deps.turns.of(f"mail:{email_id}"):
        async with deps.pools.as_service() as connection:
            row = await emails.get(connection, email_id)
            if row is None or row.state != "writing":
                return
            prompt = await _prompt(deps, connection, row)
        try:
            thought = await written(
                deps.engines.llm, prompt, deps.config.email.think_timeout_seconds
            )
        except EngineError as error:
            await _failed_to_write(deps, row, error)
            return
        words = templates.plain(row.subject, _fitted(thought, deps.config))
        now = utc(deps.clock())
        async with deps.pools.as_service() as connection:
            locked = await emails.lock(connection, email_id)
            if locked is None or locked.state != "writing":
                return
            row = await emails.write(connection, email_id, words.text, words.html)
            told = [await tell(connection, row, "email.queued", now)]
            await jobs.enqueue(connection, SEND, subject)
    publish(deps.hub, told)


async def _prompt(deps: Deps, connection: Connection, row: EmailRow) -> Prompt:
    """What the mind is asked. What the user said before is theirs: it goes to them alone."""
    topic = row.topic or row.subject
    if not await contacts.is_own(connection, row.user_id, row.recipient_email):
        return Prompt(topic, (), form="letter")
    earlier = await memory.recall(connection, deps.config, row.user_id, topic, but=row.id)
    return Prompt(topic, (), form="letter", earlier=earlier)


def _fitted(thought: str, config: Config) -> str:
    lines = "\n".join(thought.replace("\t", " ").splitlines())
    readable = "".join(c for c in lines if c == "\n" or c.isprintable())
    return readable.strip()[: config.email.max_content_characters]


async def _failed_to_write(deps: Deps, row: EmailRow, error: EngineError) -> None:
    log.error("letter_failed", email_id=str(row.id), error=str(error))
    told: list[EventRow] = []
    async with deps.pools.as_service() as connection:
        locked = await emails.lock(connection, row.id)
        if locked is None or locked.state != "writing":
            return
        is_over = await emails.failed_to_write(connection, row.id) >= _FAILURES_ALLOWED
        if is_over:
            told = await give_up(connection, locked, "dropped", "not_written", utc(deps.clock()))
    publish(deps.hub, told)
    if not is_over:
        raise NotYetError("mind") from error


async def send(deps: Deps, subject: str) -> None:
    """Send the e-mail with this id, unless it was. Raises NotYetError while they are busy."""
    email_id = uuid.UUID(subject)
    if deps.mail is None:
        raise NotYetError("no mail account")
    async with deps.turns.of(f"mail:{email_id}"):
        row = await _next(deps, email_id)
        if row is not None:
            await _send(deps, deps.mail, row)


async def _next(deps: Deps, email_id: uuid.UUID) -> EmailRow | None:
    """The e-mail, marked as being sent; None when it is not to be sent now."""
    now = utc(deps.clock())
    told: list[EventRow] = []
    marked: EmailRow | None = None
    async with deps.pools.as_service() as connection:
        row = await emails.lock(connection, email_id)
        if row is None or row.status != "pending":
            return None
        if row.state in {"sending", "unknown"}:
            wait = deps.config.sendgrid.settle_seconds - (now - row.state_at).total_seconds()
            if wait > 0:
                await jobs.enqueue(connection, SEND, str(row.id), after_seconds=wait)
                return None
            if not deps.config.sendgrid.public_key:  # no event would ever have told
                told = await give_up(connection, row, "unknown", "outcome_unknown", now)
            else:
                log.warning("email_sent_again", email_id=str(row.id))
        if not told and row.state in {"queued", "sending", "unknown"}:
            if await contacts.opted_out(connection, [row.recipient_email]) is not None:
                told = await give_up(connection, row, "dropped", "opted_out", now)
            else:
                marked = await emails.move(connection, row.id, "sending")
    publish(deps.hub, told)
    return marked


async def _send(deps: Deps, mail: SendgridMail, row: EmailRow) -> None:
    try:
        message_id = await mail.send(outgoing(deps.config, row))
    except UnknownOutcomeError:
        log.warning("email_outcome_unknown", email_id=str(row.id))
        wait = deps.config.sendgrid.settle_seconds
        async with deps.pools.as_service() as connection:
            if await _is_sending(connection, row):
                await emails.move(connection, row.id, "unknown")
                await jobs.enqueue(connection, SEND, str(row.id), after_seconds=wait)
    except NotTakenError:
        async with deps.pools.as_service() as connection:
            if await _is_sending(connection, row):
                await emails.move(connection, row.id, "queued")
        raise NotYetError("mail company away or busy") from None
    except RefusedError as refused:
        log.warning("email_refused", email_id=str(row.id), code=refused.code)
        error = f"{refused.status} {refused.reason}".strip()[:MOST_REFUSAL]
        told: list[EventRow] = []
        async with deps.pools.as_service() as connection:
            if await _is_sending(connection, row):
                told = await give_up(connection, row, "refused", error, utc(deps.clock()))
        publish(deps.hub, told)
    else:
        await _accepted(deps, row.id, message_id)


async def _is_sending(connection: Connection, row: EmailRow) -> bool:
    """Lock it; False when an event was quicker than the answer to this very request."""
    locked = await emails.lock(connection, row.id)
    return locked is not None and (locked.state, locked.state_at) == ("sending", row.state_at)


async def _accepted(deps: Deps, email_id: uuid.UUID, message_id: str) -> None:
    now = utc(deps.clock())
    async with deps.pools.as_service() as connection:
        before = await emails.lock(connection, email_id)
        if before is None:
            return
        row = await emails.move(
            connection, email_id, "accepted", status="sent", message_id=message_id or None
        )
        told = await settle(connection, row, now, is_used=True)
        if before.status == "pending":  # else an event was quicker
            told.append(await tell(connection, row, "email.sent", now))
    publish(deps.hub, told)


def outgoing(config: Config, row: EmailRow) -> OutgoingMail:
    """The e-mail as it is to arrive."""
    url = f"{config.server.public_url.rstrip('/')}/unsubscribe/{row.unsubscribe_token}"
    framed = templates.framed(Words(row.subject, row.content, row.html or ""), url)
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
