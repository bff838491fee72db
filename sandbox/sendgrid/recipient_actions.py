"""What a recipient can do with a mail: open, click, report spam, unsubscribe, reply.

Each action has the effects it has in reality: events, suppression, a request of the mail
program's own, or a mail to the product. Raises MailError 400 for what cannot be done.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from sandbox.core.clock import utc_now
from sandbox.sendgrid.errors import refusal
from sandbox.sendgrid.events import status_of
from sandbox.sendgrid.inbound_parse import reply_to
from sandbox.sendgrid.mail import SPAM, UNSUBSCRIBE, Mail, links_of
from sandbox.sendgrid.service import MailService, OneClick

_BROWSER = {"ip": "192.0.2.77", "useragent": "Mozilla/5.0 (sandbox)"}
_ONE_CLICK = "List-Unsubscribe=One-Click"


def arrived(service: MailService, mail: Mail, recipient: str) -> bool:
    """Whether a recipient has it."""
    return status_of(recipient, service.events_of(mail)) == "delivered"


def one_click_url(mail: Mail) -> str:
    """Where a mail program posts to for unsubscribing (RFC 8058), or "" when it offers no button:
    it wants a web address in List-Unsubscribe and the one value of List-Unsubscribe-Post."""
    found = re.search(r"<\s*(https?://[^<>\s]+)\s*>", mail.header("List-Unsubscribe"))
    willing = mail.header("List-Unsubscribe-Post").strip() == _ONE_CLICK
    return found[1] if found and willing else ""


async def perform_action(
    service: MailService, mail: Mail, recipient: str, action: str, value: str
) -> str:
    """Perform an action. `value` is the address clicked on or the text of a reply. Returns the web
    address it leads to, or ""."""
    if recipient not in mail.recipients or action not in ACTIONS:
        raise refusal("Nobody can do this.", 404)
    if not arrived(service, mail, recipient):
        raise refusal("This mail has not arrived.")
    return await ACTIONS[action](service, mail, recipient, value)


async def _open(service: MailService, mail: Mail, recipient: str, _: str) -> str:
    if not mail.tracks_opens:
        raise refusal("Opening this mail is not tracked.")
    fields: dict[str, Any] = {**_BROWSER, "sg_content_type": "html", "sg_machine_open": False}
    service.record_event(mail, recipient, "open", fields)
    return ""


async def _click(service: MailService, mail: Mail, recipient: str, value: str) -> str:
    if value not in links_of(mail):
        raise refusal("There is no such link.")
    if mail.tracks_clicks:
        kind = "html" if mail.html else "text"
        offset = {"index": links_of(mail).index(value), "type": kind}
        service.record_event(
            mail, recipient, "click", {**_BROWSER, "url": value, "url_offset": offset}
        )
    return value


async def _report(service: MailService, mail: Mail, recipient: str, _: str) -> str:
    service.record_event(mail, recipient, SPAM)
    return ""


async def _unsubscribe(service: MailService, mail: Mail, recipient: str, _: str) -> str:
    if not mail.tracks_subscription:
        raise refusal("The mail service put no unsubscribe link into this mail.")
    service.record_event(mail, recipient, UNSUBSCRIBE)
    return ""


async def _one_click(service: MailService, mail: Mail, recipient: str, _: str) -> str:
    url = one_click_url(mail)
    if not url:
        raise refusal("This mail offers no one-click unsubscribe.")
    name, _, value = _ONE_CLICK.partition("=")
    try:
        async with service.http.post(url, data={name: value}, allow_redirects=False) as response:
            status = response.status
    except (aiohttp.ClientError, TimeoutError, ValueError):
        status = 0
    pressed = OneClick(utc_now(), recipient, url, status)
    service.one_clicks.setdefault(mail.id, []).append(pressed)
    return ""


async def _reply(service: MailService, mail: Mail, recipient: str, value: str) -> str:
    if not value.strip():
        raise refusal("Write something first.")
    service.receive(reply_to(mail, recipient, value.replace("\r\n", "\n"), utc_now()))
    return ""


Action = Callable[[MailService, Mail, str, str], Awaitable[str]]
ACTIONS: dict[str, Action] = {
    "open": _open,
    "click": _click,
    "report-spam": _report,
    "unsubscribe": _unsubscribe,
    "one-click": _one_click,
    "reply": _reply,
}
