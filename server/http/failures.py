"""What becomes of an error of the framework's, or one that nobody expected, where a client waits.
Knows no requests."""

import html
from typing import Any

import structlog

from db.core.failures import is_away, loggable
from server.core.errors import AppError, refusal

log = structlog.get_logger(__name__)

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 408: "bad_request"}
_NO_ADDRESS = (
    "Nothing has this address: look at its spelling, whether an id in it is whole, and that it does"
    " not end with a slash; /live and /audio are websockets. /docs lists those there are."
)


def http_refusal(status: int, most_bytes: int | None) -> AppError:
    """What a client is told where the framework refused a request, whose body may be so long."""
    details = {404: _NO_ADDRESS, 413: f"The body may have {most_bytes} bytes at most."}
    return AppError(_CODES.get(status, "bad_request"), details.get(status, ""))


def page(error: AppError) -> str:
    """A refusal as a person reads it, who opened an address in a browser."""
    title = html.escape(error.kind.title)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>"
        '<link rel="icon" href="/web/icon.svg"><link rel="stylesheet" href="/web/console.css">'
        f"<main><h1>{title}</h1><p>{html.escape(error.detail)}</p>"
        f'<p class="meta">{error.code}, status {error.kind.status}</p>'
        '<p><a href="/">To the console</a></p></main></html>'
    )


def failure(error: Exception, **where: Any) -> AppError:
    """What the client is told, and a line in the log that says where it happened."""
    if isinstance(error, RecursionError):  # what was read could just not be written any more
        return AppError("bad_request", "What was sent is nested too deep.")
    kind = type(error).__name__
    if is_away(error):
        log.warning("request_waits", error=kind, **where)
    else:
        log.error("request_failed", error=kind, exc_info=loggable(error), **where)
    return refusal(error)
