"""What administrators may look at. Read only; row level security shows others nothing of it, and
each look at what is everybody's is written down.
"""

import datetime as dt
import uuid

from db import admin, calls
from db import audit as audit_log
from db.accounts.users import UserRow
from db.admin import AuditRow, LookRow
from db.audit import ActRow, Filters
from db.billing import stripe_events
from db.billing.stripe_events import FailedEvent
from db.calls import CallRow
from db.cluster import nodes
from db.cluster.nodes import NodeRow
from db.texts import conversations
from db.texts.conversations import ConversationRow
from server.accounts import access
from server.accounts import actions as accounts
from server.accounts.access import Page, PageOf
from server.audit.notes import looked, only_administrators
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node

EVENTS_SHOWN = 100
Place = tuple[dt.datetime, uuid.UUID] | None


async def users(deps: Node, who: Identity, limit: int, before: Place) -> list[UserRow]:
    """Everybody, newest first. Raises AppError("forbidden")."""
    await _look(deps, who, "users")
    async with deps.pools.as_user(who.claims) as connection:
        return await admin.users(connection, limit, before)


async def name_of(deps: Node, who: Identity, user_id: uuid.UUID) -> str:
    """How a person is called. Raises AppError: forbidden, not_found."""
    await _look(deps, who, "users", user_id)
    name = await accounts.name_of(deps, user_id)
    if name is None:
        raise AppError("not_found")
    return name


async def audit(deps: Node, who: Identity, limit: int, before: Place) -> list[AuditRow]:
    """The audit trail of all subscriptions, newest first. Raises AppError("forbidden")."""
    await _look(deps, who, "subscription_events")
    async with deps.pools.as_user(who.claims) as connection:
        return await admin.audit(connection, limit, before)


async def looks(deps: Node, who: Identity, limit: int, before: Place) -> list[LookRow]:
    """Which administrator looked at whose data, newest first. Raises AppError("forbidden")."""
    await _look(deps, who, "admin_views")
    async with deps.pools.as_service() as connection:
        return await admin.looks(connection, limit, before)


async def all_calls(deps: Node, who: Identity, part: PageOf) -> Page[CallRow]:
    """Everybody's calls, or one user's. Raises AppError("forbidden")."""
    await _look(deps, who, "calls", part.user_id)
    return await access.page(deps, who, "calls", calls.get_many, part)


async def all_conversations(deps: Node, who: Identity, part: PageOf) -> Page[ConversationRow]:
    """Everybody's text conversations, or one user's. Raises AppError("forbidden")."""
    await _look(deps, who, "sms_conversations", part.user_id)
    return await access.page(deps, who, "sms_conversations", conversations.get_many, part)


async def waiting_events(deps: Node, who: Identity) -> list[FailedEvent]:
    """Stripe's events that could not be worked on yet, those set aside last. Raises
    AppError("forbidden")."""
    await _look(deps, who, "stripe_events")
    async with deps.pools.as_service() as connection:
        return await stripe_events.failed(connection, EVENTS_SHOWN)


async def all_nodes(deps: Node, who: Identity) -> list[NodeRow]:
    """The nodes, by name. Raises AppError("forbidden")."""
    await _look(deps, who, "nodes")
    async with deps.pools.as_service() as connection:
        return await nodes.everyone(connection)


async def acts(
    deps: Node, who: Identity, limit: int, before: Place, wanted: Filters
) -> list[ActRow]:
    """The audit log, newest first. Raises AppError("forbidden")."""
    await _look(deps, who, "audit_log")
    async with deps.pools.as_service() as connection:
        return await audit_log.page(connection, limit, before, wanted)


async def _look(deps: Node, who: Identity, what: str, user_id: uuid.UUID | None = None) -> None:
    """Only administrators see what is everybody's, or this user's, and that they look is written
    down."""
    await only_administrators(deps, who, what)
    await looked(deps, who, user_id, what)
