"""What has to be looked at to be measured: the loop's lag, connections, how old what waits is.

The queues are the database's, so every node tells the same of them. Counts nothing that somebody
else could count where it happens.
"""

import asyncio

import structlog

from db.billing import stripe_events
from db.cluster import jobs
from db.core.failures import DATABASE_ERRORS
from server.core.measures import (
    EVENTS_WAITING,
    JOB_AGE,
    JOBS_WAITING,
    LOOP_LAG_SECONDS,
    POOL_CONNECTIONS,
)
from server.core.node import Node
from server.core.times import utc

log = structlog.get_logger(__name__)

LAG_SECONDS = 0.25
_LOOKS = 60  # of the loop's lag to one of the queues


async def run(node: Node) -> None:
    """Sample for ever; while the database is away, what it would tell is left out."""
    loop = asyncio.get_running_loop()
    while True:
        await _queues(node)
        for _ in range(_LOOKS):
            due = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)  # the sample
            LOOP_LAG_SECONDS.observe(max(0.0, loop.time() - due))
        for name, (used, idle, most) in node.pools.sizes().items():
            for state, count in (("used", used), ("idle", idle), ("most", most)):
                POOL_CONNECTIONS.labels(name, state).set(count)


async def _queues(node: Node) -> None:
    now = utc(node.clock())
    try:
        async with node.pools.as_service() as connection:
            waiting = await jobs.ages(connection)
            oldest = await stripe_events.oldest_waiting(connection)
    except DATABASE_ERRORS as error:
        log.warning("queues_unseen", error=type(error).__name__)
        return
    JOBS_WAITING.clear()
    JOB_AGE.clear()
    for one in waiting:
        JOBS_WAITING.labels(one.name).set(one.count)
        JOB_AGE.labels(one.name).set(one.overdue_seconds)
    EVENTS_WAITING.set(0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
