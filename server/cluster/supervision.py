"""Background services that must not end while the node runs: one that fails is begun again.

A service waits out by itself what it expects, such as a database that is away; this is for all
else. Knows no service.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog
from prometheus_client import Counter

from db.core.failures import is_cancelled, loggable

log = structlog.get_logger(__name__)

Service: TypeAlias = Callable[[], Awaitable[None]]  # runs for ever

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
WELL_SECONDS = 60.0  # whoever ran for so long was well, and is begun again soon


async def supervised(
    name: str, service: Service, restarts: Counter, *, pause_seconds: float = FIRST_PAUSE_SECONDS
) -> None:
    """Run a service until this task is cancelled, again after a pause whenever it ends: twice as
    long a pause each time, unless it ran well meanwhile. `restarts` counts by name."""
    loop, pause = asyncio.get_running_loop(), pause_seconds
    restarts.labels(name)  # from the beginning, so that the first one is seen
    while True:
        begun = loop.time()
        try:
            await service()
            log.error("service_ended", service=name)
        except Exception as error:
            kind = type(error).__name__
            log.error("service_failed", service=name, error=kind, exc_info=loggable(error))
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            log.error("service_failed", service=name, error="CancelledError")  # of a task within
        if is_cancelled():
            return
        restarts.labels(name).inc()
        if loop.time() - begun > WELL_SECONDS:
            pause = pause_seconds
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
