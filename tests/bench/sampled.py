"""The `talking` command under a sampling profiler: `python -m tests.bench.sampled OUT ARGS`.

At every tick of CPU time (1 ms where the kernel counts so finely, mostly 4) the stack of the main
thread is counted, by function itself and by every function that waited for it. Unlike cProfile it
makes no call dearer than it is. Sampling begins with SIGUSR1, so that start-up is left out.
"""

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from server.cli.main import main

_INTERVAL_SECONDS = 0.001


class Samples:
    """Counts by "file:function"."""

    def __init__(self) -> None:
        self.total = 0
        self._own: Counter[str] = Counter()
        self._with_callees: Counter[str] = Counter()

    def start(self, _number: int, _frame: FrameType | None) -> None:
        """Begin to sample."""
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL_SECONDS, _INTERVAL_SECONDS)

    def take(self, _number: int, frame: FrameType | None) -> None:
        """One sample."""
        self.total += 1
        stack = []
        while frame is not None:
            code = frame.f_code
            stack.append(f"{Path(code.co_filename).name}:{code.co_qualname}")
            frame = frame.f_back
        self._own[stack[0]] += 1
        self._with_callees.update(set(stack))

    def report(self, most: int = 40) -> str:
        """The dearest functions, both ways, as shares of all samples."""
        lines = [f"{self.total} samples"]
        for title, counts in (("itself", self._own), ("with callees", self._with_callees)):
            lines.append(f"\nshare, {title}")
            lines += [
                f"{count / self.total:6.1%}  {name}" for name, count in counts.most_common(most)
            ]
        return "\n".join(lines)


def run() -> int:
    """Run the command, write the report, return the command's exit code."""
    out, *arguments = sys.argv[1:]
    samples = Samples()
    signal.signal(signal.SIGPROF, samples.take)
    signal.signal(signal.SIGUSR1, samples.start)
    code = main(arguments)
    signal.setitimer(signal.ITIMER_PROF, 0)
    Path(out).write_text(samples.report() if samples.total else "no samples\n")
    return code


if __name__ == "__main__":
    sys.exit(run())
