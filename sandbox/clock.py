"""The sandbox's one reading of the wall clock, and the two ways vendors write a time.

Durations never come from here: they are differences of a monotonic clock.
"""

import time
from datetime import UTC, datetime
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
