"""A PostgreSQL cluster to begin with, made and migrated once by each test process: worlds start
with a copy of it, which takes a fifth of the time. How a node makes its own has tests of its own.
"""

import asyncio
import atexit
import functools
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from db.core import embedded
from db.core.migrate import migrate
from tests.support.processes import scratch_folder


def copy_to(data: Path) -> None:
    """Make the data folder of an embedded server, as if that had been there before."""
    data.mkdir()
    subprocess.run(["cp", "-a", _made() / "cluster", data], check=True)


@functools.cache
def _made() -> Path:
    kept = ExitStack()
    atexit.register(kept.close)
    folder = kept.enter_context(scratch_folder())
    with ThreadPoolExecutor(1) as elsewhere:  # the loop of a test may be running here
        elsewhere.submit(asyncio.run, _make(folder)).result()
    return folder


async def _make(folder: Path) -> None:
    server = await embedded.start(folder, durable=False)
    await migrate(server.dsn(), request_password="request", worker_password="worker")
    await server.stop()
