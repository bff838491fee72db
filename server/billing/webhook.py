"""What Stripe reports: verify the bytes as they came, write them down, answer 200.

The signature covers time and raw body, so nothing parses the body before it is verified; during a
roll of the secret either secret may have signed (docs.stripe.com/webhooks). An event of any type is
answered 200, or it would be sent again for three days.
"""

from typing import Any, cast

import msgspec
import structlog
from quart import Blueprint, Response, request

from server.billing import events
from server.billing.deps import BillingDeps
from server.core.errors import AppError
from server.core.validation import JSON_FAULTS, cleaned
from server.vendors.signatures import stripe_signed

log = structlog.get_logger(__name__)

PATH = "/webhooks/stripe"


def routes(deps: BillingDeps) -> Blueprint:
    """Stripe's one address."""
    blueprint = Blueprint("stripe", __name__)

    @blueprint.post(PATH)
    async def stripe_webhook() -> Response:
        settings = deps.config.stripe
        body: bytes = await request.get_data(cache=False, as_text=False)  # type: ignore[assignment]
        if not stripe_signed(settings, body, request.headers.get("Stripe-Signature", "")):
            log.warning("webhook_refused", reason="signature", route=request.endpoint)
            raise AppError("bad_signature")
        try:
            payload: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
            if rb"\u0000" in body:  # some of it is kept as text
                payload = cast(dict[str, Any], cleaned(payload))
            event = events.read_event(payload)
        except JSON_FAULTS:
            log.warning("webhook_unreadable", route=request.endpoint)
            raise AppError("bad_request", "The body is no event.") from None
        if not await events.keep(deps, event):
            log.info("webhook_repeated", kind=event.type)
        return Response(status=200)

    return blueprint
