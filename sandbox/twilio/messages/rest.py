"""The carrier's REST interface to messages: sending, finding and redacting them.

Parses, asks `lifecycle` and answers. The account has no Messaging Service, hence nothing scheduled,
and only what is scheduled can be canceled (Twilio 30409).
"""

from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.twilio.api import (
    account_blueprint,
    lose_reply,
    not_found,
    page,
    refuse_by_fault,
    time_matches,
)
from sandbox.twilio.messages.lifecycle import send
from sandbox.twilio.messages.message import Message
from sandbox.twilio.messages.params import parse_message
from sandbox.twilio.messages.store import MessageStore
from sandbox.twilio.params import Form, TwilioError, one


def messages_blueprint(texts: MessageStore) -> Blueprint:
    """Routes of the Messages resource."""
    carrier = texts.carrier
    blueprint = account_blueprint("messages", carrier.settings)

    @blueprint.post("/Messages.json")
    async def create() -> tuple[Response, int]:
        form = await request.form
        fault = carrier.take_create_fault("message", form.get("To", ""))
        refuse_by_fault(fault)
        asked = parse_message(form.to_dict(flat=False), carrier.settings.numbers)
        created = send(texts, asked, "outbound-api").resource()
        await lose_reply(fault)
        return jsonify(created), 201

    @blueprint.get("/Messages.json")
    async def index() -> Response:
        args = request.args.to_dict()
        newest_first = reversed(texts.messages.values())
        chosen = [message for message in newest_first if _matches(message, args)]
        return jsonify(page("messages", chosen, args))

    @blueprint.get("/Messages/<sid>.json")
    async def fetch(sid: str) -> Response:
        return jsonify(_found(texts, sid).resource())

    @blueprint.post("/Messages/<sid>.json")
    async def update(sid: str) -> Response:
        message = _found(texts, sid)
        return jsonify(change(message, (await request.form).to_dict(flat=False)))

    return blueprint


def change(message: Message, form: Form) -> dict[str, Any]:
    """Redact a message, if the form asks for it: its resource. Raises TwilioError."""
    status = one(form, "Status")
    if status not in ("", "canceled"):
        raise TwilioError(400, 20001, f"Status {status} is not valid")
    if status:
        raise TwilioError(409, 30409, "This message cannot be canceled")
    if any(form.get("Body") or ()):
        raise TwilioError(400, 20001, "Body may only be made empty")
    if "Body" in form:
        if message.leaving:
            raise TwilioError(409, 20009, f"Cannot redact message in state {message.status}")
        message.redact()
    return message.resource()


def _found(texts: MessageStore, sid: str) -> Message:
    message = texts.messages.get(sid)
    if message is None or message.direction == "carrier":
        raise not_found()
    return message


def _matches(message: Message, args: dict[str, str]) -> bool:
    facts = {"To": message.request.to, "From": message.request.from_}
    return (
        message.direction != "carrier"
        and all(args.get(name, value) == value for name, value in facts.items())
        and time_matches(args, "DateSent", message.sent_at)
    )
