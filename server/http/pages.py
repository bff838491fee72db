"""The console's page and what an error code means, for people. First-party files only.

The content security policy names this origin and the sign-in's, and nothing else.
"""

import html
from pathlib import Path

import msgspec
from quart import Blueprint, Response
from werkzeug.security import safe_join

from server.core.errors import KINDS, AppError
from server.core.node import Node

WEB = Path(__file__).parent.parent / "web"
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}


def routes(deps: Node) -> Blueprint:
    """`/`, `/web/...`, `/console.json` and `/errors/...`."""
    blueprint = Blueprint("pages", __name__)
    auth = deps.config.auth
    sign_in = "/".join(auth.issuer.split("/", 3)[:3])
    live = " ".join(  # older browsers do not count ws: of this origin as 'self'
        origin.replace("http", "ws", 1)
        for origin in (deps.config.server.origin, *deps.config.server.allowed_origins)
    )
    policy = (
        f"default-src 'self'; connect-src 'self' {sign_in} {live}; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'; object-src 'none'"
    )

    def file(name: str) -> Response:
        path = safe_join(str(WEB), name)
        found = Path(path) if path else WEB
        if not found.is_file() or found.suffix not in _TYPES:
            raise AppError("not_found")
        reply = Response(found.read_bytes(), content_type=f"{_TYPES[found.suffix]}; charset=utf-8")
        reply.headers["Content-Security-Policy"] = policy
        reply.headers["Permissions-Policy"] = "microphone=(self)"
        return reply

    @blueprint.get("/")
    async def index() -> Response:
        return file("index.html")

    @blueprint.get("/web/<path:name>")
    async def web(name: str) -> Response:
        return file(name)

    @blueprint.get("/console.json")
    async def console() -> Response:
        settings = {
            "auth_url": auth.issuer,
            "publishable_key": auth.publishable_key,
            "amd_patience_seconds": deps.config.amd.patience_seconds,
            "phone_url": deps.config.server.phone_url,
            "countries": deps.config.calls.allowed_countries,
            "currency": deps.config.plans.currency,
        }
        return Response(msgspec.json.encode(settings), content_type="application/json")

    @blueprint.get("/errors/<code>")
    async def error(code: str) -> Response:
        kind = KINDS.get(code)
        if kind is None:
            raise AppError("not_found")
        text = (
            f"<title>{code}</title><h1>{html.escape(kind.title)}</h1><p>{html.escape(kind.do)}</p>"
        )
        return Response(text, content_type="text/html; charset=utf-8")

    return blueprint
