"""The sandbox's first page, which lists its others, and the sign in a browser's tab.

Knows addresses; shows nothing that happened.
"""

from pathlib import Path

from quart import Blueprint, Response

from sandbox.core import html

_ICON = (Path(__file__).parents[1] / "web" / "icon.svg").read_bytes()
_PAGES = (
    ("/phone", "A phone in the browser", "be called, and call"),
    ("/mail", "Mailbox", "e-mails that were sent"),
    (
        "/world/sign_in_messages",
        "Links and codes to sign in",
        "JSON: sent to who signs up or forgot the password",
    ),
    ("/people", "People who pick up", "JSON"),
    ("/world", "All that happened", "JSON"),
    ("/world/stripe", "Payments", "JSON"),
    ("/world/texts", "Texts", "JSON"),
    ("/world/faults", "Faults on request", "JSON"),
    ("/world/clock", "The clock of payments", "JSON"),
)


def front_blueprint(console_url: str) -> Blueprint:
    """`/` and `/favicon.ico`."""
    blueprint = Blueprint("front", __name__)
    page = html.page(
        "Sandbox",
        html.text("The outside world in a box: telephones, mail, payments and sign-in."),
        html.linked_rows((*_PAGES, (console_url, "The console", "of the product"))),
    )

    @blueprint.get("/")
    async def front() -> str:
        return page

    @blueprint.get("/favicon.ico")
    async def favicon() -> Response:
        return Response(_ICON, mimetype="image/svg+xml")

    return blueprint
