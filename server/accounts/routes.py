"""REST for plans, usage and tickets: parse, act, reply."""

from decimal import Decimal

import msgspec

from server.accounts import actions
from server.audit.wire import OwnActPage, own_act
from server.core.identity.auth import Identity
from server.core.node import Node
from server.http.paging import PageQuery, read_cursor, write_cursor
from server.http.routing import Nothing, Route
from server.usage.wire import UsageOut


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


async def _plans(deps: Node, who: Identity) -> Plans:
    rows = await actions.plans(deps, who)
    return Plans([msgspec.convert(row, PlanOut, from_attributes=True) for row in rows])


async def _usage(deps: Node, who: Identity) -> UsageOut:
    return await actions.used(deps, who)


async def _ticket(deps: Node, who: Identity, body: Nothing) -> actions.Ticket:  # noqa: ARG001
    return await actions.ticket(deps, who)


async def _audit(deps: Node, who: Identity, query: PageQuery) -> OwnActPage:
    rows = await actions.own_acts(deps, who, query.limit + 1, read_cursor(query))
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    cursor = write_cursor(shown[-1].at, shown[-1].id) if more else None
    return OwnActPage([own_act(row) for row in shown], cursor)


ROUTES = (
    Route("GET", "/v1/me/audit", _audit, OwnActPage, "What was done to the user's data",
          query=PageQuery),
    Route("GET", "/v1/plans", _plans, Plans, "The plans on offer"),
    Route("GET", "/v1/usage", _usage, UsageOut, "What is used and left this month"),
    Route("POST", "/v1/tickets", _ticket, actions.Ticket, "A one-use ticket for a live socket",
          Nothing, status=201),
)  # fmt: skip
