"""Services that fail are begun again, and told of; only a cancelled one ends."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from server.cluster.supervision import supervised


async def _runs_again_after(failure: BaseException | None) -> list[object]:
    """Have a service end so the first time; what was logged by the time it runs again."""
    again = asyncio.Event()
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
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(2):
            running = tasks.create_task(supervised("relay", service, restart_seconds=0))
            await again.wait()
            running.cancel()
    assert running.cancelled()
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
    began = asyncio.Event()

    async def service() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncpg.InterfaceError("the underlying connection is closed") from None

    async with asyncio.timeout(2), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervised("relay", service))
        await began.wait()
        running.cancel()
    assert running.done()


async def test_a_service_that_simply_ends_is_begun_again() -> None:
    assert await _runs_again_after(None) == [("service_ended", "relay", "error")]
