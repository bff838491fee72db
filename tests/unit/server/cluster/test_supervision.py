"""Services that fail are begun again, and told of; only a cancelled one ends."""

import asyncio
import itertools

import asyncpg
import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from server.cluster import supervision
from server.cluster.supervision import supervised
from server.live.meters import Meters
from tests.support.patience import patience


async def _runs_again_after(failure: BaseException | None) -> list[object]:
    """Have a service end so the first time; what was logged by the time it runs again."""
    again, meters = asyncio.Event(), Meters()
    starts = 0

    async def service() -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            if failure is not None:
                raise failure
            return
        again.set()
        await asyncio.Event().wait()

    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks, patience():
            running = tasks.create_task(
                supervised("relay", service, meters.restarts, pause_seconds=0)
            )
            await again.wait()
            running.cancel()
    assert running.cancelled()
    text = generate_latest(meters.registry).decode()
    assert 'talking_service_restarts_total{service="relay"} 1.0' in text
    assert all("secret" not in str(line) for line in logs)
    return [(line["event"], line["service"], line["log_level"]) for line in logs]


@pytest.mark.parametrize(
    "failure",
    [
        asyncpg.InternalClientError("secret"),
        asyncpg.DataError("secret"),
        KeyError("position"),
        ExceptionGroup("tasks", [ValueError("x")]),
        asyncio.CancelledError(),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_service_that_fails_is_begun_again_and_told_of(failure: BaseException) -> None:
    assert await _runs_again_after(failure) == [("service_failed", "relay", "error")]


async def test_a_cancelled_service_ends_whatever_comes_out_of_it() -> None:
    began, meters = asyncio.Event(), Meters()

    async def service() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncpg.InterfaceError("the underlying connection is closed") from None

    async with patience(), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervised("relay", service, meters.restarts))
        await began.wait()
        running.cancel()
    assert running.done()
    told = generate_latest(meters.registry).decode()
    assert 'talking_service_restarts_total{service="relay"} 0.0' in told


async def test_a_service_that_simply_ends_is_begun_again() -> None:
    assert await _runs_again_after(None) == [("service_ended", "relay", "error")]


async def test_the_pauses_grow_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "LONGEST_PAUSE_SECONDS", 0.02)
    loop, starts = asyncio.get_running_loop(), list[float]()
    enough = asyncio.Event()

    async def service() -> None:
        starts.append(loop.time())
        if len(starts) == 5:
            enough.set()

    async with asyncio.TaskGroup() as tasks, patience():
        running = tasks.create_task(
            supervised("relay", service, Meters().restarts, pause_seconds=0.005)
        )
        await enough.wait()
        running.cancel()
    pauses = [later - one for one, later in itertools.pairwise(starts)]
    wanted = [0.005, 0.01, 0.02, 0.02]
    assert all(got >= least - 0.002 for got, least in zip(pauses, wanted, strict=True))
