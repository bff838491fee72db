"""Worker threads shared by every engine: models run here, so that the event loop keeps its pace.

onnxruntime and numpy release the GIL, hence as many threads as cores use the machine fully and more
would only slow each job. It knows nothing of models or sound.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from media.engines.base import EngineError

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A fixed number of threads and a bounded queue of jobs, first come first served."""

    def __init__(self, threads: int, max_waiting: int = 64) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="engine")
        self._places = threading.BoundedSemaphore(threads + max_waiting)
        self._threads = threads
        self._lock = threading.Lock()
        self._at_work = 0  # jobs that run or wait
        self._spare: set[threading.Event] = set()  # how those that give way are told to

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Result of `function`, computed in a worker thread.

        Raises EngineError at once when too many jobs wait already, after close(), and in place of
        whatever `function` raises: the message then names only the type, because the text of a
        library's error may quote what was said. A cancelled job that has not begun never runs; one
        that has begun keeps its thread, and its place, until it returns.
        """
        with self._lock:
            if self._at_work >= self._threads:
                for give_way in self._spare:
                    give_way.set()
        return await _result(self._submit(function, *args, **kwargs))

    async def run_spare(
        self, give_way: threading.Event, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """The same for what can be done without: None unless a thread idles, and another one where
        there are several. `give_way` is set as soon as other work has to wait."""
        with self._lock:
            if self._at_work >= max(1, self._threads - 1):
                return None
            self._spare.add(give_way)
        try:
            return await _result(self._submit(function, *args, **kwargs))
        finally:
            with self._lock:
                self._spare.discard(give_way)

    def _submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if not self._places.acquire(blocking=False):
            raise EngineError("engine overloaded: too many jobs are waiting")
        with self._lock:
            self._at_work += 1
        try:
            job = self._pool.submit(function, *args, **kwargs)
        except RuntimeError as error:
            self._done()
            raise EngineError("engine workers are closed") from error
        job.add_done_callback(lambda _: self._done())
        return job

    def _done(self) -> None:
        with self._lock:
            self._at_work -= 1
        self._places.release()

    def close(self) -> None:
        """Drop the jobs that wait and refuse new ones; safe to call twice."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _result(job: Future[T]) -> T:
    try:
        return await asyncio.wrap_future(job)
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(f"engine failed with {type(error).__name__}") from error
