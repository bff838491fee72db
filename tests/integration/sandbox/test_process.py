"""The sandbox as the process people really start."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.integration.sandbox.world import accepts
from tests.support.patience import patience
from tests.support.processes import free_port, tell_watcher


async def test_the_process_serves_its_people_and_leaves_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", str(port), "--data", str(tmp_path),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    tell_watcher("child", process.pid)
    try:
        await accepts(port)
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{port}/people") as response,
        ):
            people = await response.json()
        assert people["+12025550100"]["name"] == "talker"
        process.send_signal(signal.SIGTERM)
        async with patience():
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("flag", ["--port=x", "--nonsense"])
async def test_a_wrong_flag_is_refused(flag: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", flag, stderr=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 2


async def test_a_taken_address_is_said_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", "--port", port, "--data", str(tmp_path),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, stderr = await process.communicate()
    assert process.returncode == 1
    assert b"cannot run on 127.0.0.1:" + port.encode() in stderr
