"""The one gate every channel goes through before it does something a plan limits.

Check and reservation are one step under a row lock (`db.billing.usage`); what is unlimited is
counted all the same. Knows metrics, not what they count.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from db.billing import usage
from db.billing.usage import Metric, UsageAnswer, UsageRow
from db.privacy import erasures
from server.core.errors import AppError
from server.core.events import Subject, of_metric
from server.core.times import next_month, rfc3339
from server.core.transaction import Transaction
from server.usage.wire import LimitData, LimitReached, LimitWarning, UsageUpdated, metric_out

NOUNS: dict[Metric, str] = {"calls": "call", "texts": "text conversation", "emails": "e-mail"}


async def reserve(
    tx: Transaction, metric: Metric, use: uuid.UUID, about: Subject, warn_at_percent: int
) -> UsageAnswer:
    """Reserve one use; publish what is used by then, and a limit that came near or was reached.

    `use` is the id of the call, conversation or e-mail. Raises AppError: plan_limit, which says
    what would help, and account_closed.
    """
    if await erasures.is_begun(tx.connection, about.user_id):
        raise AppError("account_closed")
    month = usage.month_year(tx.now)
    answer = await usage.reserve(tx.connection, about.user_id, metric, use, month)
    resets_at = rfc3339(next_month(tx.now)) or ""
    if not answer.accepted:
        raise AppError(
            "plan_limit",
            f"Your plan allows {_counted(answer.limit, NOUNS[metric])} a month: used or running.",
            metric=metric,
            limit=answer.limit,
            used=answer.used,
            reserved=answer.reserved,
            resets_at=resets_at,
            plan=answer.plan,
            cheapest_plan=answer.cheapest,
        )
    await emit_usage(tx, about, tx.now)
    limit = crossed(answer, warn_at_percent)
    if limit is not None:
        event = limit(metric, answer.limit, answer.used, answer.reserved, resets_at)
        tx.emit(event, of_metric(about.user_id, metric))
    return answer


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Settled(msgspec.Struct, frozen=True):
    """A use whose activity is decided: used or not, as of a time."""

    use: uuid.UUID
    about: Subject
    is_used: bool
    at: dt.datetime


async def settle(
    tx: Transaction, metric: Metric, use: uuid.UUID, about: Subject, *, is_used: bool
) -> None:
    """Count a reserved use, or give it back; only the first word on it counts."""
    await settle_many(tx, metric, [Settled(use, about, is_used, tx.now)])


async def settle_many(tx: Transaction, metric: Metric, decided: Sequence[Settled]) -> None:
    """The same for many users' uses, in a few statements; of a use the first word counts."""
    first = {one.use: one for one in reversed(decided)}
    ordered = sorted(first.values(), key=lambda one: one.about.user_id)
    if not ordered:
        return
    done = await usage.settle_many(
        tx.connection, metric, [(one.use, one.is_used) for one in ordered]
    )
    settled = [one for one in ordered if one.use in done]
    if not settled:
        return
    users = sorted({one.about.user_id for one in settled})
    # Of this month, also where what is settled was in another one and waited to be written.
    rows = await usage.read_many(tx.connection, users, usage.month_year(tx.now))
    for one in settled:
        _emit(tx, one.about, one.at, rows.get(one.about.user_id, []))


def crossed(answer: UsageAnswer, warn_at_percent: int) -> type[LimitData] | None:
    """The event that this reservation makes true: the limit, or its warning, was just reached."""
    count = answer.used + answer.reserved
    if not answer.is_new or answer.limit == -1:
        return None
    if count == answer.limit:
        return LimitReached
    warned_at = answer.limit * warn_at_percent
    return LimitWarning if (count - 1) * 100 < warned_at <= count * 100 else None


async def emit_usage(tx: Transaction, about: Subject, at: dt.datetime) -> None:
    """Tell what is used and reserved in the month of this time, because of a subject."""
    _emit(tx, about, at, await usage.read(tx.connection, about.user_id, usage.month_year(at)))


def _emit(tx: Transaction, about: Subject, at: dt.datetime, rows: Sequence[UsageRow]) -> None:
    metrics = {row.metric: metric_out(row.used, row.reserved, row.limit) for row in rows}
    tx.emit(UsageUpdated(**metrics), about, at)
