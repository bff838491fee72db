"""`/webhooks/check`: asked at the public address, signed as the carrier signs, it proves that what
the carrier asks there comes to a node with our secrets, and its answer back. Writes nothing.
"""

import hmac

import msgspec
from quart import Blueprint, Response

from server.core.node import Node
from server.core.settings.loading import Secret
from server.vendors.twilio.forms import verified

PATH = "/webhooks/check"


class Answer(msgspec.Struct, frozen=True):
    """`proof` is made of the nonce that was sent and of the secret that both sides have."""

    proof: str


def routes(deps: Node) -> Blueprint:
    """The one address."""
    blueprint = Blueprint("round_trip", __name__)

    @blueprint.post(PATH)
    async def check() -> Response:
        form = await verified(deps)
        answer = Answer(proof(deps.config.twilio.auth_token, form.get("nonce", "")))
        return Response(msgspec.json.encode(answer), content_type="application/json")

    return blueprint


def proof(secret: Secret, nonce: str) -> str:
    """What only who has the secret can say of the nonce."""
    return hmac.digest(secret.reveal().encode(), f"round trip {nonce}".encode(), "sha256").hex()
