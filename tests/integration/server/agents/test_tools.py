"""A tool of the owner's in a real call: filler, signed request, answer; and who sees what of it."""

import msgspec

from db.accounts.users import give_plan
from tests.integration.server.test_agents import agents_words, made, operator_of, placed
from tests.support.client import Clients
from tests.support.people import after, human, says
from tests.support.receiver import is_signed, receiving

FILLER = "I am looking that up for you."
RESULT = "Order seventeen ships tomorrow."


async def test_a_tool_is_called_in_a_call_and_the_caller_hears_filler_then_answer(
    clients: Clients,
) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    async with receiving() as shop:
        shop.says, shop.answer = RESULT, lambda _event, _before: 200
        tool = {
            # the scripted recogniser hears nothing but "That sounds good, please go on."
            "name": "please_go_on", "description": "Looks orders up.", "url": shop.url,
            "parameters": {"type": "object", "properties": {"words": {"type": "string"}}},
            "timeout_seconds": 5.0, "filler": FILLER,
        }  # fmt: skip
        body = {"slug": "shop", "name": "Ann", "tools": [tool], "builtin_tools": ["end_call"]}
        agent = (await operator.ask("POST", "/v1/agents", body)).body
        secret = agent["tool_secrets"]["please_go_on"]
        assert agent["tools"] == [tool]
        path = f"/v1/agents/{agent['id']}"
        assert (await user.get(path))["tools"] == [], "of administrators alone"
        assert secret not in repr(await operator.get(path))
        number = await clients.sandbox.add(
            human(after(3000), says("Where is my order?"), after(120_000))
        )
        async with user.live() as dashboard:
            call_id = await placed(user, number, agent["id"])
            await dashboard.until(
                lambda _: any(RESULT in words for words in agents_words(dashboard))
            )
            await user.ask("POST", f"/v1/calls/{call_id}/hangup")
            await dashboard.until_over(call_id)
        words = next(words for words in agents_words(dashboard) if RESULT in words)
        assert words == f"{FILLER} It says: {RESULT}"
        (asked, *_) = shop.received
        assert is_signed(asked, secret)
        assert asked.id.endswith("_1")
        data = asked.event["data"]
        assert (asked.event["type"], data["tool"], data["call_id"]) == (
            "tool.call", "please_go_on", call_id,
        )  # fmt: skip
        assert "please go on" in data["arguments"]["words"]
    used = clients.world.logged("tool_used", call_id=call_id)
    assert used[0]["outcome"] == "ok"
    log = clients.world.node_log.read_text("utf-8")
    assert RESULT not in log
    assert secret not in log
    assert "sounds good" not in log
    async with clients.world.rows() as rows:
        row = await rows.fetchrow(
            "select tools, transfer_to from app.agents where id = $1::uuid", agent["id"]
        )
        journal = await rows.fetch(
            "select event, entries from app.call_journal where call_id = $1::uuid", call_id
        )
    kept = msgspec.json.encode([*map(str, row or ()), *map(str, journal)]).decode()
    assert row is not None
    assert "please_go_on" not in kept
    assert RESULT not in kept, "sealed"


async def test_a_transfer_that_the_language_model_calls_for_reaches_the_carrier(
    clients: Clients,
) -> None:
    operator, user = await operator_of(clients), await clients.sign_up()
    agent = await made(operator, builtin_tools=["transfer"], transfer_to=["+12125550199"])
    number = await clients.sandbox.add(human(after(3000), says("Hello?"), after(120_000)))
    async with user.live() as dashboard:
        # the stand-in calls for it once somebody asked to be connected, as the topic does
        call_id = await placed(user, number, agent["id"], "Please connect me to the front desk")
        async with clients.world.rows() as rows:
            await give_plan(rows, user.id, "premium")  # a transfer is another call
        over = await dashboard.until_over(call_id)
    assert (over["status"], over["end_reason"]) == ("ended", "transferred")
    seen = await clients.sandbox.call(over["twilio_call_sid"])
    (dialled,) = [one for one in seen["timeline"] if one["event"] == "dialled_on"]
    assert dialled["fields"] == {"number": "+12125550199", "keys": ""}
    assert "ended" not in [entry["event"] for entry in seen["timeline"]], "they talk to somebody"
