"""What a second node brings: the calls that two carry on this machine, against one, in one run.

The nodes are processes on one database, each at a port of its own, so that webhooks and sound of a
call reach its owner: how calls find their owner behind one port is not measured. Nodes, phones and
PostgreSQL run on all cores, as phones cost about as much as what they measure. So that it is the
nodes that are full first, each may have a share of a core only (`--share`); with whole cores what a
second takes out of or adds to a call's processor time tells what quiet cores would carry.
"""

import asyncio
import os
import statistics
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import aiohttp
import msgspec

from tests.bench.carrier import Carrier, carrier
from tests.bench.load import scripted, settled, talk
from tests.bench.machine import load, percentile, say, table
from tests.bench.node import Node, node
from tests.bench.phone import Window
from tests.bench.quota import quota
from tests.support.processes import free_port

ALL_CORES = frozenset(range(os.cpu_count() or 1))
JITTER_MS = 60.0  # three packets behind: nobody hears it, as the lead is 300 ms
FIT_MS = 20.0  # the phones' own frames behind their clock
LATE_SHARE = 0.001  # of packets, after the playback buffer ran dry
HEADS = (
    "nodes", "calls", "cpu ms per call-s", "nodes' core %", "client core %", "jitter p50",
    "p99 ms", "late packets", "client late p99 ms", "carried",
)  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """What one number of calls came to on so many nodes."""

    nodes: int
    calls: int
    seconds: float
    cpu_seconds: float
    client_cpu_seconds: float
    window: Window

    @property
    def cpu_ms(self) -> float:
        """Of all nodes, for a call and a second."""
        return self.cpu_seconds / self.seconds / self.calls * 1000

    @property
    def carried(self) -> str:
        """Whether every call sounded as it should, if that can be told."""
        window = self.window
        late = len(window.dry) / max(1, len(window.jitter_ms))
        on_time = percentile(window.jitter_ms, 0.99) <= JITTER_MS
        if on_time and late <= LATE_SHARE and not window.lost:
            return "yes"
        return "?" if percentile(window.behind_ms, 0.99) > FIT_MS else "no"

    def cells(self) -> tuple[str, ...]:
        """A row of the report."""
        window = self.window
        return (
            str(self.nodes),
            str(self.calls),
            f"{self.cpu_ms:.2f}",
            f"{self.cpu_seconds / self.seconds * 100:.0f}",
            f"{self.client_cpu_seconds / self.seconds * 100:.0f}",
            *(f"{percentile(window.jitter_ms, share):.1f}" for share in (0.5, 0.99)),
            str(len(window.dry)),
            f"{percentile(window.behind_ms, 0.99):.1f}",
            self.carried,
        )


async def report(data: Path, calls: Sequence[int], seconds: float, share: float) -> None:
    """Measure each number of calls on one node and on two, and print a table and the ratios."""
    os.sched_setaffinity(0, ALL_CORES)
    say(
        f"One node against two: {seconds:.0f} s windows, scripted engines, all on all cores, each"
        f" node with {share:.2f} of a core"
    )
    steps = [
        *await _climb(data / "1", 1, calls, seconds, share),
        *await _climb(data / "2", 2, calls, seconds, share),
    ]
    table([HEADS, *(step.cells() for step in steps)])
    say(f"carried: jitter p99 <= {JITTER_MS:.0f} ms and at most {LATE_SHARE:.1%} of packets late;")
    say(f"?: no, but the phones themselves were over {FIT_MS:.0f} ms late, which tells nothing.")
    one, two = (_most([step for step in steps if step.nodes == nodes]) for nodes in (1, 2))
    if one and two:
        say(f"carried here, at least: {two} against {one}, ratio {two / one:.2f}")
    lines = [_cores_full([step for step in steps if step.nodes == nodes]) for nodes in (1, 2)]
    if all(lines):
        say(
            f"a core for each node would be full at {lines[0]:.0f} and {lines[1]:.0f} calls: ratio"
            f" {lines[1] / lines[0]:.2f} (reckoned: straight lines through processor time)"
        )


def _most(steps: Sequence[Step]) -> int:
    return max((step.calls for step in steps if step.carried == "yes"), default=0)


def _cores_full(steps: Sequence[Step]) -> float:
    """How many calls take all of a core for each node; 0 when too little was measured."""
    if len({step.calls for step in steps}) < 3:
        return 0.0
    used = [step.cpu_seconds / step.seconds for step in steps]
    line = statistics.linear_regression([step.calls for step in steps], used)
    return (steps[0].nodes - line.intercept) / line.slope


async def _climb(
    data: Path, count: int, calls: Sequence[int], seconds: float, share: float
) -> list[Step]:
    await asyncio.to_thread(data.mkdir)
    kind, steps = scripted(), []
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(carrier(free_port(), kind.said))
        nodes = [
            await stack.enter_async_context(node(world, data, kind.settings, cores=ALL_CORES))
            for _ in range(count)
        ]
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=2))
        )
        for number in calls:
            try:
                for each, its in zip(nodes, _shares(number, count), strict=True):
                    await talk(http, world, each, [uuid.uuid4() for _ in range(its)])
            except TimeoutError:
                say(f"  {count} nodes, {number} calls: not all of them came to talk, {load()}")
                break
            with ExitStack() as held:  # a share for talking, not for coming to talk
                for each in nodes if share < 1 else ():
                    held.enter_context(quota(each.pid, share))
                steps.append(await _measure(world, nodes, number, seconds))
            say(f"  {count} nodes, {number} calls measured, {load()}")
            await world.hang_up_all()
            for each in nodes:
                await settled(http, each, 0)
            if steps[-1].carried == "no":
                break  # more of them would be no better
    return steps


def _shares(number: int, count: int) -> list[int]:
    return [number // count + (place < number % count) for place in range(count)]


async def _measure(world: Carrier, nodes: Sequence[Node], calls: int, seconds: float) -> Step:
    loop = asyncio.get_running_loop()
    window = world.watch()
    before, client_before = [each.usage() for each in nodes], time.process_time()
    began_at = loop.time()
    await asyncio.sleep(seconds)  # the window
    after, took = [each.usage() for each in nodes], loop.time() - began_at
    world.watch()
    return Step(
        nodes=len(nodes),
        calls=calls,
        seconds=took,
        cpu_seconds=sum(
            end.cpu_seconds - begin.cpu_seconds for begin, end in zip(before, after, strict=True)
        ),
        client_cpu_seconds=time.process_time() - client_before,
        window=window,
    )
