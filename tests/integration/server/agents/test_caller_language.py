"""A real call that changes its language: its caller speaks English to an agent that began in
Spanish, as a vendor's stand-in tells."""

from tests.integration.server.test_agents import made, operator_of, placed
from tests.support.client import Clients
from tests.support.people import human, says, waits


async def test_a_call_goes_on_in_its_callers_language_and_everybody_sees_it(
    clients: Clients,
) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    agent = await made(operator, language="es", follows_caller=True, greeting="Diga.")
    assert (await user.get("/v1/agents"))["caller_languages"] == ["de", "en", "es", "fr"]
    asks = (says("I would like to speak English with you, please."), waits())
    # said again where the stand-in, which loads its model with the first words, was too late
    number = await clients.sandbox.add(human(waits(), *asks * 3))
    async with user.live() as dashboard:
        call_id = await placed(user, number, agent["slug"], "rosas")
        changed = await dashboard.until(lambda message: message.get("type") == "call.language")
        assert changed["data"]["call"]["language"] == "en"
        assert (await dashboard.command("call.hangup", call=call_id))["ok"]
        await dashboard.until_over(call_id)
    assert (await user.get(f"/v1/calls/{call_id}"))["language"] == "en"
    journal = (await user.get(f"/v1/calls/{call_id}/journal"))["events"]
    assert journal[0]["event"]["agent"]["languages"] == ["de", "en", "es", "fr"]
    said = [one["event"] for one in journal if one["event"]["type"] == "recognised"]
    assert "en" in [one.get("language") for one in said]
