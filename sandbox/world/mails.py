"""Everything about mail: what was sent, what became of it, and mail from outside.

`/world/mails` is the sandbox's own and imitates nobody. The shapes are a contract.
"""

from typing import Any

import msgspec
from quart import Blueprint, Response, request

from sandbox.core.clock import iso8601, utc_now
from sandbox.sendgrid.events import Event, status_of
from sandbox.sendgrid.inbound_parse import Draft, InboundMail, new_inbound_mail
from sandbox.sendgrid.mail import Mail
from sandbox.sendgrid.payload import Address
from sandbox.sendgrid.service import MailService


def add_mail_routes(blueprint: Blueprint, service: MailService) -> None:
    """`/world/mails` and `/world/inbound_mails`."""

    @blueprint.get("/world/mails")
    async def mails() -> Response:
        return json_response(mails_json(service))

    @blueprint.get("/world/inbound_mails")
    async def inbound_mails() -> Response:
        return json_response(inbound_json(service))

    @blueprint.post("/world/mails")
    async def add_inbound_mail() -> Response:
        given = msgspec.json.decode(await request.get_data(cache=False), type=Draft)
        fields = msgspec.to_builtins(given)
        answered = service.mails.get(given.in_reply_to)
        if answered is not None:
            fields["in_reply_to"] = answered.smtp_id
        inbound_mail = new_inbound_mail(utc_now(), **fields)
        service.receive(inbound_mail)
        return json_response(inbound_mail_json(service, inbound_mail), 201)


def mails_json(service: MailService) -> list[dict[str, Any]]:
    """All mails that were taken, oldest first."""
    return [mail_json(service, mail) for mail in service.mails.values()]


def inbound_json(service: MailService) -> list[dict[str, Any]]:
    """All mails from outside, oldest first."""
    return [
        inbound_mail_json(service, inbound_mail) for inbound_mail in service.inbound_mails.values()
    ]


def mail_json(service: MailService, mail: Mail) -> dict[str, Any]:
    """One mail and everything that happened to it."""
    events = service.events_of(mail)
    return {
        "id": mail.id,
        "message_id": mail.message_id,
        "smtp_id": mail.smtp_id,
        "accepted_at": iso8601(mail.accepted_at),
        "from": mail.from_,
        "to": _emails(mail.to),
        "cc": _emails(mail.cc),
        "bcc": _emails(mail.bcc),
        "reply_to": _emails(mail.reply_to),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": mail.headers,
        "attachments": mail.files,
        "categories": mail.categories,
        "custom_args": mail.custom_args,
        "status": {recipient: status_of(recipient, events) for recipient in mail.recipients},
        "events": [_event(service, event) for event in events],
        "one_clicks": [
            {
                "at": iso8601(one.at),
                "recipient": one.recipient,
                "url": one.url,
                "status": one.status,
            }
            for one in service.one_clicks.get(mail.id, [])
        ],
    }


def inbound_mail_json(service: MailService, inbound_mail: InboundMail) -> dict[str, Any]:
    """One mail to the product and whether it took it."""
    return {
        "id": inbound_mail.id,
        "message_id": inbound_mail.message_id,
        "written_at": iso8601(inbound_mail.written_at),
        "from": inbound_mail.from_,
        "to": inbound_mail.to,
        "subject": inbound_mail.subject,
        "text": inbound_mail.text,
        "in_reply_to": inbound_mail.in_reply_to,
        "outcome": service.inbound.outcome(inbound_mail),
        "posts": service.inbound.attempts[inbound_mail.id],
    }


def _event(service: MailService, event: Event) -> dict[str, Any]:
    return {
        "event": event.kind,
        "recipient": event.recipient,
        "sg_event_id": event.id,
        "body": event.body,
        "lost": event.id in service.poster.lost,
        "posts": service.poster.attempts.get(event.id, []),
    }


def _emails(people: tuple[Address, ...]) -> list[str]:
    return [address.email for address in people]


def json_response(value: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(value), status, mimetype="application/json")
