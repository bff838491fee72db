"""Small worlds for the database tests: a registered user, a call of theirs."""

from uuid import UUID, uuid4

from db import calls
from db.accounts import users
from db.calls import CallRow, NewCall
from db.core.pool import Pools


async def make_user(pools: Pools) -> UUID:
    """A freshly registered user on the free plan."""
    user_id = uuid4()
    async with pools.as_service() as connection:
        await users.register(connection, user_id, f"{user_id}@example.org")
    return user_id


def new_call(user_id: UUID, *, lease_seconds: float = 60, key: str | None = None) -> NewCall:
    """A call of node "a" about nothing in particular."""
    return NewCall(uuid4(), user_id, "+15005550006", "gardens", "a", lease_seconds, key)


async def make_call(pools: Pools, user_id: UUID, *, lease_seconds: float = 60) -> CallRow:
    """A call in its first status."""
    async with pools.as_service() as connection:
        return await calls.insert_call(connection, new_call(user_id, lease_seconds=lease_seconds))
