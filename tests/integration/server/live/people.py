"""Who these tests need: administrators, and users in the middle of a call."""

from tests.support.client import Clients, User


async def make_admin(clients: Clients, user: User) -> User:
    """The same user with a token that says so."""
    change = {"app_metadata": {"role": "admin"}}
    url = f"{clients.world.sandbox_url}/world/users/{user.id}"
    async with clients.http.put(url, json=change) as answer:
        assert answer.status == 200
    return await clients.sign_in(user)


async def talking_call(user: User, number: str) -> str:
    async with user.live() as dashboard:
        ack = await dashboard.command("call.start", topic="silence", to=number)
        call_id: str = ack["data"]["call"]["id"]
        await dashboard.until_status(call_id, "talking")
    return call_id
