"""Spans to a collector: OpenTelemetry's own library, in its own thread; a shell.

The library is an extra, so this module is imported only where `tracing.endpoint` is set. Knows
nothing of calls.
"""

import re
import threading
from collections.abc import Iterable

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from server.core.settings.loading import ConfigError
from server.core.settings.records import Tracing
from server.tracing.spans import Span

SERVICE = "talking-app"
CLOSE_SECONDS = 1.0
# What the library cannot send it writes into the log, and a header may be secret.
_HEADER = re.compile(r"\s*[\w!#$%&'*+.^`|~-]+\s*=[ -~]*", re.ASCII)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class Exporter:
    """Takes spans without waiting, and sends them by the hundred; what a collector that is away
    does not take is dropped in the end, never waited for."""

    def __init__(self, tracing: Tracing, node: str) -> None:
        """Raises ConfigError where a header is none."""
        given = [one for one in tracing.headers.reveal().split(",") if one.strip()]
        if not all(map(_HEADER.fullmatch, given)):
            raise ConfigError(["tracing.headers: must be name=value,name=value in ASCII"])
        named = (one.partition("=") for one in given)
        headers = {name.strip(): value.strip() for name, _, value in named}
        sender = OTLPSpanExporter(endpoint=tracing.endpoint, headers=headers)
        self._resource = Resource({"service.name": SERVICE, "service.instance.id": node})
        self._batches = BatchSpanProcessor(sender)

    def export(self, spans: Iterable[Span]) -> None:
        """Send these soon."""
        for span in spans:
            status = Status(StatusCode.ERROR, span.failed) if span.failed else Status()
            self._batches.on_end(
                ReadableSpan(
                    span.name,
                    _context(span, span.id),
                    None if span.parent is None else _context(span, span.parent),
                    self._resource,
                    span.attributes,
                    status=status,
                    start_time=round(span.began_at * 1e9),
                    end_time=round(span.ended_at * 1e9),
                )
            )

    def close(self) -> None:
        """Send what is left, for a moment; the library itself would wait for half a minute."""
        sending = threading.Thread(target=self._batches.shutdown, daemon=True)
        sending.start()
        sending.join(CLOSE_SECONDS)


def _context(span: Span, own: int) -> SpanContext:
    return SpanContext(span.trace, own, is_remote=False, trace_flags=_SAMPLED)
