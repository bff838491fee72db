"""What is done beside the event loop, noted: functions called in threads of the loop's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any


class Beside(ThreadPoolExecutor):
    """The running loop's threads from now on."""

    def __init__(self) -> None:
        super().__init__(1)
        self.done: list[Any] = []
        asyncio.get_running_loop().set_default_executor(self)

    def submit(self, work: Callable[..., Any], /, *of: Any, **more: Any) -> Future[Any]:
        """As threads do; `asyncio.to_thread` gives a function wrapped in its caller's context."""
        self.done.append(work.args[0] if isinstance(work, partial) else work)
        return super().submit(work, *of, **more)
