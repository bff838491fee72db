"""The clock of a node and of commands beside it. Made once; everybody else is given the time."""

import time
from collections.abc import Callable


def steady_clock() -> Callable[[], float]:
    """Epoch seconds that never step back: the wall clock once, the monotonic clock from there."""
    offset = time.time() - time.monotonic()  # noqa: TID251 - the one place that reads the clock
    return lambda: offset + time.monotonic()
