"""Work that outlives whoever asked for it."""

import asyncio

import pytest
from structlog.testing import capture_logs

from server.core.errors import AppError
from server.core.units_of_work import UnitsOfWork


async def refuse() -> None:
    raise AppError("forbidden")


async def test_whoever_asked_gets_what_comes_of_it() -> None:
    async def add() -> int:
        return 1 + 1

    async with asyncio.TaskGroup() as tasks:
        units = UnitsOfWork(tasks)
        assert await units.finish(add()) == 2
        with pytest.raises(AppError):
            await units.finish(refuse())


@pytest.mark.parametrize("error", [None, AppError("forbidden"), KeyError("secret")])
async def test_what_was_begun_is_finished_though_who_asked_has_gone(
    error: Exception | None,
) -> None:
    begun, may_end, done = asyncio.Event(), asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await may_end.wait()
        done.append(True)
        if error is not None:
            raise error

    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            units = UnitsOfWork(tasks)
            asking = tasks.create_task(units.finish(work()))
            await begun.wait()
            asking.cancel()
            await asyncio.wait([asking])
            assert not done
            may_end.set()
    assert done
    assert asking.cancelled()
    assert [entry["error"] for entry in logs] == (["KeyError"] if type(error) is KeyError else [])
