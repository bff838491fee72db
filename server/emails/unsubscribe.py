"""The page behind every e-mail's unsubscribe link, for people without an account.

Looking at it changes nothing, since link scanners look at everything; its button, and a mail
program's one-click request (RFC 8058), are POSTs and act at once. It names nobody.
"""

import html

from quart import Blueprint, Response

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
        if not await actions.is_unsubscribable(deps, token):
            return _unknown()
        return _page(
            "Get nothing more from us?",
            "One press and we send nothing more to this address, nor texts or calls to you.",
            '<form method="post"><button type="submit">Unsubscribe</button></form>',
        )

    @blueprint.post("/unsubscribe/<token>")
    async def leave(token: str) -> Response:
        acting(bearer("unsubscribe link"))
        if not await actions.unsubscribe(deps, token):
            return _unknown()
        return _page(
            "Done",
            "You get no more e-mails from us, nor texts or calls. You need not do anything else.",
        )

    return blueprint


def _unknown() -> Response:
    return _page(
        "This link does not work any more",
        "Please use the link in the newest e-mail you got from us, or answer it with STOP.",
        status=404,
    )


def _page(title: str, text: str, form: str = "", status: int = 200) -> Response:
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{html.escape(title)}</title><link rel="icon" href="/web/icon.svg">'
        '<link rel="stylesheet" href="/web/console.css">'
        f"<main><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{form}</main></html>"
    )
    reply = Response(body, status=status, content_type="text/html; charset=utf-8")
    reply.headers["Content-Security-Policy"] = _POLICY
    reply.headers["X-Robots-Tag"] = "noindex"
    return reply
