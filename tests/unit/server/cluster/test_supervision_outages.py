"""Whatever asyncpg raises for a database that is absent or recovers, each service waits it out."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from media.effects import Settle
from media.events import Keyed
from server.calls import recorder as recorders
from server.calls.recorder import Recorder
from server.calls.registry import CallRegistry
from server.calls.writing import Entry
from server.cluster import heartbeat as heartbeats
from server.cluster import jobs, relay
from server.cluster.heartbeat import Heartbeat
from server.cluster.jobs import Work
from server.cluster.probe import DatabaseProbe
from server.cluster.relay import Relay
from server.core.bus import NoBus
from server.live.hub import Hub
from server.live.meters import Meters
from server.ownership import leases
from tests.support.patience import patience
from tests.support.wiring import bare_node

ABSENT = [
    ConnectionRefusedError(), ConnectionResetError(), BrokenPipeError(), FileNotFoundError(),
    TimeoutError(),
    asyncpg.ConnectionDoesNotExistError(), asyncpg.ConnectionFailureError(),
    asyncpg.CannotConnectNowError(), asyncpg.AdminShutdownError(), asyncpg.CrashShutdownError(),
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
    asyncpg.InterfaceError("connection is closed"), asyncpg.exceptions.ProtocolError(),
    asyncpg.TooManyConnectionsError(), asyncpg.ReadOnlySQLTransactionError(),
    asyncpg.QueryCanceledError(), asyncpg.DiskFullError(), asyncpg.OutOfMemoryError(),
    asyncpg.SerializationError(), asyncpg.DeadlockDetectedError(),
    asyncpg.InvalidPasswordError(), asyncpg.InvalidCatalogNameError(),
]  # fmt: skip
ENOUGH = 3


class Absent:
    """Pools at their border, all of whose connections fail so; `enough` is set after some tries."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.tries = 0
        self.enough = asyncio.Event()

    def _fail(self) -> Exception:
        self.tries += 1
        if self.tries >= ENOUGH:
            self.enough.set()
        return self._error

    def as_service(self, **_kind: bool) -> AbstractAsyncContextManager[None]:
        raise self._fail()

    @property
    def queue(self) -> Any:
        raise self._fail()

    async def check(self) -> None:
        raise self._fail()


def services(absent: Absent) -> dict[str, Callable[[], Awaitable[None]]]:
    """Each of a node's services on these pools."""
    node, hub = bare_node(cast("Any", absent)), Hub()
    quick = replace(node.config.cluster, lease_seconds=0.003)
    deps = cast("Any", SimpleNamespace(
        config=replace(node.config, cluster=quick), pools=absent, clock=node.clock, hub=hub,
        node="a", meters=Meters(), live=CallRegistry(cast("Any", None)),
        recorder=SimpleNamespace(backlog=0, unwritten=set), bus=NoBus(),
        transaction=node.transaction,
    ))  # fmt: skip
    recorder = Recorder(node, hub, lambda *_: None)
    call = Entry(uuid.uuid4(), uuid.uuid4(), 1, 1, 1.0, Keyed("1"), (Settle(commit=True),))
    recorder.submit(call)
    probe = DatabaseProbe(cast("Any", absent))

    async def probed() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(probe.run())
            while True:
                assert not await probe.answers()

    return {
        "recorder": recorder.run,
        "relay": Relay(deps).run,
        "heartbeat": Heartbeat(deps).run,
        "leases": lambda: leases.run(deps),
        "jobs": lambda: jobs.run(deps, Work({}, {})),
        "probe": probed,
    }


@pytest.mark.parametrize("error", ABSENT, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("name", ["recorder", "relay", "heartbeat", "leases", "jobs", "probe"])
async def test_it_is_waited_out(
    name: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, pause in (
        (recorders, "RETRY_SECONDS"), (relay, "TICK_SECONDS"), (relay, "UNWATCHED_SECONDS"),
        (heartbeats, "BEAT_SECONDS"), (jobs, "RECONNECT_SECONDS"),
    ):  # fmt: skip
        monkeypatch.setattr(module, pause, 0.001)
    absent = Absent(error)
    with capture_logs():
        async with asyncio.TaskGroup() as tasks, patience():
            running = tasks.create_task(_run(services(absent)[name]))
            await absent.enough.wait()
            assert not running.done()
            running.cancel()


async def _run(service: Callable[[], Awaitable[None]]) -> None:
    await service()
