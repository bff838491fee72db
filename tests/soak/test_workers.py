"""Ends of a supervisor and its nodes that take long; the others are in `tests/integration`."""

import os
import signal
import socket
from collections.abc import Callable

import pytest

from tests.soak.test_worker_reloads import Served, data, is_running, served
from tests.support.database import MASTER_KEY

pytestmark = pytest.mark.timeout(240)

__all__ = ["data", "served"]


async def test_a_second_signal_ends_what_does_not_end_by_itself(
    served: Callable[..., Served],
) -> None:
    node = await served(SERVER__DRAIN_SECONDS="600").until_ready()
    stuck, other = node.pids()
    os.kill(stuck, signal.SIGSTOP)
    node.supervisor.terminate()
    await node.until(lambda: not is_running(other))
    assert is_running(stuck)
    node.supervisor.terminate()
    assert await node.ended() == 1


async def test_what_outlasts_the_drain_is_killed(served: Callable[..., Served]) -> None:
    node = await served(SERVER__DRAIN_SECONDS="0.1").until_ready()
    os.kill(node.pids()[0], signal.SIGSTOP)
    node.supervisor.terminate()
    assert await node.ended() == 1
    assert len(node.logged("worker_killed")) == 1


async def test_workers_leave_when_their_supervisor_is_gone(served: Callable[..., Served]) -> None:
    node = await served().until_ready()
    node.supervisor.kill()
    await node.until(lambda: not any(is_running(pid) for pid in node.pids()))
    node.start()  # the port is free
    await node.until_ready(4)


async def test_what_cannot_start_ends_and_says_why(served: Callable[..., Served]) -> None:
    nowhere = {"URL": "postgresql://127.0.0.1:1/x", "REQUEST_PASSWORD": "x", "WORKER_PASSWORD": "x"}
    keys = {f"DATABASE__{key}": value for key, value in nowhere.items()}
    node = served(**keys, PRIVACY__MASTER_KEY=MASTER_KEY)
    assert await node.ended() == 1
    assert "talking serve: " in node.log.read_text()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        node.env["TALKING_SERVER__PORT"] = str(taken.getsockname()[1])
        node.start()
        assert await node.ended() == 1
    assert "is taken" in node.log.read_text()
