"""Mail from outside to the product, as Inbound Parse posts it: a multipart form, unsigned.

Composes the form and posts it until it is taken: no answer and 5xx are tried again, 3xx and 4xx
lose the mail as they do at SendGrid. Knows no mailbox.
"""

import html
import secrets
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Literal

import aiohttp
import msgspec

from sandbox.core.clock import iso8601, utc_now
from sandbox.core.http_post import post
from sandbox.core.scheduler import Scheduler
from sandbox.sendgrid.errors import MailError, Problem
from sandbox.sendgrid.event_webhook import Attempt
from sandbox.sendgrid.mail import Mail
from sandbox.sendgrid.validation import is_email

SENDER_IP = "192.0.2.25"  # of the network for documentation
Outcome = Literal["nowhere", "waiting", "taken", "dropped", "given up"]


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody writes to the product. `headers` are further ones; `html` is made of `text`
    when null."""

    from_: str = msgspec.field(name="from")
    to: str
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str = ""
    references: str = ""
    headers: dict[str, str] = {}
    spf: str = "pass"
    dkim: str = ""


class InboundMail(Draft, frozen=True, kw_only=True):
    """A mail to the product."""

    id: str
    message_id: str
    written_at: datetime


def new_inbound_mail(now: datetime, **fields: object) -> InboundMail:
    """An inbound mail with ids of its own. Raises MailError for a bad address or header."""
    mail_id = secrets.token_hex(8)
    message_id = f"<{mail_id}@mail.example.com>"
    inbound_mail = msgspec.convert(
        {**fields, "id": mail_id, "message_id": message_id, "written_at": now}, InboundMail
    )
    for name, given in (("from", inbound_mail.from_), ("to", inbound_mail.to)):
        if not is_email(parseaddr(given)[1]):
            raise MailError(400, Problem("Does not contain a valid address.", name))
    try:
        _header_block(inbound_mail)
    except ValueError as error:
        raise MailError(400, Problem(f"Not a header: {error}", "headers")) from None
    return inbound_mail


def reply_to(mail: Mail, recipient: str, text: str, now: datetime) -> InboundMail:
    """What a mail program sends when somebody answers: the text above what it answers."""
    author = (mail.reply_to or (mail.from_,))[0].email
    subject = " ".join(mail.subject.split())
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())
    said = f"On {format_datetime(mail.accepted_at)}, {mail.from_.email} wrote:"
    return new_inbound_mail(
        now,
        **{"from": recipient},
        to=author,
        subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
        text=f"{text}\n\n{said}\n{quoted}\n",
        in_reply_to=mail.smtp_id,
        references=f"{mail.header('References')} {mail.smtp_id}".strip(),
    )


def form_fields(inbound_mail: InboundMail) -> dict[str, str]:
    """The form (SendGrid, "Inbound Email Parse Webhook", "Default parameters")."""
    sender = parseaddr(inbound_mail.from_)[1]
    envelope = {"to": [parseaddr(inbound_mail.to)[1]], "from": sender}
    names = ("to", "from", "subject", "text", "html")
    return {
        "headers": _header_block(inbound_mail),
        "dkim": inbound_mail.dkim or f"{{@{sender.partition('@')[2]} : pass}}",
        "to": inbound_mail.to,
        "from": inbound_mail.from_,
        "subject": inbound_mail.subject,
        "text": inbound_mail.text,
        "html": _html(inbound_mail),
        "sender_ip": SENDER_IP,
        "envelope": msgspec.json.encode(envelope).decode(),
        "attachments": "0",
        "charsets": msgspec.json.encode(dict.fromkeys(names, "UTF-8")).decode(),
        "SPF": inbound_mail.spf,
    }


def _html(inbound_mail: InboundMail) -> str:
    if inbound_mail.html is not None:
        return inbound_mail.html
    return f'<div dir="ltr">{html.escape(inbound_mail.text).replace(chr(10), "<br>")}</div>'


def _header_block(inbound_mail: InboundMail) -> str:
    message = EmailMessage()
    message["Received"] = f"from mail.example.com ({SENDER_IP}) by mx.sandbox.example with ESMTPS"
    message["MIME-Version"] = "1.0"
    message["Date"] = format_datetime(inbound_mail.written_at)
    message["Message-ID"] = inbound_mail.message_id
    message["From"], message["To"] = inbound_mail.from_, inbound_mail.to
    message["Subject"] = inbound_mail.subject
    if inbound_mail.in_reply_to:
        message["In-Reply-To"] = inbound_mail.in_reply_to
        message["References"] = inbound_mail.references or inbound_mail.in_reply_to
    message["Content-Type"] = f'multipart/alternative; boundary="{inbound_mail.id}"'
    for name, value in inbound_mail.headers.items():
        message[name] = value
    return message.as_string()


class InboundPoster:
    """Posts what is enqueued; `run` until cancelled. `attempts` are by mail id."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, retry_seconds: tuple[float, ...]
    ) -> None:
        self._http, self._url, self._retry_seconds = http, url, retry_seconds
        self._scheduler: Scheduler[InboundMail] = Scheduler()
        self.attempts: dict[str, list[Attempt]] = {}

    def enqueue(self, inbound_mail: InboundMail) -> None:
        """Send a mail, if there is anywhere to send it to."""
        self.attempts[inbound_mail.id] = []
        if self._url:
            self._scheduler.add(inbound_mail, 0.0)

    def outcome(self, inbound_mail: InboundMail) -> Outcome:
        """What has become of it."""
        if not self._url:
            return "nowhere"
        attempts = self.attempts[inbound_mail.id]
        status = attempts[-1].status if attempts else 0
        if 200 <= status < 300:
            return "taken"
        if 300 <= status < 500:
            return "dropped"
        return "given up" if len(attempts) > len(self._retry_seconds) else "waiting"

    async def run(self) -> None:
        """Post mails as they become due."""
        while True:
            for inbound_mail in await self._scheduler.due():
                tried = self.attempts[inbound_mail.id]
                status = await self._post(inbound_mail)
                tried.append(Attempt(iso8601(utc_now()), status))
                if self.outcome(inbound_mail) == "waiting":
                    self._scheduler.add(inbound_mail, self._retry_seconds[len(tried) - 1])

    async def _post(self, inbound_mail: InboundMail) -> int:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in form_fields(inbound_mail).items():
            form.add_field(name, value)
        headers = {"User-Agent": "Sendlib/1.0"}
        return await post(self._http, self._url, data=form, headers=headers)
