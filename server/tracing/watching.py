"""Where a call's spans come from: events as they are committed, and requests as they are answered.

Costs nothing while nobody traces. Knows what passes by, not what becomes of it.
"""

import uuid
from collections.abc import Callable, Sequence

from quart import Quart, Response, g, request

from db.cluster.event_streams import EventRow
from server.tracing import spans
from server.tracing.export import Export


class Watching:
    """One node's part of all traces."""

    def __init__(self, export: Export, clock: Callable[[], float], share: float) -> None:
        self._export = export
        self._clock = clock
        self._share = share

    def see(self, rows: Sequence[EventRow]) -> None:
        """Events that this node has committed just now."""
        now = self._clock()
        for row in rows:
            if row.subject.startswith("call:"):
                call_id = uuid.UUID(row.subject.removeprefix("call:"))
                if spans.is_sampled(call_id, self._share):
                    self._export(spans.of_event(row, call_id, now))

    def add(self, app: Quart) -> None:
        """Have every request about a call in its trace."""

        @app.before_request
        async def begin() -> None:
            g.traced_from = self._clock()

        @app.after_request
        async def end(reply: Response) -> Response:
            call_id = (request.view_args or {}).get("call_id")
            if isinstance(call_id, uuid.UUID) and spans.is_sampled(call_id, self._share):
                route = request.url_rule.rule if request.url_rule is not None else ""
                now = self._clock()
                request_id = reply.headers.get("X-Request-Id", "")
                status = int(reply.status_code)
                self._export([
                    spans.of_request(
                        call_id, request.method, route, status, g.get("traced_from", now), now,
                        request_id,
                    )
                ])  # fmt: skip
            return reply
