"""How long requests take, by route as it is declared, so that no id becomes a label."""

import time

from quart import Quart, Response, g, request

from server.core.measures import HTTP_SECONDS


def add(app: Quart) -> None:
    """Have every answer of the application measured."""

    @app.before_request
    async def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    async def end(reply: Response) -> Response:
        route = request.url_rule.rule if request.url_rule is not None else "none"
        seconds = time.perf_counter() - g.get("begun", time.perf_counter())
        HTTP_SECONDS.labels(request.method, route, str(reply.status_code)).observe(seconds)
        return reply
