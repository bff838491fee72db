"""Requests about a call, shown to whoever traces it. Knows of a request what its route declares."""

import uuid

from quart import Quart, Response, g, request
from structlog.contextvars import get_contextvars

from server.tracing.watching import Watching


def add(app: Quart, watching: Watching) -> None:
    """Have every answered request about a call in the call's trace."""

    @app.before_request
    async def begin() -> None:
        g.traced_from = watching.clock()

    @app.after_request
    async def end(reply: Response) -> Response:
        call_id = (request.view_args or {}).get("call_id")
        if isinstance(call_id, uuid.UUID) and request.url_rule is not None:
            watching.answered(
                call_id, request.method, request.url_rule.rule, int(reply.status_code),
                g.get("traced_from", watching.clock()), get_contextvars().get("request_id", ""),
            )  # fmt: skip
        return reply
