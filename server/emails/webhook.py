"""What the mail company reports: verify, record, answer 2xx. Decides nothing.

Events come as signed arrays and are sent again until they are taken. Answers by e-mail come
unsigned, to an address with a secret in it, and are lost by any answer of 4xx: whatever cannot be
read is therefore logged and taken (SendGrid, "Event Webhook" and "Inbound Email Parse Webhook").
"""

import asyncio

import structlog
from quart import Blueprint, Response, request
from werkzeug.exceptions import RequestTimeout

from server.audit.acts import acting, provider
from server.core.errors import AppError
from server.core.node import Node
from server.emails import events as mail_events
from server.emails import inbound as mail_answers
from server.emails.answers.forms import FormReader
from server.emails.answers.reading import Answer, read_answer
from server.vendors.sendgrid.events import read_events
from server.vendors.signatures import mail_signed, same_secret

log = structlog.get_logger(__name__)

EVENTS_PATH = "/webhooks/sendgrid"
INBOUND_PATH = "/webhooks/sendgrid/inbound"
_PIECE = 256 * 1024  # bytes
_MOST_SECONDS = 60.0  # in which a whole mail must have come
_HEADER = "X-Twilio-Email-Event-Webhook"


def routes(deps: Node) -> Blueprint:
    """The mail company's two addresses."""
    blueprint = Blueprint("sendgrid", __name__)

    @blueprint.post(EVENTS_PATH)
    async def events() -> Response:
        body = await _body()
        if not mail_signed(
            deps.config.sendgrid.public_key, body,
            request.headers.get(f"{_HEADER}-Signature", ""),
            request.headers.get(f"{_HEADER}-Timestamp", ""), deps.clock(),
        ):  # fmt: skip
            raise _refused("signature")
        try:
            # Thousands may come at once, and calls run here, too.
            found, unreadable = await asyncio.to_thread(read_events, body)
        except ValueError:
            log.warning("webhook_unreadable", route=request.endpoint)
            raise AppError("bad_request", "The body is no array of events.") from None
        if unreadable:
            log.warning("events_unreadable", count=unreadable)
        acting(provider("sendgrid"))
        await mail_events.apply(deps, found)
        return Response(status=204)

    @blueprint.post(INBOUND_PATH)
    async def inbound() -> Response:
        if not same_secret(deps.config.sendgrid.inbound_key, request.args.get("key", "")):
            raise _refused("key")
        try:
            answer = await _answer()
        except (RequestTimeout, TimeoutError):  # a 4xx would lose the mail
            raise AppError("unavailable") from None
        except ValueError:
            log.warning("webhook_unreadable", route=request.endpoint)
            return Response(status=200)
        acting(provider("sendgrid"))
        await mail_answers.receive(deps, answer)
        return Response(status=200)

    return blueprint


async def _answer() -> Answer:
    """The mail of the form, read as it comes and off the loop: much of it may be attachments.

    Raises ValueError for what cannot be read, TimeoutError where it takes too long to come.
    """
    reader = FormReader(request.headers.get("Content-Type", ""))
    pending = bytearray()
    async with asyncio.timeout(_MOST_SECONDS):
        async for piece in request.body:
            pending += piece
            if len(pending) >= _PIECE:
                await asyncio.to_thread(reader.feed, bytes(pending))
                pending.clear()

    def read() -> Answer:
        if pending:
            reader.feed(bytes(pending))
        reader.feed(b"")
        return read_answer({name: bytes(value) for name, value in reader.fields.items()})

    return await asyncio.to_thread(read)


async def _body() -> bytes:
    raw: bytes = await request.get_data(cache=False, as_text=False)  # type: ignore[assignment]
    return raw


def _refused(reason: str) -> AppError:
    log.warning("webhook_refused", reason=reason, route=request.endpoint)
    return AppError("bad_signature")
