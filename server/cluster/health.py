"""Is this node alive, is it ready, and its numbers, each with the node's name: one port may be that
of several.

Liveness depends on nothing but the process; readiness is told within a second, also while the
database hangs. Readiness `of=node` is for a balancer that has no better node to go to.
"""

import asyncio
import hmac
import ipaddress
from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Metric, generate_latest
from prometheus_client.registry import Collector
from quart import Blueprint, Response, request

from media.measures import REGISTRY
from server.calls.recorder import MOST_BACKLOG
from server.cluster.deps import HealthDeps
from server.core.errors import AppError
from server.core.places.time_zones import described
from server.core.settings.loading import Secret

_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


class Readiness(msgspec.Struct, frozen=True):
    """Ready means: may be given new calls. `database`: it answered just now; `connections`: a
    request gets one of them soon; `time_zones`: which tz database counts."""

    ready: bool
    database: bool
    connections: bool
    draining: bool
    backlog: int
    time_zones: str


def routes(deps: HealthDeps) -> Blueprint:
    """`/healthz`, `/readyz` and `/metrics`."""
    blueprint = Blueprint("health", __name__)
    registry = CollectorRegistry()
    live = Gauge("talking_live_calls", "Calls by phase", ["phase"], registry=registry)
    backlog = Gauge("talking_recorder_backlog", "Entries not yet committed", registry=registry)

    @blueprint.get("/healthz")
    async def healthz() -> Response:
        return Response("ok\n", content_type="text/plain")

    @blueprint.get("/readyz")
    async def readyz() -> Response:
        if request.args.get("of") == "node":  # without what all nodes share, and miss together
            draining = deps.live.draining
            text, status = ("draining\n", 503) if draining else ("ok\n", 200)
            return Response(text, status=status, content_type="text/plain")
        state = await _readiness(deps)
        body = msgspec.json.encode(state)
        return Response(body, status=200 if state.ready else 503, content_type="application/json")

    @blueprint.get("/metrics")
    async def metrics() -> Response:
        refuse_strangers(deps.config.server.metrics_token)
        live.clear()
        for phase, count in deps.live.phases().items():
            live.labels(phase).set(count)
        backlog.set(deps.recorder.backlog)
        meters, listeners = deps.meters, deps.hub.listeners()
        for role in ("admin", "user"):
            meters.sockets.labels(role).set(
                sum(one.is_admin == (role == "admin") for one in listeners)
            )
        meters.queue.set(sum(one.bytes for one in listeners))
        every = _OfNode(deps.node, [registry, meters.registry, REGISTRY])
        text = await asyncio.to_thread(generate_latest, every)  # thousands of lines, and calls run
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    return blueprint


def refuse_strangers(token: Secret) -> None:
    """Numbers are for whoever has the token; without one, for this machine, where nobody is behind
    a proxy. Raises AppError("forbidden")."""
    if token:
        given = request.headers.get("Authorization", "").encode()
        is_known = hmac.compare_digest(given, f"Bearer {token.reveal()}".encode())
    else:
        is_proxied = any(name in request.headers for name in _OF_PROXIES)
        is_known = is_of_this_machine(request.remote_addr) and not is_proxied
    if not is_known:
        raise AppError("forbidden")


def is_of_this_machine(address: str | None) -> bool:
    """Whether a peer's address is loopback's; a socket in the file system has none."""
    if not address:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "<local>"


class _OfNode(Collector):
    """Numbers with the node's name on each: at one port may be several nodes (`cli/workers.py`)."""

    def __init__(self, node: str, registries: Sequence[CollectorRegistry]) -> None:
        self._node = node
        self._registries = registries

    def collect(self) -> Iterator[Metric]:
        for metric in chain.from_iterable(each.collect() for each in self._registries):
            metric.samples = [
                sample._replace(labels={**sample.labels, "node": self._node})
                for sample in metric.samples
            ]
            yield metric


async def _readiness(deps: HealthDeps) -> Readiness:
    answers = await deps.probe.answers()
    backlog = deps.recorder.backlog
    draining = deps.live.draining
    ready = answers and not draining and backlog < MOST_BACKLOG
    has_connections = answers or not deps.pools.exhausted
    return Readiness(ready, answers, has_connections, draining, backlog, described())
