"""The mail service's HTTP interface: the key, sending, where it posts to, errors, faults.

What is wrong with a mail is decided in `validation`, what becomes of it in `service`.
"""

import asyncio
import hmac

import msgspec
from quart import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from sandbox.core.clock import utc_now
from sandbox.core.settings import SENDGRID_PUBLIC_KEY, Settings
from sandbox.sendgrid.errors import MailError, Problem, refusal
from sandbox.sendgrid.payload import read_payload
from sandbox.sendgrid.service import MailService

MOST_BYTES = 4_000_000  # SendGrid's is 30 MB
RATE_LIMIT = 600  # requests a minute, as the headers of a 429 say
_EVENTS = (
    "processed", "dropped", "deferred", "delivered", "bounce", "open", "click", "spam_report",
    "unsubscribe", "group_unsubscribe", "group_resubscribe",
)  # fmt: skip
_TOO_LARGE = "The payload is too large."


def mail_blueprint(service: MailService) -> Blueprint:
    """Sending, and the account's webhooks to read."""
    blueprint = Blueprint("mail", __name__, url_prefix="/v3")

    @blueprint.errorhandler(MailError)
    async def refused(error: MailError) -> Response:
        return _refused(error)

    @blueprint.errorhandler(RequestEntityTooLarge)
    async def too_large(_: RequestEntityTooLarge) -> Response:
        return _refused(refusal(_TOO_LARGE, 413))

    @blueprint.post("/mail/send")
    async def send() -> Response:
        check_key(request.headers.get("Authorization", ""), service.settings.sendgrid_key)
        data = await request.get_data(cache=False)
        body = data.encode() if isinstance(data, str) else data
        if len(body) > MOST_BYTES:
            raise refusal(_TOO_LARGE, 413)
        fault = service.take_send_fault()
        if fault == "429":
            return _rate_limited()
        if fault == "500":
            raise refusal("Internal Server Error", 500)
        payload = read_payload(body)
        service.check(payload)
        if payload.mail_settings.sandbox_mode.enable:
            return Response("", 200)
        message_id = service.accept(payload)
        if fault == "500_after_commit":
            raise refusal("Internal Server Error", 500)
        if fault == "timeout_after_commit":
            await asyncio.sleep(service.faults.mail_send_hold_ms / 1000)
            raise refusal("Gateway Timeout", 504)
        return Response("", 202, headers={"X-Message-Id": message_id})

    _add_webhooks(blueprint, service.settings)
    return blueprint


def _add_webhooks(blueprint: Blueprint, settings: Settings) -> None:
    """Where the account has its events and its answers posted to."""

    @blueprint.get("/user/webhooks/event/settings/all")
    async def events() -> Response:
        check_key(request.headers.get("Authorization", ""), settings.sendgrid_key)
        hook = {
            **dict.fromkeys(_EVENTS, True),
            "enabled": True,
            "id": "00000000-0000-0000-0000-000000000001",
            "url": settings.sendgrid_webhook_url,
            "public_key": SENDGRID_PUBLIC_KEY,
        }
        hooks = [hook] if settings.sendgrid_webhook_url else []
        return jsonify({"max_allowed": 5, "webhooks": hooks})

    @blueprint.get("/user/webhooks/parse/settings")
    async def parse() -> Response:
        check_key(request.headers.get("Authorization", ""), settings.sendgrid_key)
        hook = {
            "url": settings.inbound_parse_url,
            "hostname": settings.inbound_parse_host,
            "spam_check": False,
            "send_raw": False,
        }
        return jsonify({"result": [hook] if settings.inbound_parse_url else []})


def check_key(header: str, key: str) -> None:
    """The key as a Bearer token. Raises MailError 401."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), key.encode()):
        raise refusal("The provided authorization grant is invalid, expired, or revoked", 401)


def _rate_limited() -> Response:
    response = _refused(MailError(429, Problem("too many requests")))
    response.headers["X-RateLimit-Limit"] = str(RATE_LIMIT)
    response.headers["X-RateLimit-Remaining"] = "0"
    response.headers["X-RateLimit-Reset"] = str(int(utc_now().timestamp()) + 1)
    return response


def _refused(error: MailError) -> Response:
    body = msgspec.json.encode({"errors": error.problems})
    return Response(body, error.status, mimetype="application/json")
