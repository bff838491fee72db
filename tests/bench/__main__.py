"""Runs the benchmarks and prints their figures with what they mean and how to repeat them.

`python -m tests.bench [PART ...]`; with no part, all of them, in under five minutes.
`conversation [NAME ...]` stands alone: the figures of those names, or all that there are. With
`--against REV` this tree and another revision are measured in turn, and the ratios printed.
"""

import argparse
import asyncio
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop

from tests.bench import (
    billing,
    bursts,
    bus,
    channel,
    comparison,
    engines,
    exporting,
    fanout,
    footprint,
    hanging,
    idle,
    lanes,
    load,
    micro,
    patterns,
    recording,
    retention,
    revisions,
    texts,
    transport,
    workers,
)
from tests.bench.conversation import figures
from tests.bench.machine import OTHER_CORE, describe, say

PARTS = (
    "micro",
    "recorder",
    "idle",
    "load",
    "detector",
    "speech",
    "billing",
    "texts",
    "dashboards",
)
# Only when asked for.
LONG_PARTS = (
    "footprint",
    "engines",
    "soak",
    "cuts",
    "transport",
    "workers",
    "bus",
    "export",
    "retention",
    "hanging",
    "bursts",
    "lanes",
    "patterns",
)
BESIDE = {"hanging": hanging, "bursts": bursts}  # who is well beside what goes wrong
ON_DATA = {"recorder": recording, "footprint": footprint, "bus": bus}
ALONE = {"micro": micro, "engines": engines, "patterns": patterns}  # without a node
COMPARABLE = ("idle", "load")  # what other revisions know, too
SPEECH_CALLS = (20,)
IDLE_SECONDS = 20.0


def main() -> int:
    """Run the chosen parts one after another; one that breaks fails the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    every = f"{', '.join(PARTS + LONG_PARTS)}, conversation {' '.join(figures.NAMES)}"
    parser.add_argument("parts", nargs="*", metavar="PART", help=every)
    parser.add_argument("--calls", default="20,60,100,150", help="numbers of calls to try")
    parser.add_argument("--seconds", type=float, default=12.0, help="length of a load window")
    parser.add_argument("--rounds", type=int, default=50, help="races for the last one of a limit")
    parser.add_argument("--share", type=float, default=1.0, help="of a core for each of workers")
    parser.add_argument("--old-calls", type=int, default=100_000, help="for retention")
    parser.add_argument("--journal", type=int, default=10, help="rows of each old call's journal")
    parser.add_argument("--against", metavar="REV", help="compare with this revision")
    parser.add_argument("--repeats", type=int, default=3, help="of either side of a comparison")
    parser.add_argument("--profile", type=Path, help="sample the loaded node, report there")
    chosen = parser.parse_args()
    if chosen.parts[:1] == ["conversation"]:
        return _converse(parser, chosen.parts[1:])
    known = COMPARABLE if chosen.against else PARTS + LONG_PARTS
    parts = chosen.parts or (COMPARABLE if chosen.against else PARTS)
    if unknown := set(parts) - set(known):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    _introduce()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if chosen.against:
            runner.run(_compare(parts, chosen))
        for part in () if chosen.against else PARTS + LONG_PARTS:
            if part in parts:
                say()
                runner.run(_run(part, chosen))
    if chosen.profile is not None:
        say(chosen.profile.read_text())
    return 0


def _introduce() -> None:
    os.sched_setaffinity(0, {OTHER_CORE})
    say(f"machine   {describe()}")
    say(f"repeat    {shlex.join([Path(sys.executable).name, '-m', 'tests.bench', *sys.argv[1:]])}")


def _converse(parser: argparse.ArgumentParser, names: Sequence[str]) -> int:
    """Figures in virtual time; each brings its own event loops."""
    if unknown := set(names) - set(figures.NAMES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    _introduce()
    figures.report(names or figures.NAMES)
    return 0


async def _compare(parts: Sequence[str], chosen: argparse.Namespace) -> None:
    calls = [int(number) for number in chosen.calls.split(",")]
    with tempfile.TemporaryDirectory(prefix="talking-bench-") as folder:
        tree, data = Path(folder, "tree"), Path(folder)
        name = await asyncio.to_thread(revisions.check_out, chosen.against, tree)
        trees = comparison.Trees(name, tree, chosen.repeats)
        if "idle" in parts:
            say()
            await comparison.idles(data / "idle", trees, max(chosen.seconds, IDLE_SECONDS))
        if "load" in parts:
            say()
            await comparison.loads(data / "load", trees, calls, chosen.seconds, load.scripted())


async def _run(part: str, chosen: argparse.Namespace) -> None:
    calls = [int(number) for number in chosen.calls.split(",")]
    with tempfile.TemporaryDirectory(prefix="talking-bench-") as folder:
        data = Path(folder)
        if part in ALONE:
            await ALONE[part].report()
        elif part in ON_DATA:
            await ON_DATA[part].report(data)
        elif part == "idle":
            await idle.report(data, max(chosen.seconds, IDLE_SECONDS), chosen.profile)
        elif part in {"load", "detector", "speech"}:
            await _climb(part, data, calls, chosen)
        elif part == "texts":
            await texts.report(data, per_second=50, seconds=max(chosen.seconds, 20.0))
        elif part == "soak":
            await texts.soak(data, conversations=1000, texts_each=10, kills=20)
        elif part == "billing":
            await billing.report(
                data, calls=30, per_second=200, seconds=chosen.seconds, rounds=chosen.rounds
            )
        elif part == "transport":
            await transport.fuzz(frames=1_000_000, heads=100_000)
            await transport.press(data, chosen.seconds)
        elif part == "workers":
            await workers.report(data, calls, chosen.seconds, chosen.share)
        elif part == "lanes":
            await lanes.report()
        elif part in {"export", "retention"}:
            await _rows(part, data, chosen)
        elif part in BESIDE:
            await BESIDE[part].report(data, max(chosen.seconds, 20.0))
        elif part == "cuts":
            await channel.cuts(1000)
        else:
            await fanout.report(data / "calls", calls=60, sockets=100, seconds=chosen.seconds)
            await channel.report(data / "flow", sockets=100, seconds=min(chosen.seconds, 8.0))


async def _climb(part: str, data: Path, calls: list[int], chosen: argparse.Namespace) -> None:
    if part == "load":
        await load.ladder(data, calls, chosen.seconds, load.scripted(), chosen.profile)
    elif part == "detector":
        await load.ladder(data, calls, chosen.seconds, await load.detector())
    else:
        await load.ladder(data, SPEECH_CALLS, chosen.seconds, await load.offline())


async def _rows(part: str, data: Path, chosen: argparse.Namespace) -> None:
    if part == "export":
        await exporting.report(data)
    else:
        await retention.report(data, chosen.old_calls, chosen.journal)


if __name__ == "__main__":
    sys.exit(main())
