"""The mailbox: what arrived, and buttons for what its recipients do.

What is in a mail is not trusted: it is escaped, or framed where it can do nothing, and the pages
forbid scripts and requests to elsewhere. Effects are in `recipient_actions`.
"""

from typing import cast
from urllib.parse import quote

from quart import Blueprint, Response, redirect, request

from sandbox.core import html
from sandbox.core.clock import iso8601
from sandbox.sendgrid.delivery_outcomes import DESCRIPTIONS
from sandbox.sendgrid.errors import MailError, refusal
from sandbox.sendgrid.events import status_of
from sandbox.sendgrid.mail import Mail, links_of
from sandbox.sendgrid.payload import Address
from sandbox.sendgrid.recipient_actions import arrived, one_click_url, perform_action
from sandbox.sendgrid.service import MailService

Reply = Response | str

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def mail_pages_blueprint(service: MailService) -> Blueprint:
    """All pages."""
    blueprint = Blueprint("mail_pages", __name__, url_prefix="/mail")

    @blueprint.errorhandler(MailError)
    async def refused(error: MailError) -> tuple[str, int]:
        return html.page("This does not work", html.text(str(error), "error")), error.status

    @blueprint.after_request
    async def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @blueprint.get("")
    async def mailbox() -> Reply:
        return _mailbox(service, request.args.get("to", ""))

    @blueprint.get("/<mail_id>")
    async def show(mail_id: str) -> Reply:
        mail = _found(service, mail_id)
        recipient = request.args.get("to", mail.recipients[0])
        if recipient not in mail.recipients:
            raise refusal("This mail went to somebody else.", 404)
        return _mail(service, mail, recipient)

    @blueprint.post("/<mail_id>/<action>")
    async def act(mail_id: str, action: str) -> Reply:
        mail, form = _found(service, mail_id), await request.form
        recipient = form.get("recipient", mail.recipients[0])
        value = form.get("url", "") or form.get("text", "")
        leads = await perform_action(service, mail, recipient, action, value)
        return cast(Response, redirect(leads or _address(mail, recipient), 303))

    return blueprint


def _found(service: MailService, mail_id: str) -> Mail:
    if mail_id not in service.mails:
        raise refusal("There is no such mail.", 404)
    return service.mails[mail_id]


def _address(mail: Mail, recipient: str) -> str:
    return f"/mail/{mail.id}?to={quote(recipient, safe='@')}"


def _mailbox(service: MailService, only: str) -> str:
    shown = [
        (
            _address(mail, recipient),
            mail.subject,
            f"{recipient}, {status_of(recipient, service.events_of(mail))}",
        )
        for mail in reversed(service.mails.values())
        for recipient in mail.recipients
        if only in ("", recipient)
    ]
    listed = sorted((who, ", ".join(sorted(why))) for who, why in service.suppressed.items())
    return html.page(
        "Mail" if not only else f"Mail to {only}",
        html.linked_rows(shown) if shown else html.text("Nothing has arrived."),
        *((html.heading("Who gets no more mail"), html.rows(listed)) if listed else ()),
        html.heading("Addresses with another outcome"),
        html.rows((f"{name}@…", value) for name, value in DESCRIPTIONS.items()),
        html.text("So does bounce+1@…, and so on. Mail to any other address is delivered.", "note"),
    )


def _mail(service: MailService, mail: Mail, recipient: str) -> str:
    events = service.events_of(mail)
    facts = [
        ("From", _named(mail.from_)),
        ("To", ", ".join(map(_named, mail.to))),
        ("Cc", ", ".join(map(_named, mail.cc))),
        ("Reply-To", ", ".join(map(_named, mail.reply_to))),
        ("Message-ID", mail.smtp_id),
        *mail.headers.items(),
        *(("Attachment", f"{one.name} ({one.type}, {one.bytes} bytes)") for one in mail.files),
        ("Delivery", f"{status_of(recipient, events)} ({recipient})"),
    ]
    return html.page(
        mail.subject,
        html.rows((name, value) for name, value in facts if value),
        html.preformatted(mail.text),
        html.frame("HTML part", mail.html) if mail.html else "",
        *(_actions(mail, recipient) if arrived(service, mail, recipient) else ()),
        html.heading("What happened"),
        html.rows(_history(service, mail, recipient)),
        html.link("/mail", "All mail"),
    )


def _actions(mail: Mail, recipient: str) -> list[str]:
    def button(action: str, label: str, *fields: str) -> str:
        return html.form(
            f"/mail/{mail.id}/{action}", label, html.hidden("recipient", recipient), *fields
        )

    offered = (
        ("open", "Open it", mail.tracks_opens),
        ("report-spam", "Report spam", True),
        ("one-click", "Unsubscribe (one click)", bool(one_click_url(mail))),
        ("unsubscribe", "Unsubscribe at the mail service", mail.tracks_subscription),
    )
    return [
        html.heading(f"As {recipient}"),
        html.side_by_side(*(button(action, label) for action, label, able in offered if able)),
        *(button("click", f"Click {url}", html.hidden("url", url)) for url in links_of(mail)),
        button("reply", "Reply", html.area("text", "Answer")),
    ]


def _history(service: MailService, mail: Mail, recipient: str) -> list[tuple[str, str]]:
    happened = []
    for event in service.events_of(mail):
        if event.recipient == recipient:
            posts = service.poster.attempts.get(event.id, [])
            told = ", ".join(str(one.status or "no answer") for one in posts) or "not posted"
            why = event.body.get("reason") or event.body.get("response") or ""
            happened.append((f"{event.kind} {why}", f"webhook: {told}"))
    for pressed in service.one_clicks.get(mail.id, []):
        if pressed.recipient == recipient:
            status = str(pressed.status or "no answer")
            happened.append((f"one-click unsubscribe at {iso8601(pressed.at)}", status))
    happened += [
        (f"reply from {inbound_mail.from_}", service.inbound.outcome(inbound_mail))
        for inbound_mail in service.inbound_mails.values()
        if inbound_mail.in_reply_to == mail.smtp_id
    ]
    return happened


def _named(address: Address) -> str:
    return f"{address.name} <{address.email}>" if address.name else address.email
