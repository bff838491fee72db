"""What people can do with e-mails: have one sent, read them, see the templates, get no more.

A request writes the row, the reserved use and the job that follows in one transaction; writing and
sending is `server.emails.delivery`'s. Rights to read are row level security's.
"""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from db import emails
from db.consent import contacts
from db.core.rows import Connection
from db.emails import EmailRow, Kind, NewEmail, State
from server.accounts import access
from server.accounts.access import Page, PageOf
from server.accounts.addresses import own_addresses
from server.agents.store import chosen, writer
from server.consent import reach
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.transaction import Transaction
from server.core.validation import AgentName, Topic, contains, mail_address, one_line, some_text
from server.emails import templates
from server.emails.deps import EmailDeps
from server.emails.links import allowed_hosts, refuse_links
from server.emails.store import SEND, WRITE, emit, subject
from server.emails.templates import MOST_SUBJECT_CHARACTERS, Words
from server.emails.wire import EmailQueued
from server.texts.stopping import opt_out_everywhere
from server.usage import actions as usage

SAMPLE_TOPIC = "baking bread"
_SAMPLE_URL = "https://example.com/unsubscribe/sample"


class SendEmail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request for an e-mail: to the user without a `recipient_email`; without `content` the model
    writes it, as `agent`, by id or slug. `template` and its `variables` are for type `template`."""

    topic: Topic
    type: Annotated[Kind, Meta(examples=["custom"])]
    recipient_email: (
        Annotated[
            str,
            Meta(min_length=1, max_length=320, examples=["ann@example.com"],
                 extra_json_schema={"format": "email"}),
        ]
        | None
    ) = None  # fmt: skip
    subject: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    content: Annotated[str, Meta(min_length=1, extra_json_schema={"maxLength": 20_000})] | None = (
        None
    )
    template: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    variables: dict[str, Any] | None = None
    agent: AgentName | None = None


async def send(
    deps: EmailDeps, who: Identity, request: SendEmail, *, key: str | None, cause: str | None = None
) -> EmailRow:
    """Reserve one e-mail of the plan and write it down; it is on its way.

    Raises AppError: email_unavailable, draining, bad_request, unknown_template, opted_out,
    own_only, suspended, links_not_allowed, too_many_messages, plan_limit, unknown_agent,
    agent_deleted.
    """
    if deps.mail is None:
        raise AppError("email_unavailable")
    if deps.live.draining:
        raise AppError("draining")
    address = _recipient(who, request)
    async with reach.turn(deps.locks, who.user_id, address), deps.transaction() as tx:
        agent = await chosen(tx.connection, who, request.agent)
        await contacts.note_own(tx.connection, who.user_id, own_addresses(who))
        agent_id = None if agent is None else agent.id
        writes = await writer(tx.connection, deps.config, agent_id, who.user_id, address)
        new = _new(deps, who, request, address, key, writes.language)
        new = msgspec.structs.replace(new, agent_id=agent_id)
        return await queue(deps, tx, new, cause)


async def queue(
    deps: EmailDeps, tx: Transaction, new: NewEmail, cause: str | None = None
) -> EmailRow:
    """Write an e-mail down in this transaction, with the use it takes and the job that follows.

    Under a key that has its e-mail already nothing happens. Raises AppError: opted_out,
    own_only, suspended, too_many_messages, plan_limit.
    """
    connection = tx.connection
    row = await emails.insert(connection, new)
    if row.id != new.id:
        return row
    address = row.recipient_email
    if not await reach.may_reach(tx, deps.config, row.user_id, "emails", address):
        text = f"{row.subject}\n{row.topic or ''}\n{row.content}"
        refuse_links(text, allowed_hosts(deps.config))
        await reach.count_email(connection, deps.config, row.user_id, address)
    emit(tx, row, EmailQueued, cause)
    warn_at = deps.config.plans.warn_at_percent
    await usage.reserve(tx, "emails", row.id, subject(row), warn_at)
    tx.enqueue(WRITE if row.state == "writing" else SEND, str(row.id))
    return row


def _recipient(who: Identity, request: SendEmail) -> str:
    """Whom to write to. Raises AppError("bad_request")."""
    typed = request.recipient_email or who.email
    if typed is None:
        raise AppError("bad_request", "`recipient_email` is needed: your account has no e-mail.")
    return mail_address(typed, "recipient_email")


def _new(
    deps: EmailDeps, who: Identity, request: SendEmail, address: str, key: str | None, language: str
) -> NewEmail:
    """The row to write. Raises AppError("bad_request"), which names the field at fault."""
    topic = one_line(request.topic, "topic", deps.config.calls.max_topic_characters)
    words, state = _words(deps, request, topic, language)
    new = new_email(deps, who.user_id, address, topic, words, key)
    return msgspec.structs.replace(
        new,
        type=request.type,
        state=state,
        template=request.template,
        variables=request.variables or {},
    )


def new_email(
    deps: Node, user_id: uuid.UUID, address: str, topic: str, words: Words, key: str | None
) -> NewEmail:
    """An e-mail of given words, ready to be queued."""
    settings = deps.config.email
    return NewEmail(
        id=uuid.uuid4(),
        user_id=user_id,
        recipient_email=address,
        from_email=settings.from_email,
        subject=words.subject,
        content=words.text,
        type="custom",
        topic=topic,
        state="queued",
        idempotency_key=key,
        html=words.html,
        has_unsubscribe_token=True,
        has_reply_token=bool(settings.reply_domain),
    )


def _words(deps: EmailDeps, request: SendEmail, topic: str, language: str) -> tuple[Words, State]:
    if request.type == "template":
        if request.template is None:
            raise AppError("bad_request", "`template` is needed for an e-mail of this type.")
        if request.subject is not None or request.content is not None:
            raise AppError("bad_request", "A template has its own `subject` and `content`.")
        template = templates.find(request.template)
        return templates.render(template, topic, request.variables or {}, language), "queued"
    if request.template is not None or request.variables is not None:
        raise AppError("bad_request", "`template` and `variables` are for type `template`.")
    given = topic if request.subject is None else request.subject
    subject = one_line(given, "subject", MOST_SUBJECT_CHARACTERS)
    if request.content is None:
        return Words(subject, "", ""), "writing"
    content = some_text(request.content, "content", deps.config.email.max_content_characters)
    return templates.plain(subject, content), "queued"


async def read(deps: EmailDeps, who: Identity, email_id: uuid.UUID) -> EmailRow:
    """An e-mail the asker may see. Raises AppError("not_found")."""
    return await access.one(deps, who, "emails", email_id, emails.get)


async def page(deps: EmailDeps, who: Identity, part: PageOf) -> Page[EmailRow]:
    """The asker's own e-mails and the answers to them."""
    return await access.page(deps, who, "emails", emails.get_many, part)


async def mentioning(rows: Sequence[EmailRow], words: str) -> list[EmailRow]:
    """Those of these e-mails which have the words, in any case, or went there or came from there.
    All of that is sealed, so that no statement finds it."""
    return await asyncio.to_thread(_having, rows, words)


def _having(rows: Sequence[EmailRow], words: str) -> list[EmailRow]:
    return [row for row in rows if _mentions(row, words)]


def _mentions(row: EmailRow, words: str) -> bool:
    said = (row.subject, row.topic, row.content, row.recipient_email, row.from_email)
    return any(contains(one, words) for one in said)


def preview(name: str, topic: str | None, variables: dict[str, Any] | None) -> Words:
    """A template as it would arrive, filled with these variables or with samples.

    Raises AppError: unknown_template, bad_request.
    """
    template = templates.find(name)
    given: dict[str, Any] = dict(template.sample) if variables is None else variables
    words = templates.render(template, topic or SAMPLE_TOPIC, given)
    return templates.framed(words, _SAMPLE_URL)


async def unsubscribes(deps: Node, token: str) -> str | None:
    """The language of the e-mail that holds this unsubscribe token; None of none."""
    async with deps.pools.as_service() as connection:
        row = await emails.by_unsubscribe_token(connection, token)
        return None if row is None else await _read_in(deps, connection, row)


async def unsubscribe(deps: Node, token: str) -> str | None:
    """Nothing goes to the person who got this e-mail any more. The e-mail's language; None for an
    unknown token."""
    async with deps.transaction() as tx:
        row = await emails.by_unsubscribe_token(tx.connection, token)
        if row is None:
            return None
        await opt_out_everywhere(tx, row.recipient_email, "unsubscribe")
        return await _read_in(deps, tx.connection, row)


async def _read_in(deps: Node, connection: Connection, row: EmailRow) -> str:
    """The e-mail's: whoever else sees the page is not told what its reader says of themselves."""
    to = row.recipient_email
    return (await writer(connection, deps.config, row.agent_id, row.user_id, to)).language
