"""Runs one node under Hypercorn until a signal, then drains it: calls, sockets, then the rest.

The drain is ours and happens inside Hypercorn's shutdown trigger, because Hypercorn by itself
cuts websockets before it runs any shutdown code.
"""

import asyncio
import gc
import signal

import hypercorn.asyncio
import structlog
from hypercorn.config import Config as HypercornConfig

from media.audio.twilio_stream import MAX_FRAME_CHARS
from server.app import create_app, opened
from server.cli.ports import check_port_free
from server.core.config import Config, Server
from server.deps import Deps
from server.http import extensions

log = structlog.get_logger(__name__)


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
