"""The page behind every e-mail's unsubscribe link, for people without an account.

Looking at it changes nothing, since link scanners look at everything; its button, and a mail
program's one-click request (RFC 8058), are POSTs and act at once. It names nobody.
"""

import html

from quart import Blueprint, Response

from media.languages.language import sentence
from server.audit.acts import acting, bearer
from server.core.node import Node
from server.emails import actions

_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def routes(deps: Node) -> Blueprint:
    """`/unsubscribe/<token>`."""
    blueprint = Blueprint("unsubscribe", __name__)

    @blueprint.get("/unsubscribe/<token>")
    async def ask(token: str) -> Response:
        language = await actions.unsubscribes(deps, token)
        if language is None:
            return _page("unknown", deps.config.language, status=404)
        press = html.escape(sentence(language, "unsubscribe", "press"))
        form = f'<form method="post"><button type="submit">{press}</button></form>'
        return _page("ask", language, form)

    @blueprint.post("/unsubscribe/<token>")
    async def leave(token: str) -> Response:
        acting(bearer("unsubscribe link"))
        language = await actions.unsubscribe(deps, token)
        if language is None:
            return _page("unknown", deps.config.language, status=404)
        return _page("done", language)

    return blueprint


def _page(name: str, language: str, form: str = "", status: int = 200) -> Response:
    title, text = (sentence(language, "unsubscribe", part) for part in (name, f"{name}_more"))
    body = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{html.escape(title)}</title><link rel="icon" href="/web/icon.svg">'
        '<link rel="stylesheet" href="/web/console.css">'
        f"<main><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{form}</main></html>"
    )
    reply = Response(body, status=status, content_type="text/html; charset=utf-8")
    reply.headers["Content-Security-Policy"] = _POLICY
    reply.headers["X-Robots-Tag"] = "noindex"
    return reply
