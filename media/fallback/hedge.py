"""Ask one; the next as well if it fails or takes long; keep whoever answers first.

Knows neither what is asked nor whom: `starts` are things to begin, in order.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import TypeVar

from media.engines.base import EngineError

T = TypeVar("T")
_SHARE = 0.5  # of the first's patience: who waited for one has little left for others
Report = Callable[[int, Exception | None], None]


async def first_to_speak(
    starts: Sequence[Callable[[], AsyncIterator[T]]], first_seconds: float, report: Report
) -> tuple[int, T, AsyncIterator[T]]:
    """Which began first, its first piece, and what gives the others; the rest are closed.

    The second begins after `first_seconds`, each further one after half of that.
    `report` is told of each that failed (with its error) or was too slow (with None). Raises the
    first error when all fail; a stream that ends with no piece is one that failed.
    """
    streams: list[AsyncIterator[T]] = []
    patience_seconds = first_seconds
    waited: dict[asyncio.Task[T | EngineError], int] = {}
    failures: list[EngineError] = []
    winner: tuple[int, T] | None = None
    try:
        async with asyncio.TaskGroup() as group:
            while winner is None and (waited or len(streams) < len(starts)):
                if len(streams) < len(starts):
                    streams.append(starts[len(streams)]())
                    waited[group.create_task(_first(streams[-1]))] = len(streams) - 1
                more = patience_seconds if len(streams) < len(starts) else None
                patience_seconds = min(patience_seconds, first_seconds * _SHARE)
                done, _ = await asyncio.wait(
                    waited, timeout=more, return_when=asyncio.FIRST_COMPLETED
                )
                for task in sorted(done, key=waited.__getitem__):
                    index, piece = waited.pop(task), task.result()
                    if isinstance(piece, EngineError):
                        report(index, piece)
                        failures.append(piece)
                    elif winner is None:
                        winner = index, piece
            for task, index in waited.items():
                task.cancel()
                if winner is not None and index < winner[0]:
                    report(index, None)
    finally:
        for index, stream in enumerate(streams):
            if winner is None or index != winner[0]:
                await closed(stream)
    if winner is None:
        raise failures[0] if failures else EngineError("there is no engine")
    return *winner, streams[winner[0]]


async def unbroken(stream: AsyncIterator[T], gap_seconds: float) -> AsyncGenerator[T, None]:
    """The rest of what it gives. Raises EngineError also when it is silent for so long."""
    while True:
        try:
            async with asyncio.timeout(gap_seconds):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise EngineError("it fell silent") from None
        yield piece


async def _first(stream: AsyncIterator[T]) -> T | EngineError:
    try:
        return await anext(stream)
    except StopAsyncIteration:
        return EngineError("nothing came")
    except EngineError as error:
        return error


async def closed(stream: AsyncIterator[T]) -> None:
    """Drop the rest of it."""
    if isinstance(stream, AsyncGenerator):
        with contextlib.suppress(EngineError):
            await stream.aclose()
