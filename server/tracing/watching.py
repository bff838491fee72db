"""Where a call's spans come from: events as they are committed, and requests as they are answered.

Costs nothing while nobody traces. Knows what passes by, not what becomes of it.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence

from db.cluster.event_streams import EventRow
from server.tracing import spans
from server.tracing.spans import Span


class Watching:
    """One node's part of all traces."""

    def __init__(
        self, export: Callable[[Iterable[Span]], None], clock: Callable[[], float], share: float
    ) -> None:
        self._export = export
        self.clock = clock
        self._share = share

    def see(self, rows: Sequence[EventRow]) -> None:
        """Events that this node has committed just now."""
        now = self.clock()
        for row in rows:
            if row.subject.startswith("call:"):
                call_id = uuid.UUID(row.subject.removeprefix("call:"))
                if spans.is_sampled(call_id, self._share):
                    self._export(spans.of_event(row, call_id, now))

    def answered(
        self, call_id: uuid.UUID, method: str, route: str, status: int, began_at: float,
        request_id: str,
    ) -> None:  # fmt: skip
        """A request about a call, answered just now."""
        if spans.is_sampled(call_id, self._share):
            now = self.clock()
            found = spans.of_request(call_id, method, route, status, began_at, now, request_id)
            self._export([found])
