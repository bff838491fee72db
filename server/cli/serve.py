"""Runs one node until a signal, then drains it: calls, sockets, then the rest."""

import contextlib
import gc
import resource
import ssl
from contextlib import AbstractAsyncContextManager

import structlog
from quart import Quart

from media.audio.twilio_stream import MAX_FRAME_CHARS
from server.app import come_to_rest, create_app, opened, sockets
from server.cli.ending import asked_by_signal
from server.cli.ports import check_port_free
from server.core.config import Config
from server.deps import Deps
from server.transport.front import Limits, listening

log = structlog.get_logger(__name__)


async def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; the process then ends in time, whatever hangs.

    Raises PortTakenError before anything is opened.
    """
    server = config.server
    if not server.host.startswith("unix:"):
        check_port_free(server.host, server.port, "TALKING_SERVER__PORT")
    allow_many_files()
    stop = asked_by_signal(server.drain_seconds + server.close_seconds)
    async with opened(config) as deps:
        gc.collect()
        gc.freeze()  # what start-up made stays: going through it again takes some 90 ms each time
        async with listening_node(deps, create_app(deps)):
            log.info("node_ready", node=deps.node, port=server.port)
            await stop.wait()
            await drain(deps)
    return 0


def listening_node(deps: Deps, app: Quart) -> AbstractAsyncContextManager[None]:
    """The node's port, open while the context is; `app` answers what is for no websocket."""
    server = deps.config.server
    tls = None
    if server.tls_certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(server.tls_certificate, server.tls_key or None)
    limits = Limits(server.max_connections, server.max_connections_per_address, MAX_FRAME_CHARS)
    return listening(app, sockets(deps), limits, (server.host, server.port), tls)


def allow_many_files() -> None:
    """Raise this process's limit of open files to what it may have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def drain(deps: Deps) -> None:
    """Take nothing new, let calls end, write everything down, send dashboards away."""
    log.info("draining", calls=len(deps.live))
    await come_to_rest(deps, deps.config.server.drain_seconds)
    deps.hub.close()
