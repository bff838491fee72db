"""A node with scripted engines but the real speech detector, to see what that one costs.

The configuration chooses the detector together with the recogniser, so it is put in here.
"""

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

import msgspec
import uvloop

from media.engines.detector import detectors
from media.engines.silero import Silero
from server.app import opened
from server.cli.serve import listening_node
from server.core.config import load


async def main() -> None:
    """Serve until SIGTERM."""
    config = load(Path(sys.argv[-1]), os.environ)
    async with opened(config) as deps:
        engines = msgspec.structs.replace(deps.engines, new_detector=detectors(Silero()))
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        gc.collect()
        gc.freeze()  # as `talking serve` does
        async with listening_node(msgspec.structs.replace(deps, engines=engines)):
            await stop.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
