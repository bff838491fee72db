"""The mail company through its own SDK: send one e-mail. Thin; decides nothing.

The SDK blocks, so it runs in a few threads of its own, each request with a time limit. The API has
no idempotency key: what may have been sent is never simply repeated, its events show it.
"""

import asyncio
import http.client
import logging
import socket
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    Email,
    Header,
    Mail,
    MailSettings,
    OpenTracking,
    ReplyTo,
    SandBoxMode,
    SubscriptionTracking,
    To,
    TrackingSettings,
)
from sendgrid.helpers.mail.exceptions import SendGridException

from server.core.measures import vendor_request
from server.core.settings.vendors import Sendgrid
from server.core.validation import JSON_FAULTS
from server.vendors.outcome import NotTakenError, RefusedError, UnknownOutcomeError

Shape = TypeVar("Shape")

_THREADS = 4
_TOO_MANY = 429

logging.getLogger("python_http_client").setLevel(logging.WARNING)  # below, it logs keys and mails


class OutgoingMail(msgspec.Struct, frozen=True, kw_only=True):
    """One e-mail to one person, as it is to arrive; answers go to `reply_to`, if there is one."""

    email_id: str
    to: str
    from_email: str
    from_name: str
    subject: str
    text: str
    html: str
    unsubscribe_url: str = ""
    reply_to: str = ""


class EventHook(msgspec.Struct, frozen=True):
    """An address that events are posted to; which kinds we look at, and the key that signs them."""

    url: str
    enabled: bool = False
    public_key: str | None = None
    delivered: bool = False
    bounce: bool = False
    dropped: bool = False
    spam_report: bool = False
    unsubscribe: bool = False


class _EventHooks(msgspec.Struct, frozen=True):
    webhooks: list[EventHook]


class ParseHook(msgspec.Struct, frozen=True):
    """A host, and the address that mail to it is posted to."""

    hostname: str
    url: str


class _ParseHooks(msgspec.Struct, frozen=True):
    result: list[ParseHook]


class SendgridMail:
    """One account; close it at the end."""

    def __init__(self, settings: Sendgrid) -> None:
        self._timeout_seconds = settings.timeout_seconds
        self._client = SendGridAPIClient(
            settings.api_key.reveal(), host=settings.base_url.rstrip("/")
        ).client
        self._threads = ThreadPoolExecutor(_THREADS, "mail")

    def close(self) -> None:
        """Take no more; what is being sent ends by itself within its time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, mail: OutgoingMail) -> str:
        """Send it; the company's id for it.

        Raises RefusedError, NotTakenError (may be sent again) or UnknownOutcomeError.
        """
        return await self._post(payload(mail))

    async def check(self, address: str, name: str) -> None:
        """Have a mail from this sender to itself checked and not sent. Raises as `send` does."""
        mail = OutgoingMail(
            email_id="", to=address, from_email=address, from_name=name, subject="Test",
            text="Test", html="<p>Test</p>",
        )  # fmt: skip
        settings = MailSettings(sandbox_mode=SandBoxMode(enable=True))
        await self._post({**payload(mail), "mail_settings": settings.get()})

    async def event_hooks(self) -> list[EventHook]:
        """Where the account has its events posted to. Raises as `send` does."""
        client = self._client.user.webhooks.event.settings.all
        return _read(await self._get(client), _EventHooks).webhooks

    async def parse_hooks(self) -> list[ParseHook]:
        """Where the account has mail to its hosts posted to. Raises as `send` does."""
        return _read(await self._get(self._client.user.webhooks.parse.settings), _ParseHooks).result

    async def _get(self, client: Any) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._get_now, client)

    def _get_now(self, client: Any) -> bytes:
        try:
            body: bytes = client.get(timeout=self._timeout_seconds).body
        except HTTPError as error:
            raise _refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise UnknownOutcomeError from error
        return body

    async def _post(self, body: dict[str, Any]) -> str:
        latest = time.monotonic() + self._timeout_seconds
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post_now, body, latest)

    def _post_now(self, body: dict[str, Any], latest: float) -> str:
        if time.monotonic() > latest:  # it waited so long for a thread that others may know better
            raise NotTakenError
        try:
            with vendor_request("sendgrid"):
                answer = self._client.mail.send.post(
                    request_body=body, timeout=self._timeout_seconds
                )
        except HTTPError as error:
            raise _refusal(error) from None
        except urllib.error.URLError as error:
            if _never_connected(error.reason):
                raise NotTakenError from error
            raise UnknownOutcomeError from error
        except (OSError, http.client.HTTPException) as error:
            raise UnknownOutcomeError from error
        if not 200 <= answer.status_code < 300:
            raise UnknownOutcomeError
        return str(answer.headers.get("X-Message-Id") or "")


def payload(mail: OutgoingMail) -> dict[str, Any]:
    """The request's body. Raises RefusedError for what the SDK itself will not send."""
    try:
        made = Mail(
            from_email=Email(mail.from_email, mail.from_name),
            to_emails=To(mail.to),
            subject=mail.subject,
            plain_text_content=Content("text/plain", mail.text),
            html_content=Content("text/html", mail.html),
        )
    except SendGridException as error:  # it looks for API keys that would be given away
        raise RefusedError(400, 400, "The content holds what looks like a secret.") from error
    if mail.email_id:
        made.add_custom_arg(CustomArg("email_id", mail.email_id))
    if mail.reply_to:
        made.reply_to = ReplyTo(mail.reply_to)
    if mail.unsubscribe_url:  # RFC 8058; Gmail and Yahoo want both of bulk senders
        made.add_header(Header("List-Unsubscribe", f"<{mail.unsubscribe_url}>"))
        made.add_header(Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    made.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
    )
    body: dict[str, Any] = made.get()
    return body


def _never_connected(reason: object) -> bool:
    """No connection, so nothing was sent; a time limit may as well have run out while sending."""
    return isinstance(reason, socket.gaierror | ConnectionRefusedError)


def _refusal(error: HTTPError) -> Exception:
    if error.status_code == _TOO_MANY:
        return NotTakenError()
    if 400 <= error.status_code < 500:
        return RefusedError(error.status_code, error.status_code, _words(error.body))
    return UnknownOutcomeError()


class _Fault(msgspec.Struct, frozen=True):
    message: str = ""


class _Faults(msgspec.Struct, frozen=True):
    errors: list[_Fault] = []


def _read(body: bytes, kind: type[Shape]) -> Shape:
    """Raises UnknownOutcomeError for what is no such answer."""
    try:
        return msgspec.json.decode(body, type=kind)
    except JSON_FAULTS as error:
        raise UnknownOutcomeError from error


def _words(body: bytes) -> str:
    try:
        faults = msgspec.json.decode(body, type=_Faults)
    except JSON_FAULTS:
        return ""
    return " ".join(one.message for one in faults.errors)
