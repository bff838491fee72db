"""The worker threads: results, failures, cancellation and the bound on waiting."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from media.engines.base import EngineError
from media.engines.threads import Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(threads=1, max_waiting=1)
    yield workers
    workers.close()


async def until_running(started: threading.Event) -> None:
    assert await asyncio.to_thread(started.wait, 5)


def hold(started: threading.Event, release: threading.Event) -> str:
    started.set()
    release.wait(5)
    return "held"


async def test_a_job_runs_off_the_event_loop_and_returns_its_result(workers: Workers) -> None:
    assert await workers.run(threading.get_ident) != threading.get_ident()
    assert await workers.run(divmod, 7, 3) == (2, 1)


async def test_a_failure_becomes_an_engine_error_without_the_words_of_the_library(
    workers: Workers,
) -> None:
    def fail() -> None:
        raise ValueError("my account number is 12")

    with pytest.raises(EngineError, match="ValueError") as caught:
        await workers.run(fail)
    assert "account" not in str(caught.value)


async def test_an_engine_error_keeps_its_message(workers: Workers) -> None:
    def fail() -> None:
        raise EngineError("pip install ears")

    with pytest.raises(EngineError, match="pip install ears"):
        await workers.run(fail)


async def test_one_job_too_many_is_refused_at_once(workers: Workers) -> None:
    started, release = threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(workers.run(hold, started, release))
        await until_running(started)
        waiting = tasks.create_task(workers.run(int))
        await asyncio.sleep(0)
        with pytest.raises(EngineError, match="overloaded"):
            await workers.run(int)
        release.set()
    assert (running.result(), waiting.result()) == ("held", 0)
    assert await workers.run(int) == 0


async def test_a_job_cancelled_while_waiting_never_runs_and_frees_its_place(
    workers: Workers,
) -> None:
    started, release, ran = threading.Event(), threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(workers.run(hold, started, release))
        await until_running(started)
        waiting = tasks.create_task(workers.run(ran.set))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        after = tasks.create_task(workers.run(int))
        release.set()
    assert after.result() == 0
    assert not ran.is_set()


async def test_a_job_cancelled_while_running_keeps_its_place_until_it_returns(
    workers: Workers,
) -> None:
    started, release = threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(workers.run(hold, started, release))
        await until_running(started)
        running.cancel()
        await asyncio.wait([running])
        waiting = tasks.create_task(workers.run(int))
        await asyncio.sleep(0)
        with pytest.raises(EngineError, match="overloaded"):
            await workers.run(int)
        release.set()
    assert waiting.result() == 0


async def test_closed_workers_refuse_and_may_be_closed_again(workers: Workers) -> None:
    workers.close()
    workers.close()
    with pytest.raises(EngineError, match="closed"):
        await workers.run(int)


async def test_spare_work_is_done_only_while_nobody_needs_the_thread(workers: Workers) -> None:
    give_way, started, release = threading.Event(), threading.Event(), threading.Event()
    assert await workers.run_spare(give_way, divmod, 7, 3) == (2, 1)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(workers.run(hold, started, release))
        await until_running(started)
        assert await workers.run_spare(give_way, divmod, 7, 3) is None
        release.set()
    assert await workers.run_spare(give_way, divmod, 7, 3) == (2, 1)
    assert not give_way.is_set()


async def test_spare_work_is_told_to_give_way_as_soon_as_other_work_waits(workers: Workers) -> None:
    give_way, started = threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as tasks:
        spare = tasks.create_task(workers.run_spare(give_way, hold, started, give_way))
        await until_running(started)
        assert await workers.run(divmod, 7, 3) == (2, 1)
    assert spare.result() == "held"


async def test_of_two_threads_one_is_left_to_other_work() -> None:
    workers, give_way = Workers(threads=2), threading.Event()
    started, release = threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(workers.run_spare(give_way, hold, started, release))
        await until_running(started)
        assert await workers.run_spare(threading.Event(), divmod, 7, 3) is None
        assert await workers.run(divmod, 7, 3) == (2, 1)
        assert not give_way.is_set()
        release.set()
    workers.close()
