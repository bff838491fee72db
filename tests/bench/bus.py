"""How old events are at nodes other than their own: three nodes of one process, on one bus.

A lasting event is timed from its commit, a passing one from when it was published, until the
dashboards at both other nodes have it.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from db.core import embedded
from server.core.identity.auth import Identity
from server.core.times import steady_clock
from server.deps import Deps
from tests.bench.machine import percentile, say
from tests.integration.server.cluster.nodes import Watching, open_nodes, sign_up, until, watching
from tests.integration.server.cluster.test_shared_events import commit, hint, is_watched
from tests.support.database import create_database, make_template
from tests.support.nats import nats_server

EVENTS = 300
APART_SECONDS = (0.0, 0.2)


async def report(data: Path) -> None:
    """Prints the ages of `EVENTS` events of either kind at two nodes."""
    with nats_server() as nats:
        server = await embedded.start(data, durable=False)
        await make_template(server.dsn())
        database = await create_database(server.dsn())
        async with open_nodes(database, nats.url, ("a", "b", "c")) as nodes:
            await _measure(nodes)
        await server.stop()


async def _measure(nodes: Sequence[Deps]) -> None:
    here, *others = nodes
    who = await sign_up(here)
    async with AsyncExitStack() as stack:
        dashboards = [await stack.enter_async_context(watching(node, who, "me")) for node in others]
        await until(lambda: is_watched(here, who))
        for kind in ("lasting", "passing"):
            ages: list[float] = []
            for number in range(EVENTS):
                ages += await _ages(here, who, dashboards, kind, number)
                await asyncio.sleep(random.uniform(*APART_SECONDS))
            say(
                f"bus       {kind} events at two other nodes:"
                f" p50 {percentile(ages, 0.5) * 1e3:.1f}, p95 {percentile(ages, 0.95) * 1e3:.1f},"
                f" max {max(ages) * 1e3:.1f} ms (N {len(ages)}, lost 0)"
            )


async def _ages(
    here: Deps, who: Identity, dashboards: Sequence[Watching], kind: str, number: int
) -> list[float]:
    """Seconds until each dashboard has one event more; fails if one never comes."""
    clock = steady_clock()
    known = [len(dashboard.events()) for dashboard in dashboards]
    begun = clock()
    if kind == "lasting":
        await commit(here, who, str(number))
        begun = clock()
    else:
        hint(here, who, float(number), n=number)  # of the same thing only ten a second are told

    async def age(dashboard: Watching, before: int) -> float:
        await dashboard.until(lambda: len(dashboard.events()) > before)
        return clock() - begun

    return await asyncio.gather(*map(age, dashboards, known))
