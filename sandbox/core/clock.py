"""The sandbox's readings of time, and the ways vendors write one.

`utc_now` is the wall clock; calls and sign-in tokens live by it, since people and products do.
A `Clock` can be moved ahead or stopped; billing lives by it. Durations never come from here: they
are differences of a monotonic clock.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


def rfc2822(moment: datetime) -> str:
    """`Tue, 31 Aug 2010 20:36:28 +0000`: the carrier's call resource and call callbacks."""
    return format_datetime(moment.astimezone(UTC))


def iso8601(moment: datetime) -> str:
    """`2010-08-31T20:36:28.123Z`: the carrier's stream callbacks, and everything of our own."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Clock:
    """A time of day that can be moved ahead and stopped; else it runs like `source`."""

    def __init__(self, source: Callable[[], datetime] = utc_now) -> None:
        self._source = source
        self._ahead = timedelta(0)
        self._stopped_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        return self._stopped_at is not None

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of its source."""
        return self.now() - self._source()

    def now(self) -> datetime:
        """The time by this clock."""
        return self._stopped_at or self._source() + self._ahead

    def move(self, moment: datetime, *, stop: bool) -> None:
        """Set it, and let it stand or run on. It never goes back: a time that has been is now."""
        moment = max(moment, self.now())
        self._ahead = moment - self._source()
        self._stopped_at = moment if stop else None
