"""How a node's process ends: asked by a signal, and by force when it does not come to its end.

Whatever hangs, be it a database, a pool, a service that will not be cancelled, a thread or the loop
itself, the process is gone in time and its status says so: whoever watches it replaces it. Knows
nothing of what is to be closed.
"""

import asyncio
import contextlib
import os
import queue
import signal
import threading
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

FORCED = 1
LOG_SECONDS = 1.0  # a log that nobody reads holds nothing up


def asked_by_signal(seconds: float) -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT. From then on this process has so many seconds; after
    them, and at once at a second signal, it ends with status `FORCED`. Called on the main thread.
    """
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()  # may be filled from a signal handler

    def note(number: int, _: FrameType | None) -> None:
        signals.put(number)
        with contextlib.suppress(RuntimeError):  # the loop is closed by now
            loop.call_soon_threadsafe(asked.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)  # not the loop's own, which is deaf while the loop is stuck
    # Both now: once the main thread is done, Python 3.12 begins no thread any more.
    reasons: queue.SimpleQueue[str] = queue.SimpleQueue()
    said = threading.Event()
    threading.Thread(target=_say, args=(reasons, said), name="said", daemon=True).start()
    watch = (signals, seconds, reasons, said)
    threading.Thread(target=_watch, args=watch, name="ending", daemon=True).start()
    return asked


def _say(reasons: "queue.SimpleQueue[str]", said: threading.Event) -> None:
    log.error("ended_by_force", reason=reasons.get())
    said.set()


def _watch(
    signals: "queue.SimpleQueue[int]",
    seconds: float,
    reasons: "queue.SimpleQueue[str]",
    said: threading.Event,
) -> None:
    signals.get()
    try:
        signals.get(timeout=seconds)
        reason = "signalled_again"
    except queue.Empty:
        reason = "too_slow"
    reasons.put(reason)
    said.wait(LOG_SECONDS)
    os._exit(FORCED)
