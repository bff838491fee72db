"""A node as a benchmark needs it: a child process on a core of its own, and a way to reach it.

The node runs alone on one core; PostgreSQL, which the benchmark starts first and the node joins,
shares the other core with the load. Knows how to start a node, not what to do with it.
"""

import asyncio
import os
import signal
import sys
import tomllib
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from db.core import embedded
from tests.bench.carrier import Carrier
from tests.bench.machine import NODE_CORE, Usage, say, usage
from tests.support.processes import free_port
from tests.support.unbounded import AT_ANY_HOUR, UNBOUNDED

ROOT = Path(__file__).parents[2]
SCRIPTED = {
    "TALKING_SPEECH__RECOGNISER": "scripted",
    "TALKING_SPEECH__VOICE": "scripted",
    "TALKING_THINKER__ENGINE": "scripted",
}
OFFLINE = {"TALKING_THINKER__ENGINE": "scripted"}  # real ears and voice, a mind of known length
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05


class Node(msgspec.Struct, frozen=True):
    """A running node; `owner_dsn` is its database's owner, past every rule, `data` its folder."""

    url: str
    process: asyncio.subprocess.Process
    owner_dsn: str
    data: Path

    @property
    def pid(self) -> int:
        """Of its process."""
        return self.process.pid

    async def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.kill()
        await self.process.wait()

    def usage(self) -> Usage:
        """What its process has used so far."""
        return usage(self.pid)

    def sample(self) -> None:
        """Begin to profile; only for a node that was started with `profile`."""
        os.kill(self.pid, signal.SIGUSR1)


@asynccontextmanager
async def node(
    world: Carrier,
    data: Path,
    settings: Mapping[str, str],
    profile: Path | None = None,
    port: int | None = None,
    program: str = "server",
    tree: Path = ROOT,
    cores: Collection[int] = (NODE_CORE,),
) -> AsyncIterator[Node]:
    """A node on `cores`, ready; `settings` adds environment variables.

    A node that is started again has the `port` it had. With `profile` it is sampled from
    `Node.sample` on and writes its report there. `program` is a module that serves a node and more.
    `tree` holds the code it runs and its configuration: this one, or another revision's.
    """
    database = await embedded.start(data / "postgres", durable=True)
    try:
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        env = {
            **environment(tree),
            "TALKING_SERVER__PORT": str(port),
            "TALKING_SERVER__PUBLIC_URL": url,
            "TALKING_DATABASE__DATA_DIR": str(data),
            "TALKING_AUTH__ISSUER": world.issuer,
            "TALKING_TWILIO__BASE_URL": world.url,
            "TALKING_TWILIO__AUTH_TOKEN": world.auth_token,
            "TALKING_CALLS__MAX_LIVE": "1000",
            **unbounded(tree),
            "TALKING_SERVER__DRAIN_SECONDS": "1",
            "TALKING_CONVERSATION__GREETING": "Hello, let us talk about {topic}.",
            **settings,
        }
        module = ["-m", "tests.bench.sampled", str(profile)] if profile else ["-m", program]
        command = [*module, "serve", "--config", str(tree / "config.toml")]
        name = data / f"node-{port}.log"
        with name.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env=env, cwd=tree, stdout=log, stderr=log
            )
        os.sched_setaffinity(process.pid, cores)
        try:
            await _ready(url, process, name)
            yield Node(url, process, database.dsn(), data)
        except Exception:
            say(f"the node's log ends with:\n{_tail(name)}")
            raise
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    async with asyncio.timeout(_STOP_SECONDS):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()
    finally:
        await database.stop()


def unbounded(tree: Path) -> dict[str, str]:
    """No limits on users, as far as the tree's configuration knows the settings."""
    known = tomllib.loads((tree / "config.toml").read_text("utf-8"))
    settings = {}
    for key, value in {**UNBOUNDED, **AT_ANY_HOUR}.items():
        section, name = key.lower().split("__")
        if name in known.get(section, {}):
            settings[f"TALKING_{key}"] = value
    return settings


def environment(tree: Path) -> dict[str, str]:
    """Ours without settings of the product; with `tree` as the working folder its modules win."""
    kept = {name: value for name, value in os.environ.items() if "TALKING_" not in name}
    return {**kept, "PYTHONPATH": str(tree)}


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as http:
        while process.returncode is None:
            try:
                async with http.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass  # not listening yet
            await asyncio.sleep(_POLL_SECONDS)  # polls a condition with a deadline
    raise RuntimeError(f"the node did not start:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2000:]
