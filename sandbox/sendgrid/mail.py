"""A mail the service has taken, as its recipients will see it.

Pure: a checked payload in, one mail a personalization out, with substitutions made. Knows no
delivery.
"""

import base64
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import msgspec

from sandbox.sendgrid.payload import Address, Content, Payload, Personalization

BOUNCE, SPAM, UNSUBSCRIBE = "bounce", "spamreport", "unsubscribe"
_URL = re.compile(r"https?://[^\s<>\"']+")


class File(msgspec.Struct, frozen=True):
    """An attachment, without what is in it."""

    name: str
    type: str
    bytes: int


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One copy. `message_id` is the reply's `X-Message-Id`, `smtp_id` the mail's own Message-ID;
    `bypasses` are the suppression lists it passes by. `begins_at` is when it leaves."""

    id: str
    message_id: str
    smtp_id: str
    accepted_at: datetime
    begins_at: datetime
    from_: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    categories: tuple[str, ...]
    custom_args: dict[str, str]
    files: tuple[File, ...]
    tracks_opens: bool
    tracks_clicks: bool
    tracks_subscription: bool
    bypasses: frozenset[str]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address it goes to."""
        return tuple(address.email for address in self.to + self.cc + self.bcc)

    def header(self, name: str) -> str:
        """A header the sender set, whatever its case; "" when there is none."""
        return _header(self.headers, name)


def mails_of(payload: Payload, message_id: str, now: datetime) -> list[Mail]:
    """What becomes of one request."""
    return [
        _mail(payload, one, message_id, place, now)
        for place, one in enumerate(payload.personalizations)
    ]


def _header(headers: dict[str, str], name: str) -> str:
    found = (value for key, value in headers.items() if key.lower() == name.lower())
    return next(found, "")


def _mail(
    payload: Payload, one: Personalization, message_id: str, place: int, now: datetime
) -> Mail:
    headers = payload.headers | one.headers
    own_id = _header(headers, "message-id")
    send_at = one.send_at or payload.send_at or 0
    wait_seconds = max(0.0, send_at - now.timestamp())
    tracking = payload.tracking_settings
    html = _part(payload.content, "text/html", one)
    return Mail(
        id=message_id if place == 0 else f"{message_id}-{place}",
        message_id=message_id,
        smtp_id=own_id or f"<{message_id}@geopod-ismtpd-{place}>",
        accepted_at=now,
        begins_at=now + timedelta(seconds=wait_seconds),
        from_=payload.from_,
        to=one.to,
        cc=one.cc,
        bcc=one.bcc,
        reply_to=payload.reply_to_list or ((payload.reply_to,) if payload.reply_to else ()),
        subject=_substituted(one.subject or payload.subject, one),
        text=_part(payload.content, "text/plain", one),
        html=html,
        headers=headers,
        categories=payload.categories,
        custom_args=payload.custom_args | one.custom_args,
        files=tuple(
            File(file.filename, file.type, len(base64.b64decode(file.content)))
            for file in payload.attachments
        ),
        tracks_opens=tracking.open_tracking.enable and bool(html),
        tracks_clicks=tracking.click_tracking.enable,
        tracks_subscription=tracking.subscription_tracking.enable,
        bypasses=_bypasses(payload),
    )


def _bypasses(payload: Payload) -> frozenset[str]:
    settings = payload.mail_settings
    every = settings.bypass_list_management.enable
    switches = {
        BOUNCE: settings.bypass_bounce_management,
        SPAM: settings.bypass_spam_management,
        UNSUBSCRIBE: settings.bypass_unsubscribe_management,
    }
    return frozenset(kind for kind, switch in switches.items() if every or switch.enable)


def _part(content: tuple[Content, ...], kind: str, one: Personalization) -> str:
    found = (part.value for part in content if part.type.lower() == kind)
    return _substituted(next(found, ""), one)


def _substituted(text: str, one: Personalization) -> str:
    for tag, value in one.substitutions.items():
        text = text.replace(tag, value)
    return text


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if (tag, name) == ("a", "href") and value]


def links_of(mail: Mail) -> list[str]:
    """Every web address a reader could click, once, in order; its HTML's, else its text's."""
    parser = _Links()
    parser.feed(mail.html)
    found = parser.found if mail.html else _URL.findall(mail.text)
    plain = ("".join(url.split()) for url in found)
    return list(dict.fromkeys(url for url in plain if _URL.fullmatch(url)))
