"""What was begun for somebody is finished, also when whoever asked hangs up meanwhile.

A web framework cancels the handler of a request whose client has gone; between a commit and what
must follow it that would be a fault. Knows no requests.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from db.core.failures import loggable
from server.core.errors import AppError

log = structlog.get_logger(__name__)

T = TypeVar("T")


class UnitsOfWork:
    """Those under way; the group they run in waits for them when it is left."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it, whatever becomes of this task; what it returns or raises."""
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._tasks.create_task(_run(work, outcome))
        return await outcome


async def _run(work: Coroutine[Any, Any, T], outcome: asyncio.Future[T]) -> None:
    try:
        result = await work
    except Exception as error:
        if not outcome.done():
            outcome.set_exception(error)
        elif not isinstance(error, AppError):  # nobody is left to be told
            log.error("unit_of_work_failed", error=type(error).__name__, exc_info=loggable(error))
    else:
        if not outcome.done():
            outcome.set_result(result)
    finally:
        outcome.cancel()  # without effect on one that is done
