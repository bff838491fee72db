"""REST for administrators: everybody's plans, calls and conversations, the nodes, and who looked at
what. Read only."""

import datetime as dt
import uuid
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from db.audit import Filters
from server.accounts.access import PageOf
from server.admin import actions, costs
from server.audit.wire import ActPage, act_out
from server.calls import routes as calls_routes
from server.calls.routes import CallFilters, CallPage
from server.cluster.wire import NodeOut, node_out
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339
from server.http.paging import PageQuery, made_with, read_cursor, write_cursor
from server.http.routing import Route
from server.texts import routes as texts_routes
from server.texts.routes import ConversationFilters, ConversationPage

_YEARS = range(2000, 2200)


class AdminUser(msgspec.Struct, frozen=True):
    """A user, as an administrator sees them."""

    id: uuid.UUID
    email: str | None
    plan: str
    subscription_status: str
    billing_interval: str | None
    stripe_customer_id: str | None
    created_at: str | None


class UserPage(msgspec.Struct, frozen=True):
    """Users, newest first; `cursor` is null on the last page."""

    users: list[AdminUser]
    cursor: str | None


class PersonOut(msgspec.Struct, frozen=True):
    """Somebody an event names by id: their name or, without one, their e-mail address."""

    id: uuid.UUID
    name: str


class AuditLine(msgspec.Struct, frozen=True):
    """A line of the audit trail; `billing_amount` is a decimal number."""

    id: uuid.UUID
    user_id: uuid.UUID
    event_type: str
    from_plan: str | None
    to_plan: str | None
    stripe_subscription_id: str | None
    stripe_event_id: str | None
    billing_amount: str | None
    currency: str
    billing_interval: str | None
    effective_date: str | None
    metadata: dict[str, Any]
    created_at: str | None


class AuditPage(msgspec.Struct, frozen=True):
    """Lines, newest first; `cursor` is null on the last page."""

    events: list[AuditLine]
    cursor: str | None


async def _users(deps: Node, who: Identity, query: PageQuery) -> UserPage:
    rows = await actions.users(deps, who, query.limit + 1, read_cursor(query))
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    people = [
        AdminUser(
            id=row.id,
            email=row.email,
            plan=row.subscription_plan_id,
            subscription_status=row.subscription_status,
            billing_interval=row.billing_interval,
            stripe_customer_id=row.stripe_customer_id,
            created_at=rfc3339(row.created_at),
        )
        for row in shown
    ]
    return UserPage(people, write_cursor(shown[-1].created_at, shown[-1].id) if more else None)


async def _user(deps: Node, who: Identity, user_id: uuid.UUID) -> PersonOut:
    return PersonOut(user_id, await actions.name_of(deps, who, user_id))


async def _audit(deps: Node, who: Identity, query: PageQuery) -> AuditPage:
    rows = await actions.audit(deps, who, query.limit + 1, read_cursor(query))
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    lines = [
        AuditLine(
            id=row.id,
            user_id=row.user_id,
            event_type=row.event_type,
            from_plan=row.from_plan,
            to_plan=row.to_plan,
            stripe_subscription_id=row.stripe_subscription_id,
            stripe_event_id=row.stripe_event_id,
            billing_amount=None if row.billing_amount is None else str(row.billing_amount),
            currency=row.currency,
            billing_interval=row.billing_interval,
            effective_date=None if row.effective_date is None else row.effective_date.isoformat(),
            metadata=row.metadata,
            created_at=rfc3339(row.created_at),
        )
        for row in shown
    ]
    return AuditPage(lines, write_cursor(shown[-1].created_at, shown[-1].id) if more else None)


class LookLine(msgspec.Struct, frozen=True):
    """An administrator's look at what is not theirs; no user: at everybody's."""

    id: uuid.UUID
    admin_id: uuid.UUID
    user_id: uuid.UUID | None
    what: str
    created_at: str | None


class LookPage(msgspec.Struct, frozen=True):
    """Looks, newest first; `cursor` is null on the last page."""

    views: list[LookLine]
    cursor: str | None


class WaitingEvent(msgspec.Struct, frozen=True):
    """An event of Stripe's that could not be worked on yet: `error` says why. Once it is set aside,
    it is looked at again only when its customer is somebody's."""

    event_id: str
    type: str
    customer_id: str | None
    error: str
    attempts: int
    received_at: str | None
    set_aside_at: str | None


class WaitingEvents(msgspec.Struct, frozen=True):
    """The oldest of them, those set aside last."""

    events: list[WaitingEvent]


class NodeList(msgspec.Struct, frozen=True):
    """The nodes that ran in the last days."""

    nodes: list[NodeOut]


async def _views(deps: Node, who: Identity, query: PageQuery) -> LookPage:
    rows = await actions.looks(deps, who, query.limit + 1, read_cursor(query))
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    lines = [
        LookLine(row.id, row.admin_id, row.user_id, row.what, rfc3339(row.created_at))
        for row in shown
    ]
    return LookPage(lines, write_cursor(shown[-1].created_at, shown[-1].id) if more else None)


async def _waiting_events(deps: Node, who: Identity) -> WaitingEvents:
    rows = await actions.waiting_events(deps, who)
    return WaitingEvents(
        [
            WaitingEvent(
                event_id=row.event_id,
                type=row.type,
                customer_id=row.customer_id,
                error=row.error,
                attempts=row.attempts,
                received_at=rfc3339(row.received_at),
                set_aside_at=rfc3339(row.set_aside_at),
            )
            for row in rows
        ]
    )


class ActsQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Which acts: towards whose data (`user_id`), by whom (`actor_id`), of which kind, on what, by
    which request; from `since` until before `until`, both RFC 3339."""

    user_id: uuid.UUID | None = None
    actor_id: uuid.UUID | None = None
    action: Annotated[str, Meta(max_length=64)] | None = None
    subject: Annotated[str, Meta(max_length=200)] | None = None
    request_id: Annotated[str, Meta(max_length=64)] | None = None
    since: Annotated[dt.datetime, Meta(tz=True)] | None = None
    until: Annotated[dt.datetime, Meta(tz=True)] | None = None


async def _acts(deps: Node, who: Identity, query: ActsQuery) -> ActPage:
    wanted = Filters(
        query.user_id, query.actor_id, query.action, query.subject, query.request_id,
        _kept(query.since), _kept(query.until),
    )  # fmt: skip
    rows = await actions.acts(deps, who, query.limit + 1, read_cursor(query), wanted)
    shown = rows[: query.limit]
    more = len(rows) > len(shown)
    cursor = write_cursor(shown[-1].at, shown[-1].id, made_with(query)) if more else None
    return ActPage([act_out(row) for row in shown], cursor)


def _kept(at: dt.datetime | None) -> dt.datetime | None:
    """A time that the database can keep, whatever the zone. Raises AppError("bad_request")."""
    if at is not None and at.year not in _YEARS:
        raise AppError("bad_request", "`since` and `until` lie between 2000 and 2200.")
    return at


class AllCallsQuery(CallFilters, frozen=True, forbid_unknown_fields=True):
    """Everybody's, or this user's."""

    user_id: uuid.UUID | None = None


class AllConversationsQuery(ConversationFilters, frozen=True, forbid_unknown_fields=True):
    """Everybody's, or this user's."""

    user_id: uuid.UUID | None = None


async def _calls(deps: Node, who: Identity, query: AllCallsQuery) -> CallPage:
    wanted = calls_routes.wanted(query)
    part = PageOf(query.limit, read_cursor(query), wanted, everybodys=True, user_id=query.user_id)
    return calls_routes.call_page(await actions.all_calls(deps, who, part), query)


async def _conversations(
    deps: Node, who: Identity, query: AllConversationsQuery
) -> ConversationPage:
    wanted = texts_routes.wanted(query)
    part = PageOf(query.limit, read_cursor(query), wanted, everybodys=True, user_id=query.user_id)
    return texts_routes.conversation_page(await actions.all_conversations(deps, who, part), query)


async def _nodes(deps: Node, who: Identity) -> NodeList:
    lost = deps.config.cluster.lease_seconds
    return NodeList([node_out(row, lost) for row in await actions.all_nodes(deps, who)])


ROUTES = (
    Route("GET", "/v1/admin/users", _users, UserPage, "Everybody and their plan", query=PageQuery),
    Route("GET", "/v1/admin/users/<uuid:user_id>", _user, PersonOut, "How a person is called"),
    Route("GET", "/v1/admin/audit", _audit, AuditPage, "What changed in plans", query=PageQuery),
    Route("GET", "/v1/admin/audit-log", _acts, ActPage, "Who did what to whom", query=ActsQuery),
    Route("GET", "/v1/admin/views", _views, LookPage, "Who looked at whose data", query=PageQuery),
    Route("GET", "/v1/admin/calls", _calls, CallPage, "Everybody's calls", query=AllCallsQuery),
    Route("GET", "/v1/admin/conversations", _conversations, ConversationPage,
          "Everybody's text conversations", query=AllConversationsQuery),
    Route("GET", "/v1/admin/stripe-events", _waiting_events, WaitingEvents,
          "Stripe's events that wait"),
    Route("GET", "/v1/admin/nodes", _nodes, NodeList, "The nodes and how they are"),
    *costs.ROUTES,
)  # fmt: skip
