"""Who these tests need: administrators, and users in the middle of a call to whom much happens."""

import asyncio

from tests.support.client import Clients, User


async def make_admin(clients: Clients, user: User, role: str = "admin") -> User:
    """The same user with a token that says so."""
    change = {"app_metadata": {"role": role}}
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


async def events_flow(user: User, call_id: str, conversation: str, done: asyncio.Event) -> None:
    """All kinds of changes, one after another, until it is enough."""
    number = 0
    async with user.live() as dashboard:
        while not done.is_set():
            number += 1
            await dashboard.command("conv.pause", conv=conversation)
            await dashboard.command("sms.send", conv=conversation, text=f"Number {number}.")
            await dashboard.command("conv.resume", conv=conversation)
            await dashboard.command("call.say", call=call_id, text="Yes.", interrupt=True)
            if number % 3 == 0:
                await user.start_call("+12125559999")
