"""What a customer's subscriptions at Stripe mean for their plan, and what kind a change is.

Pure: values in, values out; `now` is an argument. Knows neither Stripe's objects nor our tables.
The same subscriptions always mean the same, however often and in whatever order they are looked
at: that is what makes lost, doubled and late webhooks harmless.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

FREE = "free"
Interval: TypeAlias = Literal["monthly", "yearly"]
ChangeType: TypeAlias = Literal["upgrade", "downgrade", "interval_change"]
When: TypeAlias = Literal["now", "period_end"]
Settled: TypeAlias = Literal["pending", "completed", "cancelled", "failed"]

PAID = frozenset({"active", "trialing", "past_due"})
UNPAID = frozenset({"incomplete", "unpaid", "paused"})
OVER = frozenset({"canceled", "incomplete_expired"})
# docs.stripe.com/currencies: currencies without, and with three, minor digits.
_ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
_THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


class Offer(msgspec.Struct, frozen=True):
    """What a price buys; plans are ordered by `rank`, the free one is 0."""

    plan: str
    interval: Interval
    rank: int


Offers: TypeAlias = Mapping[str, Offer]  # by price id


class Seen(msgspec.Struct, frozen=True):
    """A subscription as Stripe just reported it. `ends_at`: it is to end then; `next_price` takes
    over at `next_at` by a schedule; `is_updating`: a change waits for its payment; `plan_items`:
    how many of its items are plans of ours, beside which others may be paid for."""

    id: str
    status: str
    price: str
    created_at: dt.datetime
    period_start: dt.datetime
    period_end: dt.datetime
    ends_at: dt.datetime | None = None
    schedule: str | None = None
    next_price: str | None = None
    next_at: dt.datetime | None = None
    is_updating: bool = False
    owed_since: dt.datetime | None = None
    plan_items: int = 1


class Current(msgspec.Struct, frozen=True):
    """What our rows said before: the plan, and the subscription it came from."""

    plan: str = FREE
    interval: Interval | None = None
    subscription: str | None = None
    past_due_since: dt.datetime | None = None


class Entitlement(msgspec.Struct, frozen=True):
    """What a customer is entitled to. At `entitled_until` a plan that is not paid turns into free.

    `alerts` name what an operator has to look at; nothing was granted because of those.
    """

    plan: str = FREE
    status: str = "active"
    interval: Interval | None = None
    subscription: str | None = None
    period_start: dt.datetime | None = None
    period_end: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    past_due_since: dt.datetime | None = None
    entitled_until: dt.datetime | None = None
    alerts: tuple[str, ...] = ()


def entitlement(
    seen: Sequence[Seen], current: Current, offers: Offers, now: dt.datetime, grace: dt.timedelta
) -> Entitlement:
    """What these subscriptions entitle their customer to."""
    chosen = choose(seen, current.subscription, offers)
    if chosen is None:  # a plan that never came from a subscription is a gift, and stays
        plan = current.plan if current.subscription is None else FREE
        return Entitlement(plan=plan, alerts=_strange(seen))
    alerts = list(_strange(seen))
    if sum(one.status in PAID and one.price in offers for one in seen) > 1:
        alerts.append("two_subscriptions")
    if chosen.plan_items > 1:
        alerts.append("two_plans")
    offer = offers.get(chosen.price)
    plan, interval = (FREE, None) if offer is None else (offer.plan, offer.interval)
    if chosen.status not in PAID:
        plan = FREE
    elif offer is None:
        alerts.append("unknown_price")
        if current.subscription == chosen.id:
            plan, interval = current.plan, current.interval
    since = None
    if chosen.status == "past_due":
        known = current.past_due_since if current.subscription == chosen.id else None
        since = min(now, chosen.owed_since or known or now)
        if now >= since + grace:
            plan = FREE
    return Entitlement(
        plan=plan,
        status=chosen.status,
        interval=interval,
        subscription=chosen.id,
        period_start=chosen.period_start,
        period_end=chosen.period_end,
        ends_at=chosen.ends_at,
        past_due_since=since,
        entitled_until=None if since is None else since + grace,
        alerts=tuple(alerts),
    )


def plan_price(prices: Sequence[str], offers: Offers) -> str:
    """Which of a subscription's prices is its plan's: the highest, wherever it stands. Without a
    plan's, the first by name, which is then a price nobody knows."""
    return min(prices, key=lambda price: (-offers[price].rank if price in offers else 1, price))


def choose(seen: Sequence[Seen], current: str | None, offers: Offers) -> Seen | None:
    """The subscription that counts: a plan's that is paid, best first; between equals the one we
    hold, else the first. Something else that is paid for counts only where no plan is.

    None when all are over, not begun, or of a status nobody knows.
    """
    ranks = {"active": 3, "trialing": 3, "past_due": 2, "unpaid": 1, "paused": 1}
    alive = [one for one in seen if one.status in ranks]
    return min(
        alive,
        key=lambda one: (
            one.status not in PAID,
            one.price not in offers,
            -ranks[one.status],
            one.id != current,
            one.created_at,
            one.id,
        ),
        default=None,
    )


def _strange(seen: Sequence[Seen]) -> tuple[str, ...]:
    known = PAID | UNPAID | OVER
    return ("unknown_status",) if any(one.status not in known for one in seen) else ()


class PlanOption(msgspec.Struct, frozen=True):
    """A plan and how often it is paid; the free plan has no interval."""

    plan: str
    interval: Interval | None
    rank: int


class Change(msgspec.Struct, frozen=True):
    """What kind of change it is, and when it takes effect."""

    kind: ChangeType
    when: When


def classify(current: PlanOption, wanted: PlanOption) -> Change | None:
    """Up is now; down, and from yearly to monthly, is at the period's end; None is no change.

    A larger plan paid monthly instead of yearly waits too: the year is paid for.
    """
    if (current.plan, current.interval) == (wanted.plan, wanted.interval):
        return None
    if wanted.rank < current.rank:
        return Change("downgrade", "period_end")
    shortens = current.interval == "yearly" and wanted.interval == "monthly"
    when: When = "period_end" if shortens else "now"
    return Change("upgrade" if wanted.rank > current.rank else "interval_change", when)


def off_anchor(seen: Seen, interval: Interval | None) -> bool:
    """Whether a paid monthly subscription turns on another day than the 1st, and nothing is
    planned for it that could mend that."""
    is_planned = seen.schedule is not None or seen.ends_at is not None or seen.is_updating
    is_paid_monthly = seen.status == "active" and interval == "monthly"
    return is_paid_monthly and not is_planned and not is_month_start(seen.period_end)


class Pending(msgspec.Struct, frozen=True):
    """A change that was asked for. `is_sent`: Stripe has been asked; `by_checkout`: a payment page
    decides; `when` is the one of its kind."""

    to_plan: str
    to_interval: Interval | None
    when: When
    is_sent: bool
    by_checkout: bool = False


def resolve_change(
    change: Pending, seen: Seen | None, now_entitled: Entitlement, offers: Offers
) -> Settled:
    """What became of a pending change, by what Stripe says now."""
    if (now_entitled.plan, now_entitled.interval) == (change.to_plan, change.to_interval):
        return "completed"
    if seen is None:  # over, or never begun: only a payment page may still begin one
        return "pending" if change.by_checkout or not change.is_sent else "failed"
    if not change.is_sent or change.by_checkout or (change.when == "now" and seen.is_updating):
        return "pending"
    return "pending" if is_coming(change, seen, offers) else _gave_up(change)


def is_coming(change: Pending, seen: Seen, offers: Offers) -> bool:
    """Whether Stripe itself is going to make this change at the period's end."""
    if change.to_plan == FREE:
        return seen.ends_at is not None
    offer = None if seen.next_price is None else offers.get(seen.next_price)
    return offer is not None and (offer.plan, offer.interval) == (
        change.to_plan,
        change.to_interval,
    )


def _gave_up(change: Pending) -> Settled:
    return "failed" if change.when == "now" else "cancelled"


def major(minor: int, currency: str) -> Decimal:
    """Stripe's whole minor units as an amount: 899 usd is 8.99, 899 jpy is 899."""
    code = currency.lower()
    digits = 0 if code in _ZERO_DECIMAL else 3 if code in _THREE_DECIMAL else 2
    return Decimal(minor).scaleb(-digits)


def minor(amount: Decimal, currency: str) -> int:
    """The inverse of `major`. Raises ValueError for an amount finer than the currency."""
    code = currency.lower()
    digits = 0 if code in _ZERO_DECIMAL else 3 if code in _THREE_DECIMAL else 2
    scaled = amount.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than {code}")
    return int(scaled)


def is_month_start(at: dt.datetime) -> bool:
    """Whether it is the 1st, 00:00:00 UTC, of some month."""
    return month_start_after(at - dt.timedelta(microseconds=1)) == at


def month_start_after(at: dt.datetime) -> dt.datetime:
    """The 1st, 00:00:00 UTC, that follows: where paid monthly subscriptions are anchored."""
    at = at.astimezone(dt.UTC)
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
    return dt.datetime(year, month, 1, tzinfo=dt.UTC)
