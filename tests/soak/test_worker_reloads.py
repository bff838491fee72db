"""Several nodes on one port: started again, replaced one by one, and stopped, as real processes."""

import asyncio
import contextlib
import os
import re
import secrets
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.certificates import certified
from tests.support.node import Child, logged
from tests.support.processes import ROOT, free_port, scratch_folder

pytestmark = pytest.mark.timeout(240)

NODE = re.compile(r'talking_recorder_backlog\{node="([^"]*)"\}')


class Served:
    """`talking serve` with two workers on a port, or at a path."""

    def __init__(self, data: Path, folder: Path, env: dict[str, str]) -> None:
        self.log = folder / "node.log"
        self.port = free_port()
        self.config = folder / "config.toml"
        self.config.write_text((ROOT / "config.toml").read_text())
        self.env = {
            "TALKING_SERVER__WORKERS": "2",
            "TALKING_SERVER__PORT": str(self.port),
            "TALKING_DATABASE__DATA_DIR": str(data),
            "TALKING_TWILIO__AUTH_TOKEN": secrets.token_hex(16),
            "TALKING_CLUSTER__NODE": "here",
            "TALKING_SPEECH__RECOGNISER": "scripted",
            "TALKING_SPEECH__VOICE": "scripted",
            "TALKING_THINKER__ENGINE": "scripted",
            **env,
        }
        self.start()

    def start(self) -> None:
        """Start it; also again."""
        command = ["-m", "server", "serve", "--config", str(self.config)]
        self.supervisor = Child(command, self.env, self.log)

    def logged(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        return logged(self.log, event, **fields)

    def pids(self) -> list[int]:
        """Of all workers so far, in the order of their start."""
        return [line["pid"] for line in self.logged("worker_started")]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait; the log says why it was in vain."""
        try:
            async with asyncio.timeout(90):
                while not reached():  # noqa: ASYNC110 - another process's log
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(self.log.read_text()[-3000:]) from None

    async def until_ready(self, workers: int = 2) -> "Served":
        await self.until(lambda: len(self.logged("worker_ready")) >= workers)
        return self

    async def ended(self) -> int:
        """The supervisor's exit code, once none of its workers is left either."""
        code = await asyncio.to_thread(self.supervisor.wait)
        await self.until(lambda: not any(is_running(pid) for pid in self.pids()))
        return code

    async def get(self, http: aiohttp.ClientSession, path: str) -> str:
        async with http.get(f"http://127.0.0.1:{self.port}{path}") as answer:
            assert answer.status == 200
            return await answer.text()

    async def names(self, count: int) -> set[str]:
        """So many names of nodes, asked for until all have answered."""
        names: set[str] = set()
        async with connections() as http, asyncio.timeout(90):
            while len(names) < count:
                names |= set(NODE.findall(await self.get(http, "/metrics")))
        return names


def is_running(pid: int) -> bool:
    """Whether the process is there, and not only its end that nobody asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def connections() -> aiohttp.ClientSession:
    """Requests with a connection each."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A folder for data, so that not every test makes a database of its own."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture
async def served(data: Path, tmp_path: Path) -> AsyncIterator[Callable[..., Served]]:
    """Starts one; everything of it is gone afterwards."""
    started: list[Served] = []

    def start(**env: str) -> Served:
        named = {f"TALKING_{key}": value for key, value in env.items()}
        started.append(Served(data, tmp_path, named))
        return started[-1]

    yield start
    for each in started:
        each.supervisor.close()
        for pid in each.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


async def test_nodes_start_at_once_on_a_fresh_folder_and_a_lost_one_comes_back(
    tmp_path: Path, served: Callable[..., Served]
) -> None:
    node = await served(DATABASE__DATA_DIR=str(tmp_path / "fresh")).until_ready()
    assert await node.names(2) == {"here-1", "here-2"}
    first, second = node.pids()
    os.kill(first, signal.SIGKILL)
    await node.until_ready(3)
    assert is_running(second)
    assert await node.names(2) == {"here-1", "here-2"}
    assert [line["code"] for line in node.logged("worker_ended")] == [-signal.SIGKILL]
    assert [line["pause_seconds"] for line in node.logged("worker_lost")] == [0.2]
    node.supervisor.terminate()
    assert await node.ended() == 0


async def test_a_reload_replaces_all_and_refuses_nobody(served: Callable[..., Served]) -> None:
    node = await served().until_ready()
    answered, is_over = 0, False

    async def come_and_go(http: aiohttp.ClientSession) -> None:
        nonlocal answered
        while not is_over:
            assert await node.get(http, "/healthz") == "ok\n"
            answered += 1

    async with connections() as http, asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(come_and_go(http))
        os.kill(node.supervisor.pid, signal.SIGHUP)
        await node.until(lambda: bool(node.logged("reloaded")))
        is_over = True
    assert answered > 100
    assert [line["code"] for line in node.logged("worker_ended")] == [0, 0]
    old, new = node.pids()[:2], node.pids()[2:]
    assert [is_running(pid) for pid in (*old, *new)] == [False, False, True, True]
    assert len(await node.names(2)) == 2


async def test_a_reload_of_a_broken_configuration_leaves_all_as_it_is(
    served: Callable[..., Served],
) -> None:
    node = await served().until_ready()
    node.config.write_text("[nowhere]\n")
    os.kill(node.supervisor.pid, signal.SIGHUP)
    await node.until(lambda: bool(node.logged("reload_given_up")))
    assert len(node.pids()) == 3
    assert [is_running(pid) for pid in node.pids()] == [True, True, False]
    assert await node.names(2) == {"here-1", "here-2"}


async def test_workers_share_a_path_and_tls(tmp_path: Path, served: Callable[..., Served]) -> None:
    path = tmp_path / "s"
    certificate, key = certified(tmp_path)
    node = await served(
        SERVER__HOST=f"unix:{path}", SERVER__TLS_CERTIFICATE=str(certificate),
        SERVER__TLS_KEY=str(key),
    ).until_ready()  # fmt: skip
    trusted = ssl.create_default_context(cafile=str(certificate))
    names: set[str] = set()
    while len(names) < 2:
        reader, writer = await asyncio.open_unix_connection(
            path, ssl=trusted, server_hostname="localhost"
        )
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        names |= set(NODE.findall((await reader.read()).decode()))
        writer.close()
    node.supervisor.terminate()
    assert await node.ended() == 0
    assert not path.exists()
