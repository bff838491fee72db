"""A server that is kept: at one address over all of its lives, with its token, and gone at last."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.supervision.local_bus import local_bus
from tests.support.patience import patience

# Stands for NATS: reads the same settings, greets with its token and its process.
SERVER = f"""#!{sys.executable}
import os, re, socket, sys
settings = open(sys.argv[sys.argv.index("-c") + 1]).read()
port, token = re.search(r'host: 127.0.0.1\\nport: (\\d+)\\nauth.* token: "(.*)"', settings).groups()
server = socket.create_server(("127.0.0.1", int(port)))
while True:
    with server.accept()[0] as client:
        client.sendall(f"{{token}} {{os.getpid()}}".encode())
"""


async def greeting(port: int) -> tuple[str, int]:
    """The token it has, and its process; as soon as it is there."""
    async with patience():
        while True:
            with contextlib.suppress(ConnectionError):  # not there yet, or just killed
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                words = (await reader.read()).decode().split()
                writer.close()
                await writer.wait_closed()
                if words:
                    return words[0], int(words[1])
            await asyncio.sleep(0.01)  # polls a condition with a deadline


def arguments_of(pid: int) -> str:
    """As every account of the machine sees them."""
    command = ["ps", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def test_it_comes_back_at_its_address_and_ends_with_its_keeper(tmp_path: Path) -> None:
    program = tmp_path / "nats-server"
    program.write_text(SERVER)
    program.chmod(0o755)
    async with local_bus(program) as address:
        found = re.fullmatch(r"nats://([0-9a-f]{32})@127\.0\.0\.1:(\d+)", address)
        assert found is not None
        token, port = found[1], int(found[2])
        first = await greeting(port)
        os.kill(first[1], signal.SIGKILL)
        second = await greeting(port)
        assert first[0] == second[0] == token
        assert first[1] != second[1]
        assert token not in arguments_of(second[1])
    with pytest.raises(ProcessLookupError):
        os.kill(second[1], 0)
