"""Answers that people send to our e-mails: kept beside what they answer, and what they mean.

An answer finds its e-mail by the token in the address it was sent to. An opt-out in it is
honoured at once, where it is said by who may say it; a machine's answer is kept and means nothing.
What belongs to no e-mail of ours is not kept.
"""

import asyncio
import hashlib
import re
import uuid

import msgspec
import structlog

from db import emails
from db.cluster import inbox
from db.consent import contacts
from db.core.rows import Connection
from db.emails import EmailRow, NewEmail
from media.wishes.reading import confirmed, wish_to_stop
from media.wishes.wish import Wish
from server.agents.store import writer
from server.consent.records import opt_in
from server.core.config import Config
from server.core.node import Node
from server.core.transaction import Transaction
from server.emails.actions import new_email
from server.emails.answers.quotes import Ours, new_subject, new_words
from server.emails.answers.reading import Answer, page_words, reply_token
from server.emails.delivery import outgoing
from server.emails.events import PROVIDER
from server.emails.store import SEND, emit
from server.emails.templates import MOST_SUBJECT_CHARACTERS, plain
from server.emails.wire import EmailQueued, EmailReceived
from server.texts.stopping import ask, opt_out_everywhere

log = structlog.get_logger(__name__)

_START = re.compile(r"\W*(?:re)?(?:start|unstop|subscribe)\b\W*(?:\n|$)", re.IGNORECASE)


class Said(msgspec.Struct, frozen=True):
    """What is new in an answer, and what it means for us: `wish` by itself, `reply` to our
    question; `starts` where they want to hear of us again."""

    text: str
    wish: Wish
    reply: Wish
    starts: bool


async def receive(deps: Node, answer: Answer) -> None:
    """Keep an answer, once; it is committed on return."""
    domain = deps.config.email.reply_domain
    token = reply_token(answer.recipients, domain) if domain else None
    async with deps.pools.as_service() as connection:
        ours = None if token is None else await emails.by_reply_token(connection, token)
        if ours is None:
            log.warning("answer_to_no_email")
            return
        language = await _language(deps, connection, ours)
    said = await asyncio.to_thread(_read, deps.config, ours, answer, language)
    async with deps.transaction() as tx:
        key = _key(ours, answer)
        payload = {"in_reply_to": ours.id, "automatic": answer.is_automatic}
        if not await inbox.record(
            tx.connection, provider=PROVIDER, key=key, kind="answer", payload=payload
        ):
            log.info("webhook_repeated", kind="answer")
            return
        row = await emails.insert(tx.connection, _row(ours, answer, said.text))
        emit(tx, row, EmailReceived)
        if answer.is_automatic:
            return
        if answer.sender == ours.recipient_email or answer.is_proven:
            await _heed(deps, tx, ours, answer, said)
        elif said.wish != "no":
            log.warning("wish_unproven", email_id=str(ours.id))


async def _heed(deps: Node, tx: Transaction, ours: EmailRow, answer: Answer, said: Said) -> None:
    """Do what they want. The mail we sent is in their hands: who proves an address of their own
    speaks for the mailbox we wrote to as well. To hear of us again takes proof in any case."""
    addresses = list(dict.fromkeys((answer.sender, ours.recipient_email)))
    wish = said.wish
    if await contacts.answered(tx.connection, addresses):
        wish = "no" if said.reply == "no" else "yes"
    if wish == "yes":
        for address in addresses:
            await opt_out_everywhere(tx, address, "asked")
    elif wish == "unsure":
        await _ask(deps, tx, ours)
    elif said.starts and answer.is_proven:
        for address in addresses:
            await opt_in(tx, address)


async def _ask(deps: Node, tx: Transaction, ours: EmailRow) -> None:
    """Ask the mailbox we wrote to whether it wants no more. This takes nothing of the plan."""
    settings, address = deps.config.email, ours.recipient_email
    question = await ask(tx, address, settings.confirm_hours * 3600)
    if question is None:
        return
    confirm = deps.config.email_in(await _language(deps, tx.connection, ours)).confirm
    words = plain(f"Re: {ours.subject}"[:MOST_SUBJECT_CHARACTERS], confirm)
    topic = ours.topic or ours.subject
    new = new_email(deps, ours.user_id, address, topic, words, f"question:{question}")
    row = await emails.insert(tx.connection, new)
    emit(tx, row, EmailQueued)
    tx.enqueue(SEND, str(row.id))


async def _language(deps: Node, connection: Connection, ours: EmailRow) -> str:
    """What ours is written in."""
    to = ours.recipient_email
    return (await writer(connection, deps.config, ours.agent_id, ours.user_id, to)).language


def _read(config: Config, ours: EmailRow, answer: Answer, language: str) -> Said:
    mail = outgoing(config, ours, language)
    known = Ours(
        subject=mail.subject,
        words=f"{mail.subject}\n{mail.text}\n{page_words(mail.html)}",
        names=tuple(one.lower() for one in (mail.from_email, mail.reply_to, mail.from_name) if one),
        links=(f"/unsubscribe/{ours.unsubscribe_token or ''}".lower(),),
    )
    text = new_words(answer.text, known)[: config.email.max_content_characters]
    both = f"{new_subject(answer.subject, known)}\n{text}"  # an empty mail may say it there
    wish = wish_to_stop(both, "mail")
    return Said(text, wish, confirmed(text), bool(_START.match(both.strip())))


def _row(ours: EmailRow, answer: Answer, text: str) -> NewEmail:
    return NewEmail(
        id=uuid.uuid4(),
        user_id=ours.user_id,
        recipient_email=ours.from_email,
        from_email=answer.sender,
        subject=answer.subject or f"Re: {ours.subject}",
        content=text,
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
