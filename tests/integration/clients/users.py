"""Whom the clients act for, and whom they call."""

from typing import Any

from tests.support.client import Clients, User
from tests.support.people import HANGS_UP, after, human, says


def hasty() -> dict[str, Any]:
    """Somebody who says hello and has no time: both sides are heard, and it is soon over."""
    return human(after(300), says("Hello?"), after(2500), HANGS_UP, verdict_ms=300)


async def premium(clients: Clients) -> User:
    """Somebody new with much room."""
    user = await clients.sign_up()
    await user.get("/v1/me")  # the product knows a user from the first request on
    async with clients.world.rows() as connection:
        await connection.execute(
            "update public.users set subscription_plan_id = 'premium' where id = $1", user.id
        )
    return user
