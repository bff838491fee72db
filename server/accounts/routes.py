"""REST for the user, plans, usage and tickets: parse, act, reply."""

import uuid
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from server.accounts import actions
from server.audit.wire import OwnActPage, own_act
from server.core.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339
from server.http.paging import PageQuery, read_cursor, write_cursor
from server.http.routing import Nothing, Route
from server.usage.wire import UsageOut


class Me(msgspec.Struct, frozen=True):
    """The signed-in user."""

    id: uuid.UUID
    email: str | None
    phone: str | None
    plan: str
    subscription_status: str
    role: str
    time_zone: str | None
    created_at: str | None


class ChangeMe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name such as "America/Denver", by which quiet hours go; null takes it back."""

    time_zone: Annotated[str, Meta(min_length=1, max_length=100)] | None


class PlanOut(msgspec.Struct, frozen=True):
    """A plan on offer; a limit of -1 means unlimited."""

    id: str
    name: str
    description: str | None
    phone_calls_limit: int
    text_chains_limit: int
    emails_limit: int
    price_monthly: Decimal
    price_yearly: Decimal
    features: tuple[str, ...]


class Plans(msgspec.Struct, frozen=True):
    """All plans, in display order."""

    plans: list[PlanOut]


async def _me(deps: Node, who: Identity) -> Me:
    row = await actions.me(deps, who)
    return Me(
        id=row.id,
        email=row.email,
        phone=who.phone,
        plan=row.subscription_plan_id,
        subscription_status=row.subscription_status,
        role="operator" if who.operator else "admin" if who.admin else "user",
        time_zone=await actions.time_zone(deps, who),
        created_at=rfc3339(row.created_at),
    )


async def _change(deps: Node, who: Identity, body: ChangeMe) -> Me:
    await actions.state_zone(deps, who, body.time_zone)
    return await _me(deps, who)


async def _plans(deps: Node, who: Identity) -> Plans:
    rows = await actions.plans(deps, who)
    return Plans([msgspec.convert(row, PlanOut, from_attributes=True) for row in rows])


async def _usage(deps: Node, who: Identity) -> UsageOut:
    return await actions.used(deps, who)


async def _ticket(deps: Node, who: Identity, body: Nothing) -> actions.Ticket:  # noqa: ARG001
    return await actions.ticket(deps, who)


async def _audit(deps: Node, who: Identity, query: PageQuery) -> OwnActPage:
    rows = await actions.own_acts(deps, who, query.limit + 1, read_cursor(query.cursor))
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    cursor = write_cursor(shown[-1].at, shown[-1].id) if more else None
    return OwnActPage([own_act(row) for row in shown], cursor)


ROUTES = (
    Route("GET", "/v1/me", _me, Me, "The signed-in user"),
    Route("PATCH", "/v1/me", _change, Me, "State a time zone", ChangeMe),
    Route("GET", "/v1/me/audit", _audit, OwnActPage, "What was done to the user's data",
          query=PageQuery),
    Route("GET", "/v1/plans", _plans, Plans, "The plans on offer"),
    Route("GET", "/v1/usage", _usage, UsageOut, "What is used and left this month"),
    Route("POST", "/v1/tickets", _ticket, actions.Ticket, "A one-use ticket for a live socket",
          Nothing, status=201),
)  # fmt: skip
