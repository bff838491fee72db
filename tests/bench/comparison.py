"""This tree and another revision in turn, and what differs: the machine is the same for both.

Both are driven by this tree's phones. Which comes first changes with each repetition, and each has
a database of its own, since a newer tree may have migrated what an older one knows. Medians are
taken over the repetitions.
"""

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tests.bench import idle
from tests.bench.load import Kind, Rung, climb
from tests.bench.machine import load, percentile, say, table
from tests.bench.node import ROOT


class Trees(msgspec.Struct, frozen=True):
    """What is compared: this tree ("here"), and another in its folder, by its name."""

    name: str
    folder: Path
    repeats: int

    def turns(self) -> list[tuple[str, Path]]:
        """Both, as often as wished, each as often first as second."""
        both = [("here", ROOT), (self.name, self.folder)]
        return [turn for number in range(self.repeats) for turn in both[:: (-1) ** number]]

    @property
    def names(self) -> tuple[str, str]:
        """As the report calls them."""
        return "here", self.name


async def loads(data: Path, trees: Trees, calls: Sequence[int], seconds: float, kind: Kind) -> None:
    """Every number of calls on both, and what a call more costs."""
    say(
        f"Media Streams load, this tree and {trees.name}: medians of {trees.repeats} windows of"
        f" {seconds:.0f} s each, {kind.about}"
    )
    rungs: dict[str, list[Rung]] = {name: [] for name in trees.names}
    try:
        for name, folder in trees.turns():
            say(f" {name}")
            rungs[name] += await climb(data / name, calls, seconds, kind, tree=folder)
    finally:  # minutes of measuring are not lost with the last of them
        if all(rungs.values()):
            _report(trees, rungs, calls)


def _report(trees: Trees, rungs: dict[str, list[Rung]], calls: Sequence[int]) -> None:
    heads = ["calls"]
    for title in ("cpu ms per call-s", "jitter p99 ms", "late packets", "core wait %"):
        heads += [title, trees.name]
        heads += ["ratio"] * (title == "cpu ms per call-s")
    rows = [heads]
    for number in calls:

        def medians(value: Callable[[Rung], float], number: int = number) -> tuple[float, ...]:
            return tuple(
                statistics.median(value(rung) for rung in rungs[name] if rung.calls == number)
                for name in trees.names
            )

        here, there = medians(lambda rung: rung.cpu_ms / rung.calls)
        row = [str(number), f"{here:.2f}", f"{there:.2f}", f"{here / there:.2f}"]
        row += [f"{ms:.1f}" for ms in medians(lambda rung: percentile(rung.window.jitter_ms, 0.99))]
        row += [f"{late:.0f}" for late in medians(lambda rung: len(rung.window.dry))]
        row += [f"{wait:.0f}" for wait in medians(lambda r: r.waited_seconds / r.seconds * 100)]
        rows.append(row)
    table(rows)
    if len(set(calls)) > 1:
        _straight_lines(trees, rungs)


def _straight_lines(trees: Trees, rungs: dict[str, list[Rung]]) -> None:
    lines = [
        statistics.linear_regression(
            [rung.calls for rung in rungs[name]], [rung.cpu_ms for rung in rungs[name]]
        )
        for name in trees.names
    ]
    here, there = lines
    say(
        f"a call more costs {here.slope:.2f} ms a second, at {trees.name} {there.slope:.2f}:"
        f" ratio {here.slope / there.slope:.2f} (straight line through all windows)"
    )
    say(
        f"what does not grow with calls: {here.intercept / 10:.1f} % of a core,"
        f" at {trees.name} {there.intercept / 10:.1f} %"
    )


async def idles(data: Path, trees: Trees, seconds: float) -> None:
    """What either costs without a call."""
    say(
        f"No calls, this tree and {trees.name}: {trees.repeats} windows of {seconds:.0f} s, medians"
    )
    rests: dict[str, list[idle.Rest]] = {name: [] for name in trees.names}
    for name, folder in trees.turns():
        rests[name].append(await idle.rest(data / name, seconds, tree=folder))
        say(f"  {name} measured, {load()}")
    medians = {name: idle.median(rests[name]) for name in trees.names}
    table([("", *idle.HEADS), *((name, *rest.cells()) for name, rest in medians.items())])
    here, there = (medians[name].core_percent for name in trees.names)
    say(f"ratio {here / there:.2f}")
