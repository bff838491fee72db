"""Background services that must not end while the node runs: one that fails is begun again.

A service waits out by itself what it expects, such as a database that is away; this is for all
else. Knows no service.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog

from db.core.failures import is_cancelled, loggable

log = structlog.get_logger(__name__)

Service: TypeAlias = Callable[[], Awaitable[None]]  # runs for ever

RESTART_SECONDS = 1.0


async def supervised(
    name: str, service: Service, *, restart_seconds: float = RESTART_SECONDS
) -> None:
    """Run a service until this task is cancelled, again after a pause whenever it ends."""
    while True:
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
        await asyncio.sleep(restart_seconds)
