"""What administrators may look at. Read only; row level security shows others nothing of it, and
each look at what is everybody's is written down.
"""

import datetime as dt
import uuid

from db import admin, calls, conversations, stripe_events
from db.admin import AuditRow, LookRow
from db.calls import CallRow
from db.cluster import nodes
from db.cluster.nodes import NodeRow
from db.conversations import ConversationRow
from db.stripe_events import FailedEvent
from db.users import UserRow
from server.accounts import access
from server.accounts.access import Page
from server.accounts.view_log import note
from server.core.auth import Identity
from server.core.errors import AppError
from server.core.node import Node

_SECOND_FACTOR = "Sign in with your second factor."
EVENTS_SHOWN = 100
Place = tuple[dt.datetime, uuid.UUID] | None


async def users(deps: Node, who: Identity, limit: int, before: Place) -> list[UserRow]:
    """Everybody, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    async with deps.pools.as_user(who.claims) as connection:
        return await admin.users(connection, limit, before)


async def audit(deps: Node, who: Identity, limit: int, before: Place) -> list[AuditRow]:
    """The audit trail of all subscriptions, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    async with deps.pools.as_user(who.claims) as connection:
        return await admin.audit(connection, limit, before)


async def looks(deps: Node, who: Identity, limit: int, before: Place) -> list[LookRow]:
    """Which administrator looked at whose data, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    async with deps.pools.as_service() as connection:
        return await admin.looks(connection, limit, before)


async def all_calls(deps: Node, who: Identity, limit: int, before: Place) -> Page[CallRow]:
    """Everybody's calls, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    await note(deps, who, None, "calls")
    return await access.page(deps, who, "calls", calls.get_many, limit, before, everybodys=True)


async def all_conversations(
    deps: Node, who: Identity, limit: int, before: Place
) -> Page[ConversationRow]:
    """Everybody's text conversations, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    await note(deps, who, None, "sms_conversations")
    get = conversations.get_many
    return await access.page(deps, who, "sms_conversations", get, limit, before, everybodys=True)


async def waiting_events(deps: Node, who: Identity) -> list[FailedEvent]:
    """Stripe's events that could not be worked on yet, those set aside last. Raises
    AppError("forbidden")."""
    _only_admins(who)
    await note(deps, who, None, "stripe_events")
    async with deps.pools.as_service() as connection:
        return await stripe_events.failed(connection, EVENTS_SHOWN)


async def all_nodes(deps: Node, who: Identity) -> list[NodeRow]:
    """The nodes, by name. Raises AppError("forbidden")."""
    _only_admins(who)
    async with deps.pools.as_service() as connection:
        return await nodes.everyone(connection)


def _only_admins(who: Identity) -> None:
    if not who.admin:
        raise AppError("forbidden", _SECOND_FACTOR if who.lacks_second_factor else "")
