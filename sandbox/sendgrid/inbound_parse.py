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
from sandbox.core.scheduler import Agenda
from sandbox.sendgrid.errors import MailError, Problem
from sandbox.sendgrid.event_webhook import Attempt
from sandbox.sendgrid.mail import Mail
from sandbox.sendgrid.validation import is_email

SENDER_IP = "192.0.2.25"  # of the net for documentation
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


class Letter(Draft, frozen=True, kw_only=True):
    """A mail to the product."""

    id: str
    message_id: str
    written_at: datetime


def new_letter(now: datetime, **fields: object) -> Letter:
    """A letter with ids of its own. Raises MailError for a bad address or header."""
    letter_id = secrets.token_hex(8)
    message_id = f"<{letter_id}@mail.example.com>"
    letter = msgspec.convert(
        {**fields, "id": letter_id, "message_id": message_id, "written_at": now}, Letter
    )
    for name, given in (("from", letter.from_), ("to", letter.to)):
        if not is_email(parseaddr(given)[1]):
            raise MailError(400, Problem("Does not contain a valid address.", name))
    try:
        _header_block(letter)
    except ValueError as error:
        raise MailError(400, Problem(f"Not a header: {error}", "headers")) from None
    return letter


def reply_to(mail: Mail, recipient: str, text: str, now: datetime) -> Letter:
    """What a mail program sends when somebody answers: the text above what it answers."""
    author = (mail.reply_to or (mail.from_,))[0].email
    subject = " ".join(mail.subject.split())
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())
    said = f"On {format_datetime(mail.accepted_at)}, {mail.from_.email} wrote:"
    return new_letter(
        now,
        **{"from": recipient},
        to=author,
        subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
        text=f"{text}\n\n{said}\n{quoted}\n",
        in_reply_to=mail.smtp_id,
        references=f"{mail.header('References')} {mail.smtp_id}".strip(),
    )


def form_fields(letter: Letter) -> dict[str, str]:
    """The form (SendGrid, "Inbound Email Parse Webhook", "Default parameters")."""
    sender = parseaddr(letter.from_)[1]
    envelope = {"to": [parseaddr(letter.to)[1]], "from": sender}
    names = ("to", "from", "subject", "text", "html")
    return {
        "headers": _header_block(letter),
        "dkim": letter.dkim or f"{{@{sender.partition('@')[2]} : pass}}",
        "to": letter.to,
        "from": letter.from_,
        "subject": letter.subject,
        "text": letter.text,
        "html": _html(letter),
        "sender_ip": SENDER_IP,
        "envelope": msgspec.json.encode(envelope).decode(),
        "attachments": "0",
        "charsets": msgspec.json.encode(dict.fromkeys(names, "UTF-8")).decode(),
        "SPF": letter.spf,
    }


def _html(letter: Letter) -> str:
    if letter.html is not None:
        return letter.html
    return f'<div dir="ltr">{html.escape(letter.text).replace(chr(10), "<br>")}</div>'


def _header_block(letter: Letter) -> str:
    message = EmailMessage()
    message["Received"] = f"from mail.example.com ({SENDER_IP}) by mx.sandbox.example with ESMTPS"
    message["MIME-Version"] = "1.0"
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = letter.message_id
    message["From"], message["To"] = letter.from_, letter.to
    message["Subject"] = letter.subject
    if letter.in_reply_to:
        message["In-Reply-To"] = letter.in_reply_to
        message["References"] = letter.references or letter.in_reply_to
    message["Content-Type"] = f'multipart/alternative; boundary="{letter.id}"'
    for name, value in letter.headers.items():
        message[name] = value
    return message.as_string()


class InboundPoster:
    """Posts what it is offered; `run` until cancelled. `attempts` are by letter id."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, retry_seconds: tuple[float, ...]
    ) -> None:
        self._http, self._url, self._retry_seconds = http, url, retry_seconds
        self._agenda: Agenda[Letter] = Agenda()
        self.attempts: dict[str, list[Attempt]] = {}

    def offer(self, letter: Letter) -> None:
        """Send a letter, if there is anywhere to send it to."""
        self.attempts[letter.id] = []
        if self._url:
            self._agenda.add(letter, 0.0)

    def outcome(self, letter: Letter) -> Outcome:
        """What has become of it."""
        if not self._url:
            return "nowhere"
        attempts = self.attempts[letter.id]
        status = attempts[-1].status if attempts else 0
        if 200 <= status < 300:
            return "taken"
        if 300 <= status < 500:
            return "dropped"
        return "given up" if len(attempts) > len(self._retry_seconds) else "waiting"

    async def run(self) -> None:
        """Post letters as they become due."""
        while True:
            for letter in await self._agenda.due():
                tried = self.attempts[letter.id]
                status = await self._post(letter)
                tried.append(Attempt(iso8601(utc_now()), status))
                if self.outcome(letter) == "waiting":
                    self._agenda.add(letter, self._retry_seconds[len(tried) - 1])

    async def _post(self, letter: Letter) -> int:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in form_fields(letter).items():
            form.add_field(name, value)
        headers = {"User-Agent": "Sendlib/1.0"}
        return await post(self._http, self._url, data=form, headers=headers)
