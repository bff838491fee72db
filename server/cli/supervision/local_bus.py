"""A NATS server for the nodes of one supervisor, kept beside them while `cluster.bus` is empty.

It listens on loopback, at the same port for all of its lives, and only for who has a token that is
made anew with every start of the supervisor, as loopback is open to every account of the machine.
The token comes by standard input and in the nodes' environment: other accounts see arguments.
Knows processes, and nothing of what is said on the bus.
"""

import asyncio
import os
import secrets
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from server.cli.supervision.restarts import failures_after, pause_seconds

log = structlog.get_logger(__name__)

PROGRAM = "nats-server"


def find_program() -> Path | None:
    """The server of our environment's package, or of the system."""
    ours = Path(sys.executable).with_name(PROGRAM)
    found = str(ours) if ours.exists() else shutil.which(PROGRAM)
    return Path(found) if found else None


@asynccontextmanager
async def local_bus(program: Path) -> AsyncIterator[str]:
    """The address of a server that is started again whenever it dies, until the block is left."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    settings = f'host: 127.0.0.1\nport: {port}\nauthorization {{ token: "{token}" }}\n'
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(_keep(_command(program), settings.encode()))
        try:
            yield f"nats://{token}@127.0.0.1:{port}"
        finally:
            keeping.cancel()


def _command(program: Path) -> list[str]:
    setpriv = shutil.which("setpriv")  # of Linux: it must not outlive a supervisor that is killed
    guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
    return [*guard, str(program), "-c", "/dev/stdin"]


async def _keep(command: list[str], settings: bytes) -> None:
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        began_at = loop.time()
        code = await _live(command, settings)
        failures = failures_after(failures, loop.time() - began_at)
        log.error("bus_lost", code=code, failures=failures)
        await asyncio.sleep(pause_seconds(failures))  # the back-off itself


async def _live(command: list[str], settings: bytes) -> int:
    """One life of the server; what it complains of goes to our log."""
    reading, writing = (
        os.pipe()
    )  # a pipe of the loop's own is a socket, which cannot be opened anew
    os.write(writing, settings)
    os.close(writing)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=reading, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,  # Ctrl-C is for the supervisor
        )  # fmt: skip
    finally:
        os.close(reading)
    log.info("bus_started", pid=process.pid)
    try:
        assert process.stderr is not None  # noqa: S101 - asked for above
        async for line in process.stderr:
            if b"[ERR]" in line or b"[FTL]" in line:
                log.error("bus_failed", text=line.decode(errors="replace").strip())
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()  # it keeps nothing
            await process.wait()
