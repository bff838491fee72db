"""A sign-out at the sign-in service: what is open in it ends as soon as anything is asked."""

from sandbox.core.settings import PUBLISHABLE_KEY
from tests.integration.server.live.test_fallback import stream
from tests.integration.server.test_api_keys import by, made
from tests.support.client import Clients, User, close_code, live_socket
from tests.support.patience import patience


async def sign_out(clients: Clients, user: User, scope: str) -> None:
    """As the console does: at the sign-in service, then the product is told by the old token."""
    headers = {"apikey": PUBLISHABLE_KEY, "Authorization": f"Bearer {user.token}"}
    url = f"{clients.world.sandbox_url}/auth/v1/logout?scope={scope}"
    async with clients.http.post(url, headers=headers) as answer:
        assert answer.status == 204
    assert (await user.ask("POST", "/v1/sign-out")).body == {"signed_out": True}


async def test_sockets_and_streams_end_with_the_sign_in_they_were_opened_in(
    clients: Clients,
) -> None:
    user = await clients.sign_up()
    late = await user.ticket()
    async with (
        user.live() as by_ticket,
        user.live(token=user.token) as by_token,
        stream(user, clients.http) as events,
    ):
        await sign_out(clients, user, "global")
        assert await by_ticket.closed() == 4005
        assert await by_token.closed() == 4005
        async with patience():
            while await events._answer.content.readline():
                pass
    hello = f'{{"op":"hello","v":1,"ticket":"{late}","subs":[]}}'
    assert await close_code(live_socket(clients.world), hello) == 4501


async def test_whoever_is_still_signed_in_comes_back_and_programs_never_notice(
    clients: Clients,
) -> None:
    user = await clients.sign_up()
    program = by(user, await made(user, "read"))
    other = await clients.sign_in(user)
    assert (await other.ask("POST", "/v1/sign-out")).body == {"signed_out": False}
    async with other.live() as console, program.live(token=program.token) as of_program:
        await sign_out(clients, user, "local")
        assert await console.closed() == 4005
        async with other.live() as back:
            assert (await user.ask("GET", "/v1/me")).status == 401  # the dead token, again
            assert (await back.command("sub.del", topic="me"))["ok"]
        assert (await of_program.command("sub.del", topic="me"))["ok"]
