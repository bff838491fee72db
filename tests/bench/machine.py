"""What a figure means nothing without: the machine, its load, and how figures are summed up.

Reads Linux's /proc, because there is no portable way to ask what another process has used. Knows
nothing of what is measured.
"""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import msgspec

NODE_CORE = min(os.sched_getaffinity(0))
OTHER_CORE = max(os.sched_getaffinity(0))


class Usage(msgspec.Struct, frozen=True):
    """What a process has used so far: CPU of all threads, main thread's wait for a core, memory."""

    cpu_seconds: float
    waited_seconds: float
    rss_mib: float


def usage(pid: int) -> Usage:
    """Read now; the difference of two readings is what happened in between."""
    proc = Path("/proc", str(pid))
    threads = [task.read_text().split() for task in proc.glob("task/*/schedstat")]
    waited = int((proc / "schedstat").read_text().split()[1])
    pages = int((proc / "statm").read_text().split()[1])
    return Usage(
        cpu_seconds=sum(int(thread[0]) for thread in threads) / 1e9,  # to the nanosecond
        waited_seconds=waited / 1e9,
        rss_mib=pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
    )


def wake_ups(pid: int) -> int:
    """How often the threads of a process have begun to wait so far."""
    statuses = [task.read_text() for task in Path("/proc", str(pid)).glob("task/*/status")]
    return sum(int(text.partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for text in statuses)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that live."""
    lists = [task.read_text() for task in Path("/proc", str(pid)).glob("task/*/children")]
    return [int(child) for text in lists for child in text.split()]


def describe() -> str:
    """One line on this machine."""
    models = [
        line for line in Path("/proc/cpuinfo").read_text().split("\n") if "model name" in line
    ]
    model = models[0].partition(":")[2].strip() if models else platform.machine()
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, {load()}"


def load() -> str:
    """How busy the machine is with everything, us included."""
    return f"load average {os.getloadavg()[0]:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie; NaN when there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(text: str = "") -> None:
    """One line of the report."""
    print(text, flush=True)  # noqa: T201 - the figures are what this program is for


def table(rows: Sequence[Sequence[str]]) -> None:
    """Rows of cells, the first being the heads; all but the first column flush right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        say("  ".join([row[0].ljust(widths[0]), *cells]))
