"""What the phone company reports about texts: verify, record, answer. Decides nothing.

A text is answered with what the carrier is to say in our name, usually nothing; the agent's answer
comes later (Twilio, "Messaging webhooks" and "Message status callbacks").
"""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta
from quart import Blueprint, Response, request

from server.audit.acts import acting, provider
from server.core.errors import AppError
from server.texts import delivery, inbound
from server.texts.deps import TextDeps
from server.vendors.twilio.forms import read, twiml, verified, whole
from server.vendors.twilio.twiml import message


class _Text(msgspec.Struct, frozen=True, rename="pascal"):
    message_sid: Annotated[str, Meta(pattern=r"^[SM]M[0-9a-f]{32}$")]
    from_: Annotated[str, Meta(min_length=1, max_length=40)] = msgspec.field(name="From")
    body: str = ""
    num_media: str = "0"
    num_segments: str = "1"
    opt_out_type: str = ""


class _Status(msgspec.Struct, frozen=True, rename="pascal"):
    message_sid: Annotated[str, Meta(pattern=r"^[SM]M[0-9a-f]{32}$")]
    message_status: Annotated[str, Meta(max_length=40)]
    error_code: str | None = None


def routes(deps: TextDeps) -> Blueprint:
    """The carrier's two addresses for texts, both signed."""
    blueprint = Blueprint("twilio_texts", __name__, url_prefix="/webhooks/twilio")

    @blueprint.post("/sms")
    async def sms() -> Response:
        text = read(await verified(deps, cleaned=True), _Text)  # a 4xx would lose the text
        acting(provider("twilio"))
        answer = await inbound.receive(
            deps,
            text.message_sid,
            text.from_,
            text.body,
            whole(text.num_media) or 0,
            whole(text.num_segments) or 1,
            text.opt_out_type,
        )
        return twiml(message(answer))

    @blueprint.post("/sms-status")
    async def status() -> Response:
        fields = read(await verified(deps), _Status)
        await delivery.record_status(
            deps, _message(), fields.message_sid, fields.message_status, whole(fields.error_code)
        )
        return Response(status=204)

    return blueprint


def _message() -> uuid.UUID | None:
    """Which of our texts the address names. Raises AppError("bad_request")."""
    named = request.args.get("message")
    try:
        return None if named is None else uuid.UUID(named)
    except ValueError:
        raise AppError("bad_request", "`message` is no id.") from None
