"""The one gate every channel goes through before it does something a plan limits.

Check and reservation are one step under a row lock (`db.usage`); what is unlimited is counted all
the same. Knows metrics, not what they count.
"""

import datetime as dt
import uuid
from typing import Any

from db import event_streams, usage
from db.event_streams import EventRow, NewEvent
from db.rows import Connection
from db.usage import Metric, UsageAnswer
from server.core.errors import AppError
from server.core.times import next_month, rfc3339
from server.usage.wire import metric_out

NOUNS: dict[Metric, str] = {"calls": "calls", "texts": "text conversations", "emails": "e-mails"}


async def reserve(
    connection: Connection, user_id: uuid.UUID, metric: Metric, subject: uuid.UUID, now: dt.datetime
) -> UsageAnswer:
    """Hold one use for the subject. Raises AppError("plan_limit"), which says what would help."""
    answer = await usage.reserve(connection, user_id, metric, subject, usage.month_year(now))
    if answer.accepted:
        return answer
    raise AppError(
        "plan_limit",
        f"Your plan allows {answer.limit} {NOUNS[metric]} a month; all are used or running.",
        metric=metric,
        limit=answer.limit,
        used=answer.used,
        reserved=answer.reserved,
        resets_at=rfc3339(next_month(now)),
        plan=answer.plan,
        cheapest_plan=answer.cheapest,
    )


def crossed(answer: UsageAnswer, warn_at_percent: int) -> str | None:
    """The event that this reservation makes true: the limit, or its warning, was just reached."""
    count = answer.used + answer.reserved
    if not answer.is_new or answer.limit == -1:
        return None
    if count == answer.limit:
        return "limit.reached"
    warned_at = answer.limit * warn_at_percent
    return "limit.warning" if (count - 1) * 100 < warned_at <= count * 100 else None


async def tell_usage(
    connection: Connection, user_id: uuid.UUID, subject: str, rev: int, now: dt.datetime,
    cause: str | None = None,
) -> list[EventRow]:  # fmt: skip
    """Tell the user's dashboards what is used and reserved by now, because of a subject."""
    rows = await usage.read(connection, user_id, usage.month_year(now))
    data = {row.metric: metric_out(row.used, row.reserved, row.limit) for row in rows}
    event = NewEvent(uuid.uuid4(), user_id, "usage.updated", now, subject, rev, data, cause)
    return [await event_streams.append_event(connection, event)]


async def tell(
    connection: Connection,
    user_id: uuid.UUID,
    metric: Metric,
    answer: UsageAnswer,
    now: dt.datetime,
    *,
    warn_at_percent: int,
) -> list[EventRow]:
    """Tell the user's dashboards of a limit that came near or was reached."""
    kind = crossed(answer, warn_at_percent)
    if kind is None:
        return []
    data: dict[str, Any] = {
        "metric": metric,
        "limit": answer.limit,
        "used": answer.used,
        "reserved": answer.reserved,
        "resets_at": rfc3339(next_month(now)),
    }
    event = NewEvent(uuid.uuid4(), user_id, kind, now, f"usage:{metric}", 0, data)
    return [await event_streams.append_event(connection, event)]
