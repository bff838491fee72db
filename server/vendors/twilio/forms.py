"""Twilio's webhook forms: signature, fields, and TwiML replies. Decides nothing.

The signature covers the address and every form field, so both are taken exactly as received; a
request that fails it learns nothing.
"""

from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
import structlog
from quart import Response, request
from werkzeug.datastructures import MultiDict

from server.core.errors import AppError
from server.core.node import Node
from server.core.validation import refuse_nul, storable
from server.vendors.signatures import SIGNATURE_SETTINGS, twilio_signed

log = structlog.get_logger(__name__)


MOST_FIELDS = 300  # 60 come with ten pictures; to check a body full of them would take 50 ms

Form = dict[str, str]


Fields = TypeVar("Fields", bound=msgspec.Struct)


async def verified(deps: Node, *, cleaned: bool = False) -> Form:
    """The form, if the carrier signed it; U+0000 in it is refused, or, `cleaned`, left out with
    all else that cannot be kept. What has too many fields is no form of the carrier's.

    Raises AppError("bad_signature") and AppError("bad_request").
    """
    body: bytes = await request.get_data(cache=False, as_text=False)  # type: ignore[assignment]
    try:
        given = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        given = []
    values = MultiDict(given)
    query = request.query_string.decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.path
    url = f"{deps.config.server.public_url.rstrip('/')}{path}" + (f"?{query}" if query else "")
    signatures = request.headers.getlist("X-Twilio-Signature")
    settings = request.headers.getlist(SIGNATURE_SETTINGS)
    if not twilio_signed(deps.config.twilio, url, values, signatures, settings):
        log.warning("webhook_refused", reason="signature", route=request.endpoint)
        raise AppError("bad_signature")
    form: Form = values.to_dict()
    if cleaned:
        return {name: storable(value) for name, value in form.items()}
    refuse_nul(form, "The form")
    return form


def read(form: Form, kind: type[Fields]) -> Fields:
    """The fields as a value. Raises AppError("bad_request")."""
    try:
        return msgspec.convert(form, kind)
    except msgspec.ValidationError as error:
        log.warning("webhook_unreadable", route=request.endpoint)
        raise AppError("bad_request", str(error)) from None


def twiml(text: str) -> Response:
    """Instructions for the carrier."""
    return Response(text, content_type="text/xml; charset=utf-8")


def whole(text: str | None) -> int | None:
    """A count that fits the database; None when it is missing or no such count."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else None
