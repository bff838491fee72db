"""Answers that people send to our e-mails: kept beside what they answer, and what they mean.

An answer finds its e-mail by the token in the address it was sent to. An opt-out in it is
honoured at once; a machine's answer is kept and means nothing. What belongs to no e-mail of ours
is not kept.
"""

import hashlib
import uuid

import structlog

from db import emails
from db.cluster import inbox
from db.emails import EmailRow, NewEmail
from media.wishes.reading import wish_to_stop
from server.core.node import Node
from server.emails.events import PROVIDER
from server.emails.parsing import Answer, reply_token
from server.emails.store import emit
from server.emails.wire import EmailReceived
from server.texts.stopping import opt_out_everywhere

log = structlog.get_logger(__name__)


async def receive(deps: Node, answer: Answer) -> None:
    """Keep an answer, once; it is committed on return."""
    domain = deps.config.email.reply_domain
    token = reply_token(answer.recipients, domain) if domain else None
    async with deps.transaction() as tx:
        connection = tx.connection
        ours = None if token is None else await emails.by_reply_token(connection, token)
        if ours is None:
            log.warning("answer_to_no_email")
            return
        key = _key(ours, answer)
        payload = {"in_reply_to": ours.id, "automatic": answer.is_automatic}
        if not await inbox.record(
            connection, provider=PROVIDER, key=key, kind="answer", payload=payload
        ):
            log.info("webhook_repeated", kind="answer")
            return
        row = await emails.insert(connection, _row(ours, answer))
        emit(tx, row, EmailReceived)
        said = answer.text or answer.subject  # an empty mail may say it all in its subject
        if not answer.is_automatic and wish_to_stop(said, "mail") == "yes":
            # The mail we sent is in their hands: they speak for its mailbox, whatever theirs is.
            for address in dict.fromkeys((answer.sender, ours.recipient_email)):
                await opt_out_everywhere(tx, address, "asked")


def _row(ours: EmailRow, answer: Answer) -> NewEmail:
    return NewEmail(
        id=uuid.uuid4(),
        user_id=ours.user_id,
        recipient_email=ours.from_email,
        from_email=answer.sender,
        subject=answer.subject or f"Re: {ours.subject}",
        content=answer.text,
        type="custom",
        topic=ours.topic,
        state="received",
        in_reply_to=ours.id,
    )


def _key(ours: EmailRow, answer: Answer) -> str:
    """One mail posted twice has one key; a mail without an id is known by what it says."""
    name = answer.message_id or f"{answer.sender}\n{answer.subject}\n{answer.text}"
    digest = hashlib.sha256(f"{ours.id}\n{name}".encode()).hexdigest()
    return f"answer:{digest}"
