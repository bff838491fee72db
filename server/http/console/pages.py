"""The console's page and what an error code means, for people. First-party files only.

The content security policy names this origin and the sign-in's, and nothing else.
"""

from pathlib import Path

import msgspec
from quart import Blueprint, Response, request

from server.core.errors import KINDS, AppError
from server.core.node import Node
from server.http.console import static_files
from server.http.failures import page

WEB = Path(__file__).parents[2] / "web"


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

    folder = static_files.read(WEB)

    def file(name: str) -> Response:
        found = folder.find(name)
        if found is None:
            raise AppError("not_found")
        one, kept = found
        reply = Response(content_type=one.content_type)
        packs = request.accept_encodings.quality("gzip") > 0
        reply.set_etag(f"{one.tag}-gzip" if packs else one.tag)
        if request.if_none_match.contains(reply.get_etag()[0] or ""):
            reply.status_code = 304
        else:
            reply.set_data(one.packed if packs else one.body)
            if packs:
                reply.headers["Content-Encoding"] = "gzip"
        reply.headers["Vary"] = "Accept-Encoding"
        reply.headers["Cache-Control"] = kept
        reply.headers["Content-Security-Policy"] = policy
        reply.headers["Permissions-Policy"] = "microphone=(self)"
        return reply

    @blueprint.get("/")
    async def index() -> Response:
        return file("index.html")

    @blueprint.get("/favicon.ico")
    async def favicon() -> Response:
        return file("icon.svg")

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
        if code not in KINDS:
            raise AppError("not_found")
        return Response(page(AppError(code)), content_type="text/html; charset=utf-8")

    return blueprint
