"""Somebody is forgotten who talks on the phone and watches a dashboard just then."""

from tests.integration.server.live.people import make_admin
from tests.support.client import Clients
from tests.support.people import after, human, says


async def test_who_talks_hears_a_goodbye_and_then_nothing_of_the_call_is_left(
    clients: Clients,
) -> None:
    admin = await make_admin(clients, await clients.sign_up())
    user = await clients.sign_up()
    email = (await user.get("/v1/me"))["email"]
    number = await clients.sandbox.add(human(after(300), says("Hello?"), after(600_000)))
    subs = [{"topic": f"user:{user.id}"}]
    async with admin.live(subs=subs) as watching, user.live() as dashboard:
        call_id = (await user.start_call(number))["id"]
        await watching.until_status(call_id, "talking")
        asked = await user.ask("DELETE", "/v1/me", {"confirm": email})
        assert (asked.status, asked.body["state"]) == (202, "erasing")
        assert await dashboard.closed() == 4505
        told = {message.get("type") for message in dashboard.messages}
        assert "account.erasing" in told, "it is said before"
        ended = await watching.until_over(call_id)
        assert (ended["status"], ended["end_reason"]) == ("ended", "server_stopping")
        last = [
            message["data"]["heard"]
            for message in watching.messages
            if message.get("type") == "transcript.final" and message["data"]["speaker"] == "agent"
        ][-1]
        assert last.endswith("Goodbye."), "heard to its end"
        await watching.until(lambda message: message.get("type") == "account.erased")
    assert (await user.ask("GET", "/v1/me")).status in {401, 403}
    async with clients.world.rows() as rows:
        left = await rows.fetchval(
            "select (select count(*) from public.calls where id = $1::uuid)"
            " + (select count(*) from app.call_journal where call_id = $1::uuid)"
            " + (select count(*) from app.events where user_id = $2 and subject = 'call:' || $1)",
            call_id, user.id,
        )  # fmt: skip
    assert left == 0
