"""A real call that changes its language: its caller speaks German to an agent that began in
English, as a vendor's stand-in tells."""

from tests.integration.server.test_agents import made, operator_of, placed
from tests.support.client import Clients


async def test_a_call_goes_on_in_its_callers_language_and_everybody_sees_it(
    clients: Clients,
) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    agent = await made(operator, language="en", follows_caller=True)
    assert (await user.get("/v1/agents"))["caller_languages"] == ["de", "en", "es", "fr"]
    number = await clients.sandbox.number_of("german")
    async with user.live() as dashboard:
        call_id = await placed(user, number, agent["slug"], "roses")
        changed = await dashboard.until(lambda message: message.get("type") == "call.language")
        assert changed["data"]["call"]["language"] == "de"
        over = await dashboard.until_over(call_id)
    assert (over["status"], over["language"]) == ("ended", "de")
    journal = (await user.get(f"/v1/calls/{call_id}/journal"))["events"]
    assert journal[0]["event"]["agent"]["languages"] == ["de", "en", "es", "fr"]
    said = [one["event"] for one in journal if one["event"]["type"] == "recognised"]
    assert ("de", "Danke für den Anruf. Auf Wiederhören!") in [
        (one.get("language"), one["text"]) for one in said
    ]
