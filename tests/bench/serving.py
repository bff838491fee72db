"""Serves a node that a benchmark has changed, as `talking serve` does, but without a drain."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from quart import Quart

from server.app import opened
from server.cli.running import run
from server.cli.serve import listening_node
from server.core.config import load
from server.deps import Deps


def serve(changed: Callable[[Deps], tuple[Deps, Quart]]) -> int:
    """Until SIGTERM; the last argument of the command line is the configuration's file."""
    return run(_serve(changed))


async def _serve(changed: Callable[[Deps], tuple[Deps, Quart]]) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with opened(load(Path(sys.argv[-1]), os.environ)) as deps:
        gc.collect()
        gc.freeze()  # as `talking serve` does
        async with listening_node(*changed(deps)):
            await stop.wait()
    return 0
