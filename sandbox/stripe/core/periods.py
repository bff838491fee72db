"""Billing periods: which one a moment falls into, and where it ends.

Pure; moments are Unix seconds, days are UTC days. Every boundary is counted from the anchor and
never from the boundary before, so a subscription of the 31st ends February on its last day and
March on the 31st again.
"""

import calendar
from datetime import UTC, datetime, timedelta

import msgspec


class Recurring(msgspec.Struct, frozen=True):
    """How often: every `count` days, weeks, months or years."""

    interval: str
    count: int = 1


class AnchorConfig(msgspec.Struct, frozen=True):
    """The day and time of day every period shall begin with (UTC). What is None is the creation's
    own."""

    day_of_month: int
    month: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None


def boundary(anchor: int, recurring: Recurring, number: int, day: int | None = None) -> int:
    """The n-th boundary from the anchor; `day` is the configured day of the month, if it is not the
    anchor's own."""
    start = datetime.fromtimestamp(anchor, tz=UTC)
    steps = recurring.count * number
    match recurring.interval:
        case "day":
            moment = start + timedelta(days=steps)
        case "week":
            moment = start + timedelta(weeks=steps)
        case "month":
            moment = _on_day(start, start.year * 12 + start.month - 1 + steps, day or start.day)
        case "year":
            moment = _on_day(start, (start.year + steps) * 12 + start.month - 1, day or start.day)
        case other:
            raise ValueError(f"no such interval: {other}")
    return int(moment.timestamp())


def period_at(
    anchor: int, recurring: Recurring, moment: int, day: int | None = None
) -> tuple[int, int]:
    """Start and end of the period a moment falls into, also before the anchor. Half open."""
    length = {"day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}
    number = (moment - anchor) // (length[recurring.interval] * recurring.count)
    while boundary(anchor, recurring, number, day) > moment:
        number -= 1
    while boundary(anchor, recurring, number + 1, day) <= moment:
        number += 1
    return (
        boundary(anchor, recurring, number, day),
        boundary(anchor, recurring, number + 1, day),
    )


def first_anchor(now: int, config: AnchorConfig) -> int:
    """The first moment from now on that the configuration describes.

    A day a month has not is its last (Stripe, "Set the subscription billing renewal date").
    """
    today = datetime.fromtimestamp(now, tz=UTC)
    clock = today.replace(
        day=1,
        hour=today.hour if config.hour is None else config.hour,
        minute=today.minute if config.minute is None else config.minute,
        second=today.second if config.second is None else config.second,
    )
    months = today.year * 12 + today.month - 1
    for later in range(25):
        moment = _on_day(clock, months + later, config.day_of_month)
        if moment >= today and config.month in (None, moment.month):
            return int(moment.timestamp())
    raise ValueError("no such day")


def day_name(moment: int) -> str:
    """`15 Jan 2026`, as invoice lines write it."""
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%d %b %Y")


def _on_day(clock: datetime, months: int, day: int) -> datetime:
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return clock.replace(year=year, month=month + 1, day=min(day, last))
