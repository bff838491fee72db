"""What a node costs that has nothing to do: polls, heartbeats, chores, and the database's part.

Nobody asks it anything while it is watched. Wake-ups are the times any thread began to wait.
"""

import asyncio
import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.carrier import carrier
from tests.bench.machine import children, load, say, table, usage, wake_ups
from tests.bench.node import ROOT, SCRIPTED, node
from tests.bench.phone import tone_bursts
from tests.support.processes import free_port

HEADS = ("core %", "wake-ups/s", "database core %", "RSS MiB")
_SETTLE_SECONDS = 3.0  # start-up's last work


class Rest(msgspec.Struct, frozen=True):
    """One window."""

    core_percent: float
    wake_ups: float
    database_percent: float
    rss_mib: float

    def cells(self) -> tuple[str, ...]:
        """A row of the report."""
        return (
            f"{self.core_percent:.2f}",
            f"{self.wake_ups:.0f}",
            f"{self.database_percent:.2f}",
            f"{self.rss_mib:.0f}",
        )


async def report(data: Path, seconds: float, profile: Path | None = None) -> None:
    """Measure and print."""
    found = await rest(data, seconds, profile=profile)
    say(f"No calls: {seconds:.0f} s, {load()}")
    table([("", *HEADS), ("a node", *found.cells())])


async def rest(
    data: Path, seconds: float, *, profile: Path | None = None, tree: Path = ROOT
) -> Rest:
    """One window of a node that runs the code in `tree`."""
    async with (
        carrier(free_port(), tone_bursts()) as world,
        node(world, data, SCRIPTED, profile, tree=tree) as running,
    ):
        await asyncio.sleep(_SETTLE_SECONDS)
        if profile is not None:
            running.sample()
        loop = asyncio.get_running_loop()
        postmaster = int((data / "postgres/cluster/postmaster.pid").read_text().split()[0])
        servers = {pid: usage(pid).cpu_seconds for pid in children(postmaster)}
        before, woken, began_at = running.usage(), wake_ups(running.pid), loop.time()
        await asyncio.sleep(seconds)  # the window
        after, took = running.usage(), loop.time() - began_at
        now = {pid: usage(pid).cpu_seconds for pid in children(postmaster)}
        database_seconds = sum(used - servers.get(pid, 0.0) for pid, used in now.items())
        return Rest(
            core_percent=(after.cpu_seconds - before.cpu_seconds) / took * 100,
            wake_ups=(wake_ups(running.pid) - woken) / took,
            database_percent=database_seconds / took * 100,
            rss_mib=after.rss_mib,
        )


def median(rests: Sequence[Rest]) -> Rest:
    """Of each figure by itself."""
    return Rest(
        *(
            statistics.median(column)
            for column in zip(*map(msgspec.structs.astuple, rests), strict=True)
        )
    )
