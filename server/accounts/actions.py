"""Who uses the product: admission on first sight, what they may use, tickets for sockets."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from db import audit, contacts, tokens, usage, users
from db.audit import ActRow, Filters
from db.users import PlanRow, UserRow
from server.accounts.addresses import own_addresses
from server.accounts.deps import AdmissionDeps
from server.core.auth import Identity
from server.core.errors import AppError
from server.core.node import Node
from server.core.places import time_zones
from server.core.times import next_month, rfc3339, utc
from server.usage.wire import UsageOut, metric_out

TICKET_SECONDS = 30.0


async def admit(deps: AdmissionDeps, who: Identity) -> None:
    """Count the request, and make the user's rows if this is the first time we see them.

    Raises AppError("rate_limited").
    """
    wait = deps.rates.take(str(who.user_id), deps.clock())
    if wait > 0:
        raise AppError("rate_limited", retry_after=max(1, round(wait)))
    if who.user_id in deps.admitted:
        return
    async with deps.pools.as_service() as connection:
        await users.register(connection, who.user_id, who.email)
        await contacts.note_own(connection, who.user_id, own_addresses(who))
    deps.admitted.add(who.user_id)


async def me(deps: Node, who: Identity) -> UserRow:
    """The user's own row, as row level security shows it. Raises AppError("not_found")."""
    async with deps.pools.as_user(who.claims) as connection:
        row = await users.get(connection, who.user_id)
    if row is None:
        raise AppError("not_found")
    return row


async def time_zone(deps: Node, who: Identity) -> str | None:
    """The zone that the user states."""
    async with deps.pools.as_service() as connection:
        return await users.time_zone(connection, who.user_id)


async def state_zone(deps: Node, who: Identity, name: str | None) -> None:
    """Quiet hours of the user's own numbers go by this zone. Raises AppError("bad_request")."""
    try:
        if name is not None:
            time_zones.zone(name)
    except ZoneInfoNotFoundError:
        raise AppError("bad_request", "`time_zone` is no zone of the tz database.") from None
    async with deps.pools.as_service() as connection:
        await users.state_zone(connection, who.user_id, name)


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
