"""Runs one node under Hypercorn until a signal, then drains it: calls, sockets, then the rest.

The drain is ours and happens inside Hypercorn's shutdown trigger, because Hypercorn by itself
cuts websockets before it runs any shutdown code.
"""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Coroutine
from typing import Any

import hypercorn.asyncio
import structlog
import uvloop
from hypercorn.config import Config as HypercornConfig

from media.audio.twilio_stream import MAX_FRAME_CHARS
from server.app import create_app, opened
from server.core.config import Config, Server, Telemetry
from server.deps import Deps
from server.http import extensions

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
    check_port_free(config.server.host, config.server.port, "TALKING_SERVER__PORT")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(config) as deps:
        gc.collect()
        gc.freeze()  # what start-up made stays: going through it again takes some 90 ms each time
        log.info("node_ready", node=deps.node, port=config.server.port)

        async def stopped() -> None:
            await stop.wait()
            await drain(deps)

        await hypercorn.asyncio.serve(
            create_app(deps),
            hypercorn_config(config.server),
            shutdown_trigger=stopped,
        )
    return 0


async def drain(deps: Deps) -> None:
    """Take nothing new, let calls end, write everything down, send dashboards away."""
    log.info("draining", calls=len(deps.live))
    await deps.live.drain(deps.config.server.drain_seconds)
    await deps.recorder.settled()
    deps.hub.close()


def hypercorn_config(server: Server) -> HypercornConfig:
    """Hypercorn as we run it: one process, bounded frames, nothing compressed, our own logs."""
    extensions.refuse_all()
    chosen = HypercornConfig()
    chosen.bind = [f"{server.host}:{server.port}"]
    chosen.websocket_max_message_size = MAX_FRAME_CHARS
    chosen.graceful_timeout = 2
    chosen.accesslog = None
    chosen.errorlog = None
    chosen.include_server_header = False
    return chosen


def check_port_free(host: str, port: int, setting: str) -> None:
    """Raises PortTakenError when the port is in use; `setting` is what chooses another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"Port {port} is taken; choose another with {setting}.") from error
