"""Several nodes in one process, on one database and one bus, with all their services.

Their engines follow scripts and their carrier is nowhere: tests make calls happen by what they post
to them. A dashboard is a listener at a node's hub.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec

from server.accounts import actions as accounts
from server.app import opened
from server.core.config import load
from server.core.identity.auth import Identity
from server.dashboard.feed import Feed
from server.deps import Deps
from server.live.messages import Sub
from tests.support.database import MASTER_KEY, Database
from tests.support.nats import until_connected
from tests.support.node import SCRIPTED, TOLD_SOON
from tests.support.patience import patience
from tests.support.unbounded import AT_ANY_HOUR, UNBOUNDED

NOWHERE = "http://127.0.0.1:9"
# However busy the machine is: nobody loses calls, and no transaction is taken for a frozen one's.
LEASE_SECONDS = "10"


@asynccontextmanager
async def open_nodes(
    database: Database, url: str, names: tuple[str, ...] = ("a", "b"), **env: str
) -> AsyncIterator[tuple[Deps, ...]]:
    """Nodes of these names, connected; `env` is SECTION__KEY=value."""
    settings = {
        "CLUSTER__BUS": url, "DATABASE__URL": database.owner_dsn,
        "DATABASE__REQUEST_PASSWORD": "request", "DATABASE__WORKER_PASSWORD": "worker",
        "PRIVACY__MASTER_KEY": MASTER_KEY,
        "TWILIO__AUTH_TOKEN": "5a4db0c5a4db0c5a4db0c5a4db0c5a4d", "TWILIO__BASE_URL": NOWHERE,
        "CLUSTER__LEASE_SECONDS": LEASE_SECONDS, "SERVER__DRAIN_SECONDS": "0.1",
        "SERVER__CLOSE_SECONDS": "0.1",
        **SCRIPTED, **TOLD_SOON, **UNBOUNDED, **AT_ANY_HOUR, **env,
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        nodes = []
        for name in names:
            named = {**settings, "CLUSTER__NODE": name}
            config = load(None, {f"TALKING_{key}": value for key, value in named.items()})
            nodes.append(await stack.enter_async_context(opened(config)))
        for node in nodes:
            if url:
                await until_connected(node.bus)
        yield tuple(nodes)


async def sign_up(node: Deps, *, admin: bool = False) -> Identity:
    """A user with a plan that allows calls."""
    user_id = uuid.uuid4()
    who = Identity(
        user_id, f"{user_id.hex[:8]}@example.org", None, admin, 0.0, {"sub": str(user_id)}
    )
    await accounts.admit(node, who)
    return who


class Watching:
    """A dashboard at one node, which takes what it is sent as it comes."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.messages: list[Any] = []
        self._changed = asyncio.Event()

    async def read(self) -> None:
        async for frames in self.feed.frames():
            self.messages += [msgspec.json.decode(frame.text) for frame in frames]
            self._changed.set()

    def events(self, kind: str = "") -> list[Any]:
        """Events so far whose type begins so."""
        return [
            message
            for message in self.messages
            if message["op"] == "event" and message["type"].startswith(kind)
        ]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until what came makes this true."""
        async with patience():
            while not happened():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def watching(node: Deps, who: Identity, *topics: str) -> AsyncIterator[Watching]:
    """A dashboard that was shown the beginning of its topics."""
    feed = Feed(node, who, batch=False)
    feed.open()
    try:
        dashboard = Watching(feed)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(dashboard.read())
            for topic in topics:
                await feed.add(Sub(topic))
                feed.restart(topic, None)
            await dashboard.until(
                lambda: (
                    {each["topic"] for each in dashboard.messages if each["op"] == "snapshot"}
                    >= set(topics)
                )
            )
            yield dashboard
            reading.cancel()
    finally:
        feed.close()


async def until(happened: Callable[[], bool]) -> None:
    """Wait until this is true of a node: what it says of others has no event of its own."""
    async with patience():
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
