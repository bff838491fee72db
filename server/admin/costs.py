"""What calls, texts and e-mails cost: of one call, and of each person by month and channel. For
administrators, as whoever pays a plan pays no costs. Read only."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Annotated

import msgspec
from msgspec import Meta

from db import costs
from db.costs import CostRow, UserCostRow
from server.audit.notes import looked, only_administrators
from server.core.identity.auth import Identity
from server.core.node import Node
from server.http.paging import PageQuery, made_with, read_cursor, write_cursor
from server.http.routing import Route


class CostLine(msgspec.Struct, frozen=True):
    """How much of a service was consumed, in its unit, and what it cost: decimal numbers. No
    amount: `costs.prices` had no price for it."""

    what: str
    unit: str
    quantity: str
    amount: str | None
    currency: str


class CallCosts(msgspec.Struct, frozen=True):
    """What a call has cost so far; `amounts` are the sums of what has a price, by currency."""

    call_id: uuid.UUID
    amounts: dict[str, str]
    costs: list[CostLine]


class ChannelCosts(msgspec.Struct, frozen=True):
    """What a person's calls, texts or e-mails of the month have cost."""

    user_id: uuid.UUID
    channel: str
    amounts: dict[str, str]
    costs: list[CostLine]


class CostPage(msgspec.Struct, frozen=True):
    """The channels of so many people, in the order of their ids; `cursor` is null on the last
    page."""

    month: str
    channels: list[ChannelCosts]
    cursor: str | None


class MonthQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """The month as 2026-11; without one this month, of UTC."""

    month: Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")] | None = None


async def of_call(deps: Node, who: Identity, call_id: uuid.UUID) -> CallCosts:
    """All that the call consumed, also while it runs. Raises AppError("forbidden")."""
    what = f"costs {call_id}"
    await only_administrators(deps, who, what)
    await looked(deps, who, None, what)
    async with deps.pools.as_service() as connection:
        rows = await costs.of_subject(connection, f"call:{call_id}")
    return CallCosts(call_id, sums(rows), [_line(row) for row in rows])


async def of_month(deps: Node, who: Identity, query: MonthQuery) -> CostPage:
    """Each person's costs of a month. Raises AppError("forbidden")."""
    await only_administrators(deps, who, "costs")
    await looked(deps, who, None, "costs")
    today = dt.datetime.fromtimestamp(deps.clock(), dt.UTC)
    month = query.month or f"{today:%Y-%m}"
    first = dt.date.fromisoformat(f"{month}-01")
    place = read_cursor(query)
    after = None if place is None else place[1]
    async with deps.pools.as_service() as connection:
        rows = await costs.of_month(connection, first, after, query.limit + 1)
    people = sorted({row.user_id for row in rows})
    shown = set(people[: query.limit])
    cursor = None
    if len(people) > query.limit:
        at = dt.datetime.combine(first, dt.time(), dt.UTC)
        cursor = write_cursor(at, people[query.limit - 1], made_with(query))
    return CostPage(month, by_channel(row for row in rows if row.user_id in shown), cursor)


def by_channel(rows: Iterable[UserCostRow]) -> list[ChannelCosts]:
    """Rows in order, those of one person and channel together."""
    found = []
    for (user_id, channel), group in groupby(rows, lambda row: (row.user_id, row.channel)):
        of_channel = list(group)
        lines = [_line(row) for row in of_channel]
        found.append(ChannelCosts(user_id, channel, sums(of_channel), lines))
    return found


def sums(rows: Sequence[CostRow]) -> dict[str, str]:
    """What they cost together, by currency."""
    found: dict[str, Decimal] = {}
    for row in rows:
        if row.amount is not None:
            found[row.currency] = found.get(row.currency, Decimal()) + row.amount
    return {currency: _plain(amount) for currency, amount in found.items()}


def _line(row: CostRow) -> CostLine:
    amount = None if row.amount is None else _plain(row.amount)
    return CostLine(row.what, row.unit, _plain(row.quantity), amount, row.currency)


def _plain(number: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


ROUTES = (
    Route("GET", "/v1/admin/calls/<uuid:call_id>/costs", of_call, CallCosts, "What a call cost"),
    Route("GET", "/v1/admin/costs", of_month, CostPage, "What everybody's use costs, by month",
          query=MonthQuery),
)  # fmt: skip
