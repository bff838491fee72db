"""The processes that a command starts and stays with: ready, over, stopped.

Knows none of them by name.
"""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from server.cli.failures import FailedError

START_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.05
LOG_TAIL = 2000


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)  # noqa: T201 - this is the command's output


class Child(msgspec.Struct, frozen=True):
    """A process of ours, where it says that it is ready, and what it prints."""

    name: str
    process: Process
    ready_url: str
    log: Path


@asynccontextmanager
async def started(
    data: Path, name: str, command: list[str], env: dict[str, str], ready_url: str
) -> AsyncIterator[Child]:
    """A child process of this Python, its output in a log file of this folder; stopped after it."""
    logs = data / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / f"{name}.log"
    with path.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env={**os.environ, **env}, stdout=output, stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we stop the children in order
        )  # fmt: skip
    try:
        yield Child(name, process, ready_url, path)
    finally:
        await _stop(process)


async def ready(child: Child) -> None:
    """Until the child answers. Raises FailedError with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < deadline and child.process.returncode is None:
            try:
                async with http.get(child.ready_url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(POLL_SECONDS)  # polls a condition with a deadline
    raise FailedError(f"the {child.name} did not start; its log ends with:\n{_tail(child.log)}")


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-LOG_TAIL:].strip()


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def until_stopped(*children: Child) -> str | None:
    """Until Ctrl-C or SIGTERM, and say so: what runs needs some seconds to end. When one of the
    children ends before that: what there is to say of it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ends = {loop.create_task(child.process.wait()): child for child in children}
    stopping = loop.create_task(stop.wait())
    try:
        await asyncio.wait({stopping, *ends}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopping, *ends):
            task.cancel()
    if not stop.is_set():
        ended = next(child for task, child in ends.items() if task.done())
        return (
            f"the {ended.name} ended by itself ({_how(ended.process)}); start again: what it was in"
            f" the middle of is gone on with. Its log ends with:\n{_tail(ended.log)}"
        )
    say("stopping ...")
    return None


def _how(process: Process) -> str:
    code = process.returncode or 0
    return f"signal {-code}" if code < 0 else f"code {code}"
