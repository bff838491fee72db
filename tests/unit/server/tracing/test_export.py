"""What a collector gets: spans by OTLP over HTTP, of committed events and of requests."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from quart import Quart

from server.core.settings.loading import ConfigError, Secret
from server.core.settings.records import Tracing
from server.http import headers
from server.tracing import requests
from server.tracing.export import CLOSE_SECONDS, Exporter
from server.tracing.spans import Span
from server.tracing.watching import Watching
from tests.support.web_server import serving
from tests.unit.server.calls.test_milestones import CALL, ENDED, row


class Collector:
    """Keeps what it is sent, as its own schema reads it."""

    def __init__(self) -> None:
        self.headers: list[str] = []
        self.got: list[ExportTraceServiceRequest] = []

    async def take(self, request: web.Request) -> web.Response:
        self.headers.append(request.headers.get("x-tenant", ""))
        self.got.append(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response()


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[Collector, str]]:
    one, app = Collector(), web.Application()
    app.router.add_post("/v1/traces", one.take)
    async with serving(app) as address:
        yield one, f"{address}/v1/traces"


async def test_spans_reach_a_collector_whole() -> None:
    async with collector() as (collected, endpoint):
        exporter = Exporter(Tracing(endpoint, Secret("x-tenant=ours")), "node-1")
        exporter.export([
            Span("call", CALL.int, 7, None, 1.0, 3.5, {"talking.status": "ended"}),
            Span("engine failed", CALL.int, 8, 7, 2.0, 2.0, failed="voice"),
        ])  # fmt: skip
        await asyncio.to_thread(exporter.close)
    (sent,) = collected.got
    assert collected.headers == ["ours"]
    (resource,) = sent.resource_spans
    told = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert told["service.instance.id"] == "node-1"
    whole, failed = resource.scope_spans[0].spans
    assert (whole.trace_id, whole.parent_span_id) == (CALL.bytes, b"")
    assert (whole.start_time_unix_nano, whole.end_time_unix_nano) == (1_000_000_000, 3_500_000_000)
    assert (failed.parent_span_id, failed.status.message) == (whole.span_id, "voice")


async def test_a_collector_that_hangs_holds_no_node_up() -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await over.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", hang)
    before = set(threading.enumerate())
    async with serving(app) as address:
        exporter = Exporter(Tracing(f"{address}/v1/traces"), "node-1")
        exporter.export([Span("call", CALL.int, 7, None, 1.0, 3.5)])
        async with asyncio.timeout(CLOSE_SECONDS + 2):
            await asyncio.to_thread(exporter.close)
            await asked.wait()
        over.set()
        for left in {one for one in threading.enumerate() if one.daemon} - before:
            await asyncio.to_thread(left.join)


@pytest.mark.parametrize("headers", ["x-tenant=ours\nand more", "x-tenant=\u20ac", "=ours", "ours"])
def test_headers_that_cannot_be_sent_are_refused_without_being_shown(headers: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Exporter(Tracing("http://127.0.0.1:9/v1/traces", Secret(headers)), "node-1")
    assert "ours" not in str(refused.value)


async def test_requests_about_a_call_and_its_events_are_seen_and_nothing_else() -> None:
    seen: list[Span] = []
    watching = Watching(seen.extend, lambda: 5.0, 1.0)
    app = Quart(__name__)

    @app.get("/calls/<uuid:call_id>")
    async def one(call_id: uuid.UUID) -> str:
        return str(call_id)

    @app.get("/calls")
    async def many() -> str:
        return ""

    headers.add(app, "http://localhost", b"")
    requests.add(app, watching)
    client = app.test_client()
    await client.get("/calls")
    reply = await client.get(f"/calls/{CALL}")
    assert [span.name for span in seen] == ["GET /calls/<uuid:call_id>"]
    assert seen[0].attributes["talking.request_id"] == reply.headers["X-Request-Id"]
    watching.see([row(ENDED)])
    assert {span.trace for span in seen} == {CALL.int}
    assert "call" in {span.name for span in seen}
    count = len(seen)
    Watching(seen.extend, lambda: 5.0, 0.0).see([row(ENDED)])
    assert len(seen) == count
