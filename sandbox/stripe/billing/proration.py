"""What a subscription's items cost: whole periods, part periods, and changes in between.

Pure: works on documents given to it and answers with lines and new items. Credits give back a
share of what was really debited ("flexible" billing), debits ask for a share of the new price;
both to the second (Stripe, "Prorations").
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from sandbox.stripe.core.money import format_amount, prorate
from sandbox.stripe.core.periods import Recurring, boundary, day_name, period_at
from sandbox.stripe.shapes.billing import Line

Object = dict[str, Any]
Names = Mapping[str, str]


class Debit(msgspec.Struct, frozen=True):
    """What was asked for an item, for which time, and where it is written."""

    amount: int
    start: int
    end: int
    invoice: str
    line: str


class Plan(msgspec.Struct, frozen=True):
    """A change worked out: the items and anchor afterwards, and what it costs. `resets` says that
    a new period begins with the change, which is always invoiced at once."""

    items: list[Object]
    anchor: int
    lines: list[Line]
    resets: bool


def recurring_of(items: list[Object]) -> Recurring:
    """How often the items are billed; all alike here."""
    recurring = items[0]["price"]["recurring"]
    return Recurring(recurring["interval"], recurring["interval_count"])


def period_of(sub: Object) -> tuple[int, int]:
    """The subscription's current period."""
    first = sub["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def in_period(items: list[Object], period: tuple[int, int]) -> list[Object]:
    """The items with another current period."""
    start, end = period
    return [{**item, "current_period_start": start, "current_period_end": end} for item in items]


def anchor_day(sub: Object) -> int | None:
    """The configured day of the month, where it is not simply the anchor's."""
    config = sub["billing_cycle_anchor_config"]
    return None if config is None else int(config["day_of_month"])


def period_from(sub: Object, items: list[Object], moment: int) -> tuple[int, int]:
    """The period of these items that a moment falls into, by the subscription's anchor."""
    anchor = sub["billing_cycle_anchor"]
    return period_at(anchor, recurring_of(items), moment, anchor_day(sub))


def whole_lines(items: list[Object], period: tuple[int, int], names: Names) -> list[Line]:
    """A full period of everything."""
    return [
        _line(item, price_of(item), period, f"{item['quantity']} × {_at_price(item, names)}")
        for item in items
    ]


def trial_lines(items: list[Object], period: tuple[int, int], names: Names) -> list[Line]:
    """A trial costs nothing, and the first invoice says so."""
    return [_line(item, 0, period, f"Trial period for {_many(item, names)}") for item in items]


def part_lines(
    items: list[Object], period: tuple[int, int], whole_seconds: int, *, free: bool, names: Names
) -> list[Line]:
    """The time from a subscription's creation to its anchor."""
    start, end = period
    return [
        _line(
            item,
            0 if free else prorate(price_of(item), end - start, whole_seconds),
            period,
            f"Time on {_many(item, names)} from {day_name(start)} until {day_name(end)}",
            proration=True,
        )
        for item in items
    ]


def plan_change(
    sub: Object,
    items: list[Object],
    debits: Mapping[str, Debit],
    names: Names,
    *,
    at: int,
    prorated: bool,
    anew: bool = False,
) -> Plan:
    """Change a running subscription's items at a moment within its period.

    A new interval, the first price above zero, or `anew` begin a new period at that moment; during
    a trial nothing is asked or given back.
    """
    old = sub["items"]["data"]
    resets = anew or recurring_of(old) != recurring_of(items) or _becomes_paid(old, items)
    if sub["status"] == "trialing" and not anew:
        return Plan(in_period(items, period_of(sub)), sub["billing_cycle_anchor"], [], False)
    if resets:
        end = boundary(at, recurring_of(items), 1)
        gone = old if prorated else []
        credits_ = [_credit(item, debits, at, names) for item in gone]
        fresh = in_period(items, (at, end))
        return Plan(fresh, at, _present(credits_) + whole_lines(fresh, (at, end), names), True)
    start, end = period_of(sub)
    fresh = in_period(items, (start, end))
    if not prorated:
        return Plan(fresh, sub["billing_cycle_anchor"], [], False)
    kept = {item["id"]: item for item in items}
    before = {item["id"]: item for item in old}
    left = [item for item in old if _differs(item, kept.get(item["id"]))]
    come = [item for item in fresh if _differs(item, before.get(item["id"]))]
    whole_seconds = end - period_from(sub, items, end - 1)[0]
    debit_lines = [
        _line(
            item,
            prorate(price_of(item), end - at, whole_seconds),
            (at, end),
            f"Remaining time on {_many(item, names)} after {day_name(at)}",
            proration=True,
        )
        for item in come
    ]
    credits_ = [_credit(item, debits, at, names) for item in left]
    return Plan(fresh, sub["billing_cycle_anchor"], _present(credits_) + debit_lines, False)


def price_of(item: Object) -> int:
    """A whole period of an item."""
    return int(item["price"]["unit_amount"] * item["quantity"])


def _credit(item: Object, debits: Mapping[str, Debit], at: int, names: Names) -> Line | None:
    debit = debits.get(item["id"])
    if debit is None or debit.amount == 0 or at >= debit.end:
        return None
    since = max(at, debit.start)
    amount = prorate(debit.amount, debit.end - since, debit.end - debit.start)
    return _line(
        item,
        -amount,
        (since, debit.end),
        f"Unused time on {_many(item, names)} after {day_name(at)}",
        proration=True,
        credited={"invoice": debit.invoice, "invoice_line_items": [debit.line]},
    )


def _present(lines: list[Line | None]) -> list[Line]:
    return [line for line in lines if line is not None]


def _line(
    item: Object, amount: int, period: tuple[int, int], description: str, **more: Any
) -> Line:
    return Line(
        amount=amount,
        description=description,
        start=period[0],
        end=period[1],
        price=item["price"],
        quantity=item["quantity"],
        item_id=item["id"],
        **more,
    )


def _differs(item: Object, other: Object | None) -> bool:
    return (
        other is None
        or item["quantity"] != other["quantity"]
        or item["price"]["id"] != other["price"]["id"]
    )


def _becomes_paid(old: list[Object], new: list[Object]) -> bool:
    return sum(map(price_of, old)) == 0 < sum(map(price_of, new))


def _many(item: Object, names: Names) -> str:
    name = names[item["price"]["product"]]
    return name if item["quantity"] == 1 else f"{item['quantity']} × {name}"


def _at_price(item: Object, names: Names) -> str:
    price, recurring = item["price"], item["price"]["recurring"]
    count = recurring["interval_count"]
    every = (
        f"/ {recurring['interval']}" if count == 1 else f"every {count} {recurring['interval']}s"
    )
    amount = format_amount(price["unit_amount"], price["currency"])
    return f"{names[price['product']]} (at {amount} {every})"
