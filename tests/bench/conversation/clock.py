"""An event loop with a time of its own, which jumps to the next timer when nothing is ready.

Work done elsewhere (a model's thread) is awaited under `held()`: this time stands still meanwhile,
and what the work is said to take is slept afterwards. The same program gives the same times on any
machine.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
_LONGEST_WORK_SECONDS = 60.0


class StuckError(Exception):
    """Everybody waits and nothing is due: no timer is set and no work is held."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time()` begins at 0 and moves only when nothing else can."""

    def __init__(self) -> None:
        self.now = 0.0
        self.held = 0
        super().__init__(_JumpingSelector(self))
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.now


class _JumpingSelector(selectors.DefaultSelector):
    """Where the loop would wait, its time moves instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self._loop.held:
            ready = super().select(_LONGEST_WORK_SECONDS)  # a thread wakes us when it is done
            if not ready:
                raise StuckError("what is held is no work of a thread, or takes for ever")
            return ready
        if timeout is None:
            raise StuckError("nothing is due, and everybody waits")
        self._loop.now += timeout
        return []


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What `main` returns, on a loop of its own from time 0."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


@contextmanager
def held() -> Iterator[None]:
    """Time stands still; for no longer than somebody else's work takes. Elsewhere, nothing."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        yield
        return
    loop.held += 1
    try:
        yield
    finally:
        loop.held -= 1


async def worked(work: Awaitable[T], seconds: float) -> T:
    """The result of somebody else's work, as if it had taken so long."""
    with held():
        result = await work
    await asyncio.sleep(seconds)
    return result
