"""The page that people read says who may ask, and shows every route, error and example."""

import html
import re

from server.calls import routes as calls_routes
from server.core.errors import KINDS
from server.http.console import reference
from server.http.console.examples import EXAMPLES
from server.webhooks import routes as webhooks_routes

PAGE = reference.page((*calls_routes.ROUTES, *webhooks_routes.ROUTES), "https://talking.example/")
TEXT = html.unescape(re.sub(r"<[^>]*>", "\n", PAGE))


def test_every_route_is_shown_with_its_scope_and_every_error_with_what_to_do() -> None:
    rows = [re.findall(r"<td>([^<]*)", row) for row in PAGE.split("<tr>")]
    assert ["POST", "/v1/calls/{call_id}/say", "calls"] in [row[:3] for row in rows]
    assert ["GET", "/v1/webhooks", "webhooks"] in [row[:3] for row in rows]
    for code, kind in KINDS.items():
        assert [code, str(kind.status), kind.title, kind.do] in [
            [html.unescape(cell) for cell in row] for row in rows
        ]


def test_it_says_who_may_ask_and_where() -> None:
    assert "Authorization: Bearer" in TEXT
    assert "curl https://talking.example/v1/keys" in TEXT
    assert "tk_..." in TEXT
    assert not re.search(r"\b(URL|KEY)\b", TEXT)
    for name in re.findall(r'href="#(\w+)"', PAGE):
        assert f'id="{name}"' in PAGE


def test_every_example_is_shown_in_three_languages() -> None:
    assert PAGE.count('class="language-sh"') == len(EXAMPLES) + 1
    for language in ("python", "typescript"):
        assert PAGE.count(f'class="language-{language}"') == len(EXAMPLES)
    for example in EXAMPLES:
        assert example.title in TEXT
