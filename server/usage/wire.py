"""A month's usage as clients see it. Knows no requests and no sockets."""

import msgspec

from server.core.events import Event


class MetricOut(msgspec.Struct, frozen=True):
    """How much of one metric is used in the month; `limit` and `left` are -1 when unlimited."""

    used: int
    reserved: int
    limit: int
    left: int


class UsageOut(msgspec.Struct, frozen=True):
    """A month's usage."""

    month_year: str
    resets_at: str
    calls: MetricOut
    texts: MetricOut
    emails: MetricOut


def metric_out(used: int, reserved: int, limit: int) -> MetricOut:
    """One metric; what is reserved by running calls is not left."""
    left = -1 if limit == -1 else max(0, limit - used - reserved)
    return MetricOut(used=used, reserved=reserved, limit=limit, left=left)


class UsageUpdated(Event, frozen=True):
    """What is used and reserved this month."""

    type, tells, schema = "usage.updated", "Usage changed", "UsageData"

    calls: MetricOut
    texts: MetricOut
    emails: MetricOut


class LimitData(Event, frozen=True):
    """A limit that came near or was reached."""

    schema = "LimitData"

    metric: str
    limit: int
    used: int
    reserved: int
    resets_at: str


class LimitWarning(LimitData, frozen=True):
    type, tells = "limit.warning", "A limit came near"


class LimitReached(LimitData, frozen=True):
    type, tells = "limit.reached", "A limit is reached"
