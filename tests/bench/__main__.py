"""Runs the benchmarks and prints their figures with what they mean and how to repeat them.

`python -m tests.bench [PART ...]`; with no part, all of them, in some six minutes.
"""

import argparse
import asyncio
import os
import shlex
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.bench import billing, channel, fanout, footprint, load, micro, recording, texts
from tests.bench.machine import OTHER_CORE, describe, say

PARTS = ("micro", "recorder", "load", "speech", "billing", "texts", "dashboards")
LONG_PARTS = ("soak", "cuts")  # only when asked for
SPEECH_CALLS = (20,)


def main() -> int:
    """Run the chosen parts one after another; one that breaks fails the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS + LONG_PARTS))
    parser.add_argument("--calls", default="20,60,100,150", help="numbers of calls to try")
    parser.add_argument("--seconds", type=float, default=12.0, help="length of a load window")
    parser.add_argument("--rounds", type=int, default=50, help="races for the last one of a limit")
    parser.add_argument("--profile", type=Path, help="sample the loaded node, report there")
    chosen = parser.parse_args()
    parts = chosen.parts or PARTS
    if unknown := set(parts) - {*PARTS, *LONG_PARTS}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    os.sched_setaffinity(0, {OTHER_CORE})
    say(f"machine   {describe()}")
    say(f"repeat    {shlex.join([Path(sys.executable).name, '-m', 'tests.bench', *sys.argv[1:]])}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for part in PARTS + LONG_PARTS:
            if part in parts:
                say()
                runner.run(_run(part, chosen))
    if chosen.profile is not None:
        say(chosen.profile.read_text())
    return 0


async def _run(part: str, chosen: argparse.Namespace) -> None:
    calls = [int(number) for number in chosen.calls.split(",")]
    with tempfile.TemporaryDirectory(prefix="talking-bench-") as folder:
        data = Path(folder)
        if part == "micro":
            await micro.report()
        elif part == "recorder":
            await recording.report(data)
            await footprint.report(data / "calls")
        elif part == "load":
            await load.ladder(data, calls, chosen.seconds, profile=chosen.profile)
        elif part == "speech":
            await load.ladder(data, SPEECH_CALLS, chosen.seconds, scripted=False)
        elif part == "texts":
            await texts.report(data, per_second=50, seconds=max(chosen.seconds, 20.0))
        elif part == "soak":
            await texts.soak(data, conversations=1000, texts_each=10, kills=20)
        elif part == "billing":
            await billing.report(
                data, calls=30, per_second=200, seconds=chosen.seconds, rounds=chosen.rounds
            )
        elif part == "cuts":
            await channel.cuts(1000)
        else:
            await fanout.report(data / "calls", calls=60, sockets=100, seconds=chosen.seconds)
            await channel.report(data / "flow", sockets=100, seconds=min(chosen.seconds, 8.0))


if __name__ == "__main__":
    sys.exit(main())
