"""What calls, texts and e-mails cost us: a row for each and each service.

A row keeps what it was priced at. No person's words or addresses are in it. Knows no prices.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.rows import Connection, many

Channel: TypeAlias = Literal["calls", "texts", "emails"]
Place: TypeAlias = tuple[dt.datetime, UUID]

_ADD = """
insert into app.costs as c
    (subject, user_id, month, channel, what, unit, quantity, amount, currency)
select g.subject, g.user_id, date_trunc('month', $1::timestamptz at time zone 'utc')::date,
    g.channel, g.what, g.unit, g.quantity, g.amount, $2
from unnest($3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::numeric[],
    $9::numeric[]) as g (subject, user_id, channel, what, unit, quantity, amount)
on conflict (subject, what, currency) do update set quantity = c.quantity + excluded.quantity,
    amount = case when c.amount is null and excluded.amount is null then null
        else coalesce(c.amount, 0) + coalesce(excluded.amount, 0) end
where not $10
returning subject, what
"""
_SPENT = """
select coalesce(sum(amount), 0) from app.costs where subject = $1 and currency = $2
"""
_COLUMNS = "subject, channel, what, unit, quantity, amount, currency"
_OF_SUBJECT = f"select {_COLUMNS} from app.costs where subject = $1 order by what, currency"  # noqa: S608 - the columns above
_OF_MONTH = """
with people as (
    select distinct user_id from app.costs
    where month = $1 and ($2::uuid is null or user_id > $2) order by user_id limit $3
)
select c.user_id, c.channel, c.what, c.unit, sum(c.quantity) as quantity, sum(c.amount) as amount,
    c.currency
from app.costs c join people p on p.user_id = c.user_id
where c.month = $1
group by c.user_id, c.channel, c.what, c.unit, c.currency
order by c.user_id, c.channel, c.what, c.currency
"""
_OF_USER = """
select id, subject, channel, what, unit, quantity::text as quantity, created_at from app.costs
where user_id = $1 and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
order by created_at, id limit $4
"""


class NewCost(msgspec.Struct, frozen=True):
    """How much of a service was consumed for whom and for what; no amount: it has no price."""

    subject: str
    user_id: UUID
    channel: Channel
    what: str
    unit: str
    quantity: Decimal
    amount: Decimal | None


class CostRow(msgspec.Struct, frozen=True):
    """A row of app.costs, or of many of one channel."""

    channel: Channel
    what: str
    unit: str
    quantity: Decimal
    amount: Decimal | None
    currency: str


class UserCostRow(CostRow, frozen=True, kw_only=True):
    """A person's, of one month."""

    user_id: UUID


async def add(
    connection: Connection, now: dt.datetime, currency: str, new: Sequence[NewCost], *, once: bool
) -> set[tuple[str, str]]:
    """Add to what there is; with `once`, only where there is nothing. Returns subject and what of
    those that changed anything."""
    columns = zip(
        *(
            (one.subject, one.user_id, one.channel, one.what, one.unit, one.quantity, one.amount)
            for one in new
        ),
        strict=True,
    )
    rows = await connection.fetch(_ADD, now, currency, *map(list, columns), once)
    return {(row["subject"], row["what"]) for row in rows}


async def spent(connection: Connection, subject: str, currency: str) -> Decimal:
    """What it has cost so far."""
    total: Decimal = await connection.fetchval(_SPENT, subject, currency)
    return total


async def of_subject(connection: Connection, subject: str) -> list[CostRow]:
    """All that it has cost, by service."""
    return many(await connection.fetch(_OF_SUBJECT, subject), CostRow)


async def of_month(
    connection: Connection, month: dt.date, after: UUID | None, limit: int
) -> list[UserCostRow]:
    """Sums of so many people after this one, in the order of their ids."""
    return many(await connection.fetch(_OF_MONTH, month, after, limit), UserCostRow)


async def of_user(
    connection: Connection, user_id: UUID, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """What was consumed for a person after this place, without what it cost us."""
    rows = await connection.fetch(_OF_USER, user_id, *(after or (None, None)), limit)
    return [dict(row) for row in rows]
