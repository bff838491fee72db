"""What every answer carries: a request's id, which its log lines have, too, and how a browser is to
treat it. Knows no routes.

A policy that a page has set for itself stays; what has none may load our stylesheet and nothing
else. HSTS is said where the public address is https (RFC 6797, section 7.2: never in clear).
"""

import re
import uuid
from collections.abc import Sequence

from quart import Quart, Response, request
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from server.audit import acts
from server.audit.acts import Origin
from server.audit.keys import hashed
from server.http.client_address import Network, client_address

NAME = "X-Request-Id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HSTS = "max-age=31536000"


def add(app: Quart, public_url: str, audit_key: bytes, proxies: Sequence[Network] = ()) -> None:
    """Have every answer of the application carry them, and every act know where it comes from."""
    is_https = public_url.startswith("https://")

    @app.before_request
    async def begin() -> None:
        clear_contextvars()
        given = request_id(request.headers.get(NAME, ""))
        bind_contextvars(request_id=given)
        forwarded = request.headers.getlist("X-Forwarded-For")
        address = client_address(request.remote_addr or "", forwarded, proxies)
        acts.begin(Origin(given, hashed(audit_key, address)))

    @app.after_request
    async def headers(reply: Response) -> Response:
        reply.headers.setdefault("X-Content-Type-Options", "nosniff")
        reply.headers.setdefault("Referrer-Policy", "no-referrer")
        reply.headers.setdefault("Cache-Control", "no-store")
        reply.headers.setdefault("Content-Security-Policy", _POLICY)
        reply.headers[NAME] = get_contextvars().get("request_id") or request_id("")
        if is_https:
            reply.headers.setdefault("Strict-Transport-Security", _HSTS)
        return reply


def request_id(given: str) -> str:
    """The id a proxy in front gave, or one of our own when it gave none that is fit for a log."""
    return given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
