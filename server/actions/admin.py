"""What administrators may look at. Read only; row level security shows others nothing of it."""

import datetime as dt
import uuid

from db import admin
from db.admin import AuditRow
from db.rows import UserRow
from server.auth import Identity
from server.deps import BillingDeps
from server.errors import AppError

Place = tuple[dt.datetime, uuid.UUID] | None


async def users(deps: BillingDeps, who: Identity, limit: int, before: Place) -> list[UserRow]:
    """Everybody, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    async with deps.pools.as_user(who.claims) as connection:
        return await admin.users(connection, limit, before)


async def audit(deps: BillingDeps, who: Identity, limit: int, before: Place) -> list[AuditRow]:
    """The audit trail of all subscriptions, newest first. Raises AppError("forbidden")."""
    _only_admins(who)
    async with deps.pools.as_user(who.claims) as connection:
        return await admin.audit(connection, limit, before)


def _only_admins(who: Identity) -> None:
    if not who.admin:
        raise AppError("forbidden")
