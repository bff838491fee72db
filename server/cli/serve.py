"""Runs one node until a signal, then drains it: calls, sockets, then the rest."""

import asyncio
import contextlib
import gc
import resource
import signal
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import msgspec
import structlog
from quart import Quart

from media.audio.twilio_stream import MAX_FRAME_CHARS
from server.app import come_to_rest, create_app, opened, sockets
from server.cli.ending import asked_by_signal
from server.cli.ports import check_port_free
from server.core.config import Config
from server.deps import Deps
from server.ownership import handover
from server.transport.front import Limits, listening

log = structlog.get_logger(__name__)

LAST_TAKEN_SECONDS = 0.5  # from taking no more connections: the last one has sent its request


class Shared(msgspec.Struct, frozen=True):
    """What a worker has from its supervisor (`workers.py`): the port, and a line to it."""

    listener: socket.socket
    line: socket.socket


async def serve(config: Config, shared: Shared | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the process then ends in time, whatever hangs.

    Raises PortTakenError before anything is opened.
    """
    server = config.server
    if shared is None and not server.host.startswith("unix:"):
        check_port_free(server.host, server.port, "TALKING_SERVER__PORT")
    allow_many_files()
    stop = asked_by_signal(server.drain_seconds + server.close_seconds)
    async with opened(config) as deps:
        gc.collect()
        gc.freeze()  # what start-up made stays: going through it again takes some 90 ms each time
        listener = None if shared is None else shared.listener
        async with listening_node(deps, create_app(deps), listener) as take_no_more:
            log.info("node_ready", node=deps.node, port=config.server.port)
            if shared is not None:
                _report(shared.line, take_no_more)
            await stop.wait()
            await drain(deps)
    return 0


def _report(line: socket.socket, take_no_more: Callable[[], None]) -> None:
    """Tell the supervisor that the port is open here; the end of the line is the word to leave."""
    loop = asyncio.get_running_loop()

    def leave() -> None:
        loop.remove_reader(line)
        take_no_more()
        # as if asked by signal, which also starts the time that is left for it
        loop.call_later(LAST_TAKEN_SECONDS, signal.raise_signal, signal.SIGTERM)

    line.send(b"!")
    loop.add_reader(line, leave)


def listening_node(
    deps: Deps, app: Quart, listener: socket.socket | None = None
) -> AbstractAsyncContextManager[Callable[[], None]]:
    """The node's port, open while the context is; `app` answers what is for no websocket.

    With a `listener` that is the port, and others may listen there as well.
    """
    server = deps.config.server
    tls = None
    if server.tls_certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(server.tls_certificate, server.tls_key or None)
    limits = Limits(
        server.max_connections,
        server.max_connections_per_address,
        MAX_FRAME_CHARS,
        server.keep_alive_seconds,
    )
    return listening(app, sockets(deps), limits, listener or (server.host, server.port), tls)


def allow_many_files() -> None:
    """Raise this process's limit of open files to what it may have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def drain(deps: Deps) -> None:
    """Take nothing new, let calls end, write everything down, send dashboards away."""
    log.info("draining", calls=len(deps.live))
    patience_seconds = deps.config.server.drain_seconds
    await come_to_rest(deps, handover.drain(deps), patience_seconds)
    deps.hub.close()
