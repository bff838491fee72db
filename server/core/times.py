"""Times for clients and for the database, and the clock of a node."""

import datetime as dt
import time
from collections.abc import Callable


def rfc3339(at: dt.datetime | None) -> str | None:
    """A time for clients, always UTC, always with milliseconds."""
    if at is None:
        return None
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def utc(epoch_seconds: float) -> dt.datetime:
    """Our clock's seconds as the database's time."""
    return dt.datetime.fromtimestamp(epoch_seconds, dt.UTC)


def next_month(at: dt.datetime) -> dt.datetime:
    """When the usage window of this moment ends."""
    at = at.astimezone(dt.UTC)
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
    return dt.datetime(year, month, 1, tzinfo=dt.UTC)


def steady_clock() -> Callable[[], float]:
    """A node's clock, made once: epoch seconds that never step back, the wall clock once and the
    monotonic clock from there. Everybody else is given the time."""
    offset = time.time() - time.monotonic()  # noqa: TID251 - the one place that reads the clock
    return lambda: offset + time.monotonic()
