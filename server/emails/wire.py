"""An e-mail as clients see it. Knows no requests and no sockets."""

import uuid

import msgspec

from db.emails import EmailRow
from server.core.events import Event
from server.core.times import rfc3339


class EmailOut(msgspec.Struct, frozen=True):
    """An e-mail on the wire. `delivery` is how far it got: writing, queued, sending, unknown,
    accepted, processed, deferred, delivered, bounce, blocked, dropped, spamreport or refused; an
    answer to one of ours is `received` and says what it answers."""

    id: uuid.UUID
    user_id: uuid.UUID
    recipient_email: str
    from_email: str
    subject: str
    content: str
    type: str
    topic: str | None
    status: str
    sendgrid_message_id: str | None
    template: str | None
    in_reply_to: uuid.UUID | None
    delivery: str
    error: str | None
    created_at: str | None
    updated_at: str | None


def email_out(row: EmailRow, most_characters: int | None = None) -> EmailOut:
    """An e-mail's row as clients see it, with so much of its content at most."""
    return EmailOut(
        id=row.id,
        user_id=row.user_id,
        recipient_email=row.recipient_email,
        from_email=row.from_email,
        subject=row.subject,
        content=row.content[:most_characters],
        type=row.type,
        topic=row.topic,
        status=row.status,
        sendgrid_message_id=row.sendgrid_message_id,
        template=row.template,
        in_reply_to=row.in_reply_to,
        delivery=row.delivery or row.state,
        error=row.error,
        created_at=rfc3339(row.created_at),
        updated_at=rfc3339(row.updated_at),
    )


class EmailData(Event, frozen=True):
    """The e-mail as it now is; of its content the beginning."""

    schema = "EmailData"

    email: EmailOut


class EmailQueued(EmailData, frozen=True):
    type, tells = "email.queued", "An e-mail is to be written and sent"


class EmailSent(EmailData, frozen=True):
    type, tells = "email.sent", "The mail company took it"


class EmailDelivered(EmailData, frozen=True):
    type, tells = "email.delivered", "It arrived"


class EmailBounced(EmailData, frozen=True):
    type, tells = "email.bounced", "It was returned"


class EmailComplained(EmailData, frozen=True):
    type, tells = "email.complained", "It was called spam"


class EmailFailed(EmailData, frozen=True):
    type, tells = "email.failed", "It will not be sent"


class EmailReceived(EmailData, frozen=True):
    type, tells = "email.received", "An answer came"
