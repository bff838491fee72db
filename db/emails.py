"""E-mails, ours and the answers to them: the map's table joined with what it lacks.

Whoever moves an e-mail on holds its row lock first (`lock`). A row is its own outbox: it is marked
as being sent before anybody is asked to send it. The tokens in a mail are made of its id and the
key of hashes, so of them only a hash is kept. Knows no mail company; it only keeps what was said of
a delivery from going back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.clear import Clear
from db.core.hashed import HASHED, forms, hashed
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

Kind: TypeAlias = Literal["custom", "template"]
Status: TypeAlias = Literal["pending", "sent", "failed"]
State: TypeAlias = Literal[
    "received", "writing", "queued", "sending", "unknown", "accepted", "refused", "dropped"
]

SEALED = Sealed(
    "public.emails", text=("recipient_email", "from_email", "subject", "content", "topic")
)
DETAILS = Sealed("app.email_details", text=("html", "error"), json=("variables",))
# What is still to be sent needs the tokens that were kept for it.
CLEAR = (
    Clear(SEALED),
    Clear(
        DETAILS,
        names={"id": "t.email_id"},
        hashed={"unsubscribe_token": "token", "reply_token": "token"},
        only="t.state not in ('writing', 'queued', 'sending', 'unknown')",
    ),
    Clear(
        Sealed("app.email_details"),
        names={"id": "t.email_id"},
        hashes={"recipient_hash": "recipient_email"},
        topics={"topic_hash": "topic"},
        join="join public.emails s on s.id = t.email_id",
        of=SEALED,
    ),
)

_COLUMNS = """e.id, e.user_id, e.recipient_email, e.from_email, e.subject, e.content, e.type,
    e.topic, e.status, e.sendgrid_message_id, e.created_at, e.updated_at, d.state, d.state_at,
    d.template, d.html, d.unsubscribe_token, d.reply_token, d.in_reply_to, d.delivery, d.error,
    d.failures, d.rev, d.agent_id"""

_INSERT = f"""
with d as (
    insert into app.email_details (email_id, user_id, state, idempotency_key, template, variables,
        html, unsubscribe_token, reply_token, in_reply_to, recipient_hash, topic_hash,
        agent_id)
    values ($1, $2, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    on conflict (user_id, idempotency_key) do nothing returning *
), e as (
    insert into public.emails (id, user_id, recipient_email, from_email, subject, content, type,
        topic, status)
    select d.email_id, d.user_id, $3, $4, $5, $6, $7, $8,
        case d.state when 'received' then 'sent' else 'pending' end
    from d returning *
)
select {_COLUMNS} from e join d on d.email_id = e.id
"""  # noqa: S608 - the columns above
_FROM = "from public.emails e join app.email_details d on d.email_id = e.id"
_BY_KEY = f"select {_COLUMNS} {_FROM} where d.user_id = $1 and d.idempotency_key = $2"
_GET = f"select {_COLUMNS} {_FROM} where e.id = $1"
_GET_MANY = f"select {_COLUMNS} {_FROM} where e.id = any($1) order by e.created_at desc, e.id desc"
_OF_USER = f"""
select {_COLUMNS} {_FROM} where e.user_id = $1 order by e.created_at desc, e.id desc limit $2
"""
_OWNER = "select user_id from app.email_details where email_id = $1"
_LOCK = "select from app.email_details where email_id = $1 for update"
_BY_MESSAGE_ID = "select id from public.emails where sendgrid_message_id = $1"
_BY_UNSUBSCRIBE = f"select {_COLUMNS} {_FROM} where d.unsubscribe_token = any($1)"
_BY_REPLY = f"select {_COLUMNS} {_FROM} where d.reply_token = any($1)"

_WRITE = f"""
with d as (
    update app.email_details set state = 'queued', state_at = now(), html = $3, rev = rev + 1
    where email_id = $1 returning *
), e as (
    update public.emails e set content = $2 from d where e.id = d.email_id returning e.*
)
select {_COLUMNS} from e join d on d.email_id = e.id
"""  # noqa: S608
# What was once sent or failed stays so; the company's id for it keeps its first value.
_MOVE = f"""
with d as (
    update app.email_details d set state = $2, state_at = now(), rev = rev + 1,
        error = coalesce($4, d.error)
    where email_id = $1 returning *
), e as (
    update public.emails e set
        status = case e.status when 'pending' then coalesce($3, e.status) else e.status end,
        sendgrid_message_id = coalesce(e.sendgrid_message_id, $5)
    from d where e.id = d.email_id returning e.*
)
select {_COLUMNS} from e join d on d.email_id = e.id
"""  # noqa: S608
_RECORD_DELIVERY = f"""
with d as (
    update app.email_details d set delivery = $2, rev = rev + 1,
        error = case when $3 = 'failed' then coalesce($4, d.error) end,
        state = case when d.state in ('queued', 'sending', 'unknown') then 'accepted'
            else d.state end,
        state_at = now()
    where email_id = $1 and d.state <> 'received'
        and coalesce($5::jsonb -> d.delivery, '-1') < $5::jsonb -> $2
    returning *
), e as (
    update public.emails e set status = $3 from d where e.id = d.email_id returning e.*
)
select {_COLUMNS} from e join d on d.email_id = e.id
"""  # noqa: S608
_FAILED_TO_WRITE = """
update app.email_details set failures = failures + 1 where email_id = $1 returning failures
"""

# How far a delivery has come, by the events that tell of it; none leads back to a lower rank.
# A bounce may follow a delivery: some mail servers take everything and look later.
RANKS = {
    "processed": 0,
    "deferred": 1,
    "delivered": 2,
    "bounce": 3,
    "blocked": 3,
    "dropped": 3,
    "spamreport": 3,
}


class NewEmail(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail to keep. Ours need an unsubscribe token; a reply token is in the address that
    answers go to; an answer has `in_reply_to`. `html` is what goes into the frame of every mail."""

    id: UUID
    user_id: UUID
    recipient_email: str
    from_email: str
    subject: str
    content: str
    type: Kind
    topic: str | None
    state: State
    idempotency_key: str | None = None
    template: str | None = None
    variables: dict[str, Any] = {}
    html: str | None = None
    has_unsubscribe_token: bool = False
    has_reply_token: bool = False
    in_reply_to: UUID | None = None
    agent_id: UUID | None = None


class EmailRow(msgspec.Struct, frozen=True):
    """A row of public.emails and, from state on, its details. Of a mail from before tokens were
    made of ids, the tokens are known only until it is sent."""

    id: UUID
    user_id: UUID
    recipient_email: str
    from_email: str
    subject: str
    content: str
    type: Kind
    topic: str | None
    status: Status
    sendgrid_message_id: str | None
    created_at: datetime
    updated_at: datetime
    state: State
    state_at: datetime
    template: str | None
    html: str | None
    unsubscribe_token: str | None
    reply_token: str | None
    in_reply_to: UUID | None
    delivery: str | None
    error: str | None
    failures: int
    rev: int
    agent_id: UUID | None = None


async def insert(connection: Connection, new: NewEmail) -> EmailRow:
    """Write it down; the same idempotency key gives the first one back, whose id is another."""
    keyring = connection.keyring
    recipient, sender, subject, content, topic = await SEALED.seal(
        connection, new.user_id, new.id, recipient_email=new.recipient_email,
        from_email=new.from_email, subject=new.subject, content=new.content, topic=new.topic,
    )  # fmt: skip
    variables, html = await DETAILS.seal(
        connection, new.user_id, new.id, variables=new.variables, html=new.html
    )
    record = await connection.fetchrow(
        _INSERT, new.id, new.user_id, recipient, sender, subject, content, new.type, topic,
        new.state, new.idempotency_key, new.template, variables, html,
        _hashed_token(connection, "unsubscribe", new.id) if new.has_unsubscribe_token else None,
        _hashed_token(connection, "reply", new.id) if new.has_reply_token else None,
        new.in_reply_to, keyring.hash_address(new.recipient_email),
        None if new.topic is None else keyring.hash_topic(new.user_id, new.topic),
        new.agent_id,
    )  # fmt: skip
    if record is None:
        record = await connection.fetchrow(_BY_KEY, new.user_id, new.idempotency_key)
    return (await _rows(connection, [record]))[0]


async def get(connection: Connection, email_id: UUID) -> EmailRow | None:
    """The e-mail, whoever's it is."""
    return await _row(connection, await connection.fetchrow(_GET, email_id))


async def get_many(connection: Connection, ids: Sequence[UUID]) -> list[EmailRow]:
    """These, newest first."""
    return await _rows(connection, await connection.fetch(_GET_MANY, ids))


async def of_user(connection: Connection, user_id: UUID, limit: int) -> list[EmailRow]:
    """The user's newest e-mails and the answers to them, newest first."""
    return await _rows(connection, await connection.fetch(_OF_USER, user_id, limit))


async def lock(connection: Connection, email_id: UUID) -> EmailRow | None:
    """The e-mail, which nobody else moves until this transaction ends."""
    await connection.execute(_LOCK, email_id)
    return await get(connection, email_id)


async def by_message_id(connection: Connection, message_id: str) -> UUID | None:
    """Our e-mail by the mail company's id for it."""
    found: UUID | None = await connection.fetchval(_BY_MESSAGE_ID, message_id)
    return found


async def by_unsubscribe_token(connection: Connection, token: str) -> EmailRow | None:
    """The e-mail whose unsubscribe link holds this token."""
    record = await connection.fetchrow(_BY_UNSUBSCRIBE, forms(connection, "token", token))
    return await _row(connection, record)


async def by_reply_token(connection: Connection, token: str) -> EmailRow | None:
    """The e-mail whose answers go to an address with this token."""
    record = await connection.fetchrow(_BY_REPLY, forms(connection, "token", token))
    return await _row(connection, record)


async def write(connection: Connection, email: EmailRow, content: str, html: str) -> EmailRow:
    """Put the words into a locked e-mail that had none yet; it may be sent now."""
    sealed = await SEALED.seal(connection, email.user_id, email.id, content=content)
    sealed += await DETAILS.seal(connection, email.user_id, email.id, html=html)
    record = await connection.fetchrow(_WRITE, email.id, *sealed)
    return (await _rows(connection, [record]))[0]


async def move(
    connection: Connection, email_id: UUID, state: State, *, status: Status | None = None,
    error: str | None = None, message_id: str | None = None,
) -> EmailRow:  # fmt: skip
    """Move a locked e-mail on. A status other than "pending" and the message id stay once set."""
    sealed = await _sealed(connection, email_id, error=error)
    record = await connection.fetchrow(_MOVE, email_id, state, status, *sealed, message_id)
    return (await _rows(connection, [record]))[0]


async def record_delivery(
    connection: Connection, email_id: UUID, delivery: str, status: Status, error: str | None
) -> EmailRow | None:
    """Note how a delivery goes (a key of RANKS): whatever was sent has surely been taken.

    None for what is no news. The error stays only as long as the e-mail counts as failed.
    """
    sealed = await _sealed(connection, email_id, error=error)
    record = await connection.fetchrow(_RECORD_DELIVERY, email_id, delivery, status, *sealed, RANKS)
    return await _row(connection, record)


async def failed_to_write(connection: Connection, email_id: UUID) -> int:
    """Count a failure to find its words; how many there were."""
    failures: int = await connection.fetchval(_FAILED_TO_WRITE, email_id)
    return failures


async def _sealed(connection: Connection, email_id: UUID, **value: str | None) -> list[Any]:
    """One value of the details as it is written, by the key of whose e-mail it is."""
    if None in value.values():
        return [None]
    owner = await connection.fetchval(_OWNER, email_id)
    return await DETAILS.seal(connection, owner, email_id, **value)


async def _row(connection: Connection, record: Mapping[str, Any] | None) -> EmailRow | None:
    return None if record is None else (await _rows(connection, [record]))[0]


async def _rows(connection: Connection, records: Iterable[Mapping[str, Any]]) -> list[EmailRow]:
    rows = await open_all(connection, records, SEALED, DETAILS)
    for row in rows:
        for kind in ("unsubscribe", "reply"):
            column = f"{kind}_token"
            row[column] = _known_token(connection, kind, row["id"], row[column])
    return [msgspec.convert(row, EmailRow) for row in rows]


def _known_token(connection: Connection, kind: str, email_id: UUID, kept: str | None) -> str | None:
    if kept is None or not kept.startswith(HASHED):
        return kept
    is_made_of_id = kept == _hashed_token(connection, kind, email_id)
    return _token(connection, kind, email_id) if is_made_of_id else None


def _token(connection: Connection, kind: str, email_id: UUID) -> str:
    digest: bytes = connection.keyring.hash(f"{kind}_token", str(email_id))
    return digest.hex()


def _hashed_token(connection: Connection, kind: str, email_id: UUID) -> str:
    return hashed(connection, "token", _token(connection, kind, email_id))
