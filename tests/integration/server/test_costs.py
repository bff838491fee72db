"""What a call and a text conversation cost is on record once, for administrators alone."""

import asyncio
from decimal import Decimal

import msgspec

from db import costs
from media.events import Keyed
from media.phases.ending import Ending
from server.core.settings.costs import Costs, Price
from server.ownership.inbound import answer
from tests.integration.server.live.people import make_admin
from tests.integration.server.ownership.test_callers import caller, requested
from tests.integration.server.scheduled_calls.conftest import carrier as carrier
from tests.integration.server.scheduled_calls.conftest import node as node
from tests.integration.server.texts.text_node import NOON, TextNode, new_number
from tests.support.client import Clients, Json, User
from tests.support.patience import patience
from tests.support.people import HANGS_UP, after, human, says

MONTH = "/v1/admin/costs"


def priced(node: TextNode, costs: Costs) -> TextNode:
    return node.changed(config=msgspec.structs.replace(node.deps.config, costs=costs))


async def called(user: User, number: str) -> Json:
    async with user.live() as dashboard:
        return await dashboard.until_over((await user.start_call(number))["id"])


async def test_a_call_costs_what_was_heard_said_and_phoned_and_only_administrators_see_it(
    clients: Clients,
) -> None:
    user, other = await clients.sign_up(), await clients.sign_up()
    admin = await make_admin(clients, await clients.sign_up())
    number = await clients.sandbox.add(
        human(after(300), says("Hello?"), after(4000), says("I like rye."), after(3000), HANGS_UP)
    )
    call, _ = await asyncio.gather(*(called(who, number) for who in (user, other)))
    path = f"/v1/admin/calls/{call['id']}/costs"
    shown = await admin.get(path)
    lines = {line["what"]: line for line in shown["costs"]}
    assert lines["twilio.call"]["quantity"] == str(call["duration_seconds"])
    assert {what: line["unit"] for what, line in lines.items()} == {
        "scripted.stt": "seconds", "scripted.tts": "characters", "twilio.call": "seconds",
    }  # fmt: skip
    assert float(lines["scripted.stt"]["quantity"]) > 0
    assert all(line["amount"] is None for line in lines.values()), "nothing has a price here"
    assert shown["amounts"] == {}
    for asked in (path, MONTH):
        assert (await user.ask("GET", asked)).status == 403
    pages = [await admin.get(f"{MONTH}?limit=1")]
    while (cursor := pages[-1]["cursor"]) is not None:
        pages.append(await admin.get(f"{MONTH}?limit=1&cursor={cursor}"))
    people = [channel["user_id"] for page in pages for channel in page["channels"]]
    assert {str(user.id), str(other.id)} <= set(people)
    assert people == sorted(people)
    mine = next(
        channel
        for page in pages
        for channel in page["channels"]
        if (channel["user_id"], channel["channel"]) == (str(user.id), "calls")
    )
    assert mine["costs"] == shown["costs"]
    assert (await admin.get(f"{MONTH}?month=2020-01"))["channels"] == []


async def test_a_text_is_paid_for_once_each_way(node: TextNode) -> None:
    prices = {"twilio.segment": Price("message", "0.0083")}
    node = priced(node, Costs(prices=prices))
    who, number = await node.sign_up(), new_number()
    await node.start(who, number)
    await node.receive(number, "I like rye.", sid="SM1")
    await node.receive(number, "I like rye.", sid="SM1")
    await node.work()
    sent = [text for text in await node.sent_to(number) if text["direction"] != "inbound"]
    async with node.pools.as_service() as connection:
        rows = await costs.of_user(connection, who.user_id, None, 100)
        month = await costs.of_month(connection, NOON.date().replace(day=1), None, 10)
    found = {row.what: row for row in month if row.user_id == who.user_id}
    segments = found["twilio.segment"]
    assert segments.quantity >= len(sent) == 2
    assert segments.amount == segments.quantity * Decimal("0.0083")
    assert found["twilio.inbound_segment"].quantity == 1
    assert len(rows) == len({row["subject"] for row in rows}), "a row a text"


async def test_a_call_that_has_cost_its_budget_is_ended(node: TextNode) -> None:
    prices = {"deepgram.tts": Price("character", "0.01")}
    node = priced(node, Costs(call_budget="0.5", prices=prices))
    who, ring = await caller(node)
    assert "<Stream" in await answer(node.deps, ring)
    row, _ = await requested(node, who)
    live = node.deps.live.get(row.id)
    assert live is not None
    live.consumed["deepgram.tts"] += 50
    live.runner.post(Keyed("1"))
    async with patience():
        while not isinstance(live.runner.call.phase, Ending):  # noqa: ASYNC110
            await asyncio.sleep(0)  # polls a condition with a deadline
    assert live.runner.call.phase.reason == "budget"
