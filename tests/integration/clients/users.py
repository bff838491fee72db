"""Whom the clients act for."""

from tests.support.client import Clients, User


async def premium(clients: Clients) -> User:
    """Somebody new with much room."""
    user = await clients.sign_up()
    await user.get("/v1/me")  # the product knows a user from the first request on
    async with clients.world.rows() as connection:
        await connection.execute(
            "update public.users set subscription_plan_id = 'premium' where id = $1", user.id
        )
    return user
