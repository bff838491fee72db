"""A call's sound ends with the token its ticket was asked for by, and with a sign-out."""

from sandbox.core.settings import PUBLISHABLE_KEY
from tests.integration.server.operators.operator_fixture import joined, talking
from tests.support.client import Clients


async def test_sound_ends_with_the_token_it_was_asked_for_by(clients: Clients) -> None:
    async with talking(clients) as talk:
        ticket = (await talk.does("listen"))["ticket"]
        async with clients.world.rows() as rows:
            await rows.execute(
                "update app.audio_tickets set ends_at = now() + interval '0.5 seconds'"
                " where used_at is null and user_id = $1", talk.user.id,
            )  # fmt: skip
        async with joined(clients.world, ticket) as person:
            assert person.texts[0]["op"] == "welcome"
            assert await person.code() == 4005
        async with talk.listener():  # a new ticket lets them back in
            pass


async def test_listening_and_speaking_end_with_a_sign_out(clients: Clients) -> None:
    async with talking(clients) as talk:
        user = talk.user
        late = (await talk.does("listen"))["ticket"]
        async with talk.listener() as listener, talk.operator() as operator:
            headers = {"apikey": PUBLISHABLE_KEY, "Authorization": f"Bearer {user.token}"}
            url = f"{clients.world.sandbox_url}/auth/v1/logout"
            async with clients.http.post(url, headers=headers) as answer:
                assert answer.status == 204
            assert (await user.ask("GET", "/v1/me")).status == 401
            assert await listener.code() == 4005
            assert await operator.code() == 4005
            async with joined(clients.world, late) as person:
                assert await person.code() == 4501
