"""A month's usage as clients see it. Knows no requests and no sockets."""

import msgspec


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
