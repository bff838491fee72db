"""The tasks of one running call: one at a time by name, each ended by the next of its name; and
asking for something more than once.

Knows nothing of what they do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from functools import partial

AGAIN_SECONDS = 1.4  # a balancer sends what comes to a node that froze for a moment longer
MOST_TIMES = 3


async def insist(
    ask: Callable[[], Awaitable[None]], is_wanted: Callable[[], bool],
    seconds: float = AGAIN_SECONDS,
) -> None:  # fmt: skip
    """Ask, and a few times more after so long each while it is still wanted."""
    for time in range(MOST_TIMES):
        if time:
            await asyncio.sleep(seconds)
        if not is_wanted():
            return
        await ask()


class Jobs:
    """They run in the group that `begin` gives."""

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None
        self._context = Context()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, group: asyncio.TaskGroup) -> None:
        """From now on jobs can be started; they are done in the context of this, whoever asks for
        them: a frame of sound comes in another one."""
        self._group, self._context = group, copy_context()

    def start(self, name: str, work: Coroutine[None, None, None]) -> None:
        """Do this, in place of what is done under the name."""
        assert self._group is not None, "runs only inside run()"  # noqa: S101
        self.stop(name)
        self._tasks = {each: task for each, task in self._tasks.items() if not task.done()}
        self._tasks[name] = self._context.run(partial(self._group.create_task, work, name=name))

    def stop(self, name: str) -> None:
        """Do it no more."""
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()

    async def done(self, *names: str) -> None:
        """Wait until nothing is done under the names any more, whatever comes of it."""
        tasks = {self._tasks[name] for name in names if name in self._tasks}
        if tasks:
            await asyncio.wait(tasks)

    def stop_all_but(self, kept: str) -> None:
        """Nothing but this one goes on."""
        for name in [name for name in self._tasks if name != kept]:
            self.stop(name)
