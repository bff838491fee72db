"""Who uses the product: admission on first sight, what they may use, tickets for sockets."""

import datetime as dt
import uuid
from typing import Any

import msgspec

from db import audit
from db.accounts import tokens, users
from db.accounts.users import PlanRow, UserRow
from db.audit import ActRow, Filters
from db.billing import usage
from db.consent import contacts
from db.privacy import erasures, numbers
from server.accounts.addresses import own_addresses
from server.accounts.deps import AdmissionDeps
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import next_month, rfc3339, utc
from server.usage.wire import UsageOut, metric_out

TICKET_SECONDS = 30.0


async def admit(deps: AdmissionDeps, who: Identity) -> None:
    """Count the request, and make the user's rows if this is the first time we see them.

    Raises AppError: rate_limited, account_closed.
    """
    now = deps.clock()
    wait = deps.rates.take(str(who.user_id), now)
    if wait == 0 and who.key is not None:
        wait = deps.rates.take(f"key:{who.key.id}", now, who.key.requests_per_minute)
    if wait > 0:
        raise AppError("rate_limited", retry_after=max(1, round(wait)))
    if deps.admitted.knows(who.user_id, deps.clock()):
        return
    async with deps.pools.as_service() as connection:
        if await erasures.is_begun(connection, who.user_id):
            raise AppError("account_closed")
        await users.register(connection, who.user_id, who.email)
        await contacts.note_own(connection, who.user_id, own_addresses(who))
    deps.admitted.add(who.user_id, deps.clock())


def count_more(deps: AdmissionDeps, who: Identity, many: int) -> None:
    """A request that was admitted does what so many more would."""
    now = deps.clock()
    deps.rates.owe(str(who.user_id), now, many)
    if who.key is not None:
        deps.rates.owe(f"key:{who.key.id}", now, many, who.key.requests_per_minute)


async def name_of(deps: Node, user_id: uuid.UUID) -> str | None:
    """How a person is called towards administrators: by their name, else by their address."""
    async with deps.pools.as_service() as connection:
        said, row = await users.profile(connection, user_id), await users.get(connection, user_id)
    return said.name or (None if row is None else row.email)


async def me(deps: Node, who: Identity) -> UserRow:
    """The user's own row, as row level security shows it. Raises AppError("not_found")."""
    async with deps.pools.as_user(who.claims) as connection:
        row = await users.get(connection, who.user_id)
    if row is None:
        raise AppError("not_found")
    return row


async def own_number(deps: Node, who: Identity) -> str | None:
    """Where the asker is called and texted unless they say otherwise: at the number of their own
    that they chose, or the one of their token."""
    async with deps.pools.as_service() as connection:
        return await numbers.preferred(connection, who.user_id) or who.phone


async def own_acts(
    deps: Node, who: Identity, limit: int, before: tuple[dt.datetime, uuid.UUID] | None
) -> list[ActRow]:
    """What was done to the user's own data, by whomever, newest first."""
    async with deps.pools.as_service() as connection:
        return await audit.page(connection, limit, before, Filters(user_id=who.user_id))


async def plans(deps: Node, who: Identity) -> list[PlanRow]:
    """The plans on offer."""
    async with deps.pools.as_user(who.claims) as connection:
        return await users.list_plans(connection)


async def used(deps: Node, who: Identity) -> UsageOut:
    """This month's usage of the asker."""
    now = utc(deps.clock())
    month = usage.month_year(now)
    async with deps.pools.as_service() as connection:
        rows = await usage.read(connection, who.user_id, month)
    metrics = {row.metric: metric_out(row.used, row.reserved, row.limit) for row in rows}
    if not metrics:
        raise AppError("not_found")
    resets_at = rfc3339(next_month(now)) or ""
    return UsageOut(month, resets_at, metrics["calls"], metrics["texts"], metrics["emails"])


class Ticket(msgspec.Struct, frozen=True):
    """Opens one live socket within `expires_in_seconds`."""

    ticket: str
    expires_in_seconds: float


async def ticket(deps: Node, who: Identity) -> Ticket:
    """A one-use ticket that stands for the asker's token."""
    async with deps.pools.as_service() as connection:
        text = await tokens.mint_ticket(
            connection, who.user_id, who.claims, lifetime_seconds=TICKET_SECONDS
        )
    return Ticket(text, TICKET_SECONDS)


async def redeem(deps: Node, text: str) -> dict[str, Any]:
    """The claims a ticket stands for, once. Raises AppError("unauthenticated")."""
    async with deps.pools.as_service() as connection:
        claims = await tokens.burn_ticket(connection, text)
    if claims is None:
        raise AppError("unauthenticated", "The ticket is unknown, used or too old.")
    return claims
