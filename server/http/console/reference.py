"""`/docs`: REST to be read by people, from the route table: who may ask, examples, routes, errors.

What machines read is `openapi`'s. Nothing here knows what a route does.
"""

import html
import re
from typing import Any

from quart import Blueprint, Response

from server.core.errors import KINDS
from server.http import scopes
from server.http.console.examples import EXAMPLES, Example
from server.http.credentials import PREFIX
from server.http.openapi import braced
from server.http.routing import Route

_OTHERWISE = {"/v1/commands": "the command's"}
_CODE = re.compile(r"`([^`]+)`")


def routes(table: tuple[Route, ...], url: str) -> Blueprint:
    """The page, for a server at this address."""
    blueprint = Blueprint("reference", __name__)
    text = page(table, url)

    @blueprint.get("/docs")
    async def docs() -> Response:
        return Response(text, content_type="text/html; charset=utf-8")

    return blueprint


def page(table: tuple[Route, ...], url: str) -> str:
    """The whole page; pure."""
    examples = "".join(_example(one, url) for one in EXAMPLES)
    rows = "".join(_row(*_route(route)) for route in table)
    errors = "".join(
        _row(code, str(kind.status), kind.title, kind.do) for code, kind in KINDS.items()
    )
    known = ", ".join(f"`{scope}`" for scope in scopes.SCOPES)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Talking App: REST</title>"
        '<link rel="icon" href="/web/icon.svg"><link rel="stylesheet" href="/web/console.css">'
        '<main class="reference"><h1>REST</h1>'
        '<p class="links"><a href="#who">Who may ask</a> <a href="#examples">Examples</a> '
        '<a href="#routes">Methods and paths</a> <a href="#errors">Errors</a> '
        '<a href="/openapi.json">/openapi.json</a> <a href="/asyncapi.json">/asyncapi.json</a> '
        '<a href="/">The console</a></p>'
        '<h2 id="who">Who may ask</h2>'
        + _told(
            f"Every request says who asks: `Authorization: Bearer`, and an API key (`{PREFIX}...`) "
            "or the access token of somebody who is signed in. A key is made in the console, under "
            "Build on it, or by the request below. It is shown once, acts for who made it, and may "
            f"do what its scopes allow: {known}. The table names the scope of each method; "
            "where it names none, only people may."
        )
        + _code("sh", _KEY, url)
        + '<h2 id="examples">Examples</h2>'
        + _told(
            "By curl, and by the typed clients in `clients/python` and `clients/typescript` of "
            f"this product's source. `{PREFIX}...` stands for your key."
        )
        + examples
        + '<h2 id="routes">Methods and paths</h2>'
        + _table("Methods and paths", "<th>Method<th>Path<th>Scope<th>Takes<th>Gives<th>Does", rows)
        + '<h2 id="errors">Errors</h2>'
        + _table("Errors", "<th>Code<th>Status<th>Means<th>Do", errors)
        + "</main></html>"
    )


_KEY = """\
curl URL/v1/keys \\
  -H "Authorization: Bearer $ACCESS_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "Reports", "scopes": ["read", "calls"]}'
"""


def _example(one: Example, url: str) -> str:
    sides = (("curl", "sh", one.curl), ("Python", "python", one.python),
             ("TypeScript", "typescript", one.typescript))  # fmt: skip
    shown = "".join(
        f"<figure><figcaption>{name}</figcaption>{_code(language, text, url)}</figure>"
        for name, language, text in sides
    )
    return f'<h3>{html.escape(one.title)}</h3>{_told(one.told)}<div class="sides">{shown}</div>'


def _code(language: str, text: str, url: str) -> str:
    filled = text.replace("URL", url.rstrip("/")).replace("KEY", f"{PREFIX}...")
    code = f'<code class="language-{language}">{html.escape(filled)}</code>'
    return f'<pre class="sample">{code}</pre>'


def _told(text: str) -> str:
    marked = _CODE.sub(r"<code>\1</code>", html.escape(text))
    return f"<p>{marked}</p>"


def _route(route: Route) -> tuple[str, ...]:
    scope = scopes.of_route(route.method, route.path) or _OTHERWISE.get(route.path, "")
    taken, given = _fields(route.body or route.query), _fields(route.reply)
    return route.method, braced(route.path), scope, taken, given, route.summary


def _fields(kind: Any) -> str:
    return ", ".join(getattr(kind, "__struct_fields__", ()))


def _table(name: str, head: str, rows: str) -> str:
    """To be moved sideways where the window is narrow, by keys as well."""
    table = f"<table><tr>{head}{rows}</table>"
    return f'<div class="wide" tabindex="0" role="region" aria-label="{name}">{table}</div>'


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)
