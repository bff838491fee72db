"""Stripe's objects in the shapes of the pinned API version, and what is read out of them.

Only the fields somebody uses are named; the rest may change without our noticing. An answer of
another shape is as good as no answer.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from server.billing_rules.plans import Offers, Seen, plan_price
from server.core.errors import AwayError

Shape = TypeVar("Shape", bound=msgspec.Struct)


class StripeAwayError(AwayError):
    """No usable answer, after retries; the same write may be repeated with the same key."""


class OtherItem(msgspec.Struct, frozen=True):
    """What a subscription has beside its plan: an add-on, a seat. Metered ones have no quantity."""

    price: str
    quantity: int | None


class Subscription(msgspec.Struct, frozen=True):
    """A subscription: what decisions need (`seen`), and what the next write needs: `item` is the
    plan's, so many times, `others` and `discounts` are to stay, `waiting_invoice` is the one that a
    pending update waits for, `pay_url` where to pay what is open."""

    seen: Seen
    item: str
    user_id: str | None
    pay_url: str | None
    waiting_invoice: str | None = None
    others: tuple[OtherItem, ...] = ()
    quantity: int = 1
    discounts: tuple[str, ...] = ()


class Made(msgspec.Struct):
    """Whatever was made: its id."""

    id: str


class Page(msgspec.Struct, frozen=True):
    """A page of Stripe's that a person is to open."""

    id: str
    url: str


class Charge(msgspec.Struct):
    """A charge; one of nobody known has no customer."""

    customer: str | None = None


class Rows(msgspec.Struct):
    """A part of a list."""

    data: list[dict[str, Any]]
    has_more: bool


class Listed(msgspec.Struct):
    """A subscription in a list: whether there is more to ask of it."""

    id: str
    status: str
    items: dict[str, Any]


class _Price(msgspec.Struct):
    id: str


class _Item(msgspec.Struct):
    id: str
    price: _Price
    current_period_start: int
    current_period_end: int
    quantity: int | None = None


class _Items(msgspec.Struct):
    data: list[_Item]
    has_more: bool = False


class _PhaseItem(msgspec.Struct):
    price: str | _Price


class _Phase(msgspec.Struct):
    start_date: int
    items: list[_PhaseItem]


class _Schedule(msgspec.Struct):
    id: str
    status: str
    phases: list[_Phase] = []


class _Invoice(msgspec.Struct):
    id: str
    created: int
    status: str | None = None
    billing_reason: str | None = None
    hosted_invoice_url: str | None = None


class _Subscription(msgspec.Struct):
    id: str
    status: str
    created: int
    items: _Items
    cancel_at_period_end: bool = False
    cancel_at: int | None = None
    pending_update: dict[str, Any] | None = None
    metadata: dict[str, str] = {}
    discounts: list[str] = []
    schedule: str | _Schedule | None = None
    latest_invoice: str | _Invoice | None = None


class _Proration(msgspec.Struct):
    proration: bool = False


class _LineParent(msgspec.Struct):
    subscription_item_details: _Proration | None = None
    invoice_item_details: _Proration | None = None


class _Line(msgspec.Struct):
    amount: int
    parent: _LineParent | None = None


class _Lines(msgspec.Struct):
    data: list[_Line]


class Preview(msgspec.Struct):
    """An invoice that is not kept."""

    amount_due: int
    currency: str
    lines: _Lines


def _time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def shaped(made: Any, kind: type[Shape]) -> Shape:
    """Raises StripeAwayError for an answer of another shape: it is as good as none."""
    try:
        return msgspec.convert(made.to_dict() if hasattr(made, "to_dict") else made, kind)
    except msgspec.ValidationError as error:
        raise StripeAwayError(f"unexpected shape: {error}") from error


def read_subscription(
    raw: dict[str, Any], offers: Offers, owed: Sequence[dict[str, Any]] = ()
) -> Subscription | None:
    """The subscription, with its open invoices if it is past due; None if it has no items, then it
    is none of ours. Its plan is the item whose price is a plan's."""
    subscription = shaped(raw, _Subscription)
    items = subscription.items.data
    if not items:
        return None
    bought = [one for one in items if one.quantity != 0] or items  # of a seat one may have none
    price = plan_price([one.price.id for one in bought], offers)
    item = next(one for one in bought if one.price.id == price)
    end = _time(item.current_period_end)
    # In flexible billing mode the portal sets only cancel_at, the API only the flag.
    ends_at = _time(subscription.cancel_at) if subscription.cancel_at is not None else None
    if ends_at is None and subscription.cancel_at_period_end:
        ends_at = end
    schedule, following = _following(subscription, item, offers)
    invoice = (
        subscription.latest_invoice if isinstance(subscription.latest_invoice, _Invoice) else None
    )
    unpaid = invoice if invoice is not None and invoice.status == "open" else None
    is_change = unpaid is not None and unpaid.billing_reason == "subscription_update"
    waiting = unpaid if subscription.pending_update is not None and is_change else None
    seen = Seen(
        id=subscription.id,
        status=subscription.status,
        price=price,
        created_at=_time(subscription.created),
        period_start=_time(item.current_period_start),
        period_end=end,
        ends_at=ends_at,
        schedule=schedule,
        next_price=None if following is None else _price(following, offers),
        next_at=None if following is None else _time(following.start_date),
        is_updating=subscription.pending_update is not None,
        owed_since=_owed_since(item.current_period_start, owed, waiting),
        plan_items=sum(one.price.id in offers for one in bought),
    )
    return Subscription(
        seen=seen,
        item=item.id,
        user_id=subscription.metadata.get("user_id"),
        pay_url=None if unpaid is None else unpaid.hosted_invoice_url,
        waiting_invoice=None if waiting is None else waiting.id,
        others=tuple(OtherItem(one.price.id, one.quantity) for one in items if one is not item),
        quantity=1 if item.quantity is None else item.quantity,
        discounts=tuple(subscription.discounts),
    )


def _owed_since(
    begun: int, owed: Sequence[dict[str, Any]], waiting: _Invoice | None
) -> dt.datetime:
    """Since when a past_due subscription is: since the oldest invoice that is open.

    An unpaid change that only waits has one, too, and owes nothing.
    """
    found = [shaped(one, _Invoice) for one in owed]
    return _time(
        min(
            (one.created for one in found if waiting is None or one.id != waiting.id),
            default=begun,
        )
    )


def _following(
    subscription: _Subscription, item: _Item, offers: Offers
) -> tuple[str | None, _Phase | None]:
    """The schedule that owns the subscription, and its phase that brings another price."""
    schedule = subscription.schedule
    if schedule is None or isinstance(schedule, str):
        return schedule, None
    if schedule.status not in {"active", "not_started"}:
        return None, None
    later = [
        phase
        for phase in schedule.phases
        if phase.start_date >= item.current_period_end
        and phase.items
        and _price(phase, offers) != item.price.id
    ]
    return schedule.id, later[0] if later else None


def is_proration(line: _Line) -> bool:
    """Whether the line is for part of a period."""
    parent = line.parent or _LineParent()
    details = parent.subscription_item_details or parent.invoice_item_details
    return details is not None and details.proration


def _price(phase: _Phase, offers: Offers) -> str:
    prices = [one.price if isinstance(one.price, str) else one.price.id for one in phase.items]
    return plan_price(prices, offers)
