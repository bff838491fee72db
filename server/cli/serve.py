"""Runs one node until a signal, then drains it: calls, sockets, then the rest."""

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
import ssl
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
import uvloop

from media.audio.twilio_stream import MAX_FRAME_CHARS
from server.app import create_app, opened, sockets
from server.core.config import Config, Telemetry
from server.deps import Deps
from server.http.front import Limits, listening

log = structlog.get_logger(__name__)


class PortTakenError(Exception):
    """Somebody else listens where we should."""


def configure_logs(telemetry: Telemetry) -> None:
    """One line an event: JSON for machines or text for people, on standard error."""
    as_json = telemetry.log_format == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[telemetry.log_level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(open(2, "w", closefd=False)),  # noqa: SIM115
    )


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on the fast loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


async def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT. Raises PortTakenError before anything is opened."""
    if not config.server.host.startswith("unix:"):
        check_port_free(config.server.host, config.server.port, "TALKING_SERVER__PORT")
    allow_many_files()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(config) as deps:
        gc.collect()
        gc.freeze()  # what start-up made stays: going through it again takes some 90 ms each time
        async with listening_node(deps):
            log.info("node_ready", node=deps.node, port=config.server.port)
            await stop.wait()
            await drain(deps)
    return 0


def listening_node(deps: Deps) -> AbstractAsyncContextManager[None]:
    """The node's socket, open while the context is."""
    server = deps.config.server
    tls = None
    if server.tls_certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(server.tls_certificate, server.tls_key or None)
    limits = Limits(server.max_connections, server.max_connections_per_address, MAX_FRAME_CHARS)
    return listening(create_app(deps), sockets(deps), limits, (server.host, server.port), tls)


def allow_many_files() -> None:
    """Raise this process's limit of open files to what it may have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def drain(deps: Deps) -> None:
    """Take nothing new, let calls end, write everything down, send dashboards away."""
    log.info("draining", calls=len(deps.live))
    await deps.live.drain(deps.config.server.drain_seconds)
    await deps.recorder.settled()
    deps.hub.close()


def check_port_free(host: str, port: int, setting: str) -> None:
    """Raises PortTakenError when the port is in use; `setting` is what chooses another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"Port {port} is taken; choose another with {setting}.") from error
