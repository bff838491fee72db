"""Webhooks of people's own: what happens reaches their program, signed, in order, once it can."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.core.sealing import PREFIX
from tests.support.client import TERMINAL, Clients, User
from tests.support.people import human
from tests.support.receiver import Receiver, always, is_signed, receiving

_WAITING = """
select exists (select from app.webhook_deliveries where webhook_id = $1 and state = 'waiting')
"""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def made(user: User, receiver: Receiver, *types: str) -> dict[str, Any]:
    answer = await user.ask("POST", "/v1/webhooks", {"url": receiver.url, "types": types})
    assert answer.status == 201, answer
    hook: dict[str, Any] = answer.body
    return hook


async def a_call(clients: Clients, user: User) -> str:
    """A call from its beginning to its end."""
    call = await user.start_call(await clients.sandbox.add(human(answers="no-answer")))
    async with user.live(subs=[{"topic": "me"}]) as dashboard:
        await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})
        if (await user.get(f"/v1/calls/{call['id']}"))["ended_time"] is None:
            await dashboard.until_over(call["id"])
    return str(call["id"])


async def log_of(user: User, hook: dict[str, Any]) -> list[dict[str, Any]]:
    page = await user.get(f"/v1/webhooks/{hook['id']}/deliveries?limit=100")
    log: list[dict[str, Any]] = page["deliveries"]
    return log


async def until_none(clients: Clients, hook: dict[str, Any], state: str) -> None:
    """Wait until no delivery is in this state."""
    async with clients.world.rows() as rows:
        while await rows.fetchval(
            "select count(*) from app.webhook_deliveries where webhook_id = $1 and state = $2",
            hook["id"], state,
        ):  # fmt: skip
            pass


async def test_a_call_reaches_the_receiver_as_it_reaches_dashboards(
    clients: Clients, receiver: Receiver
) -> None:
    user = await clients.sign_up()
    hook = await made(user, receiver)
    async with user.live(subs=[{"topic": "me"}]) as dashboard:
        call_id = await a_call(clients, user)
        await dashboard.until_over(call_id)
        shown = {event["seq"]: event for event in dashboard.events() if "seq" in event}
    await receiver.until(lambda it: len(it.taken) >= len(shown))
    for one in receiver.received:
        event = shown[one.event["seq"]]
        assert is_signed(one, hook["secret"])
        assert not is_signed(one, "whsec_AAAA")
        assert one.event["type"] == event["type"]
        assert one.event["data"] == event["data"]
        assert one.event["subject"] == event["subject"]
    of_call = [one.event for one in receiver.taken if one.event["subject"] == f"call:{call_id}"]
    assert [event["seq"] for event in of_call] == sorted(event["seq"] for event in of_call)
    assert of_call[0]["type"] == "call.initiating"
    last = [event["data"]["call"] for event in of_call if "call" in event["data"]][-1]
    assert last["status"] in TERMINAL


async def test_only_the_types_that_were_asked_for_are_sent_and_only_ones_own(
    clients: Clients, receiver: Receiver
) -> None:
    user, other = await clients.sign_up(), await clients.sign_up()
    await made(user, receiver, "call.initiating")
    await a_call(clients, other)
    call_id = await a_call(clients, user)
    await receiver.until(lambda it: bool(it.taken))
    (only,) = receiver.received
    assert (only.event["type"], only.event["subject"]) == ("call.initiating", f"call:{call_id}")


async def test_what_fails_is_tried_again_and_what_follows_waits_its_turn(
    clients: Clients, receiver: Receiver
) -> None:
    user = await clients.sign_up()
    answers = {"call.initiating": [500, None, 302]}
    receiver.answer = lambda event, before: dict(
        enumerate(answers.get(event["type"], []))
    ).get(before, 200)  # fmt: skip
    hook = await made(user, receiver)
    call_id = await a_call(clients, user)
    await receiver.until(lambda it: any(
        "call" in one.event["data"] and one.event["data"]["call"]["ended_time"] for one in it.taken
    ))  # fmt: skip
    of_call = [one for one in receiver.received if one.event["subject"] == f"call:{call_id}"]
    assert [one.event["type"] for one in of_call[:5]].count("call.initiating") == 4
    assert len({one.id for one in of_call[:4]}) == 1
    (first,) = [one for one in await log_of(user, hook) if one["type"] == "call.initiating"]
    assert first["message_id"] == of_call[0].id
    assert (first["state"], first["attempts"]) == ("delivered", 4)
    assert [(one["status"], one["error"]) for one in first["log"]] == [
        (500, None), (None, "connection"), (302, None), (200, None),
    ]  # fmt: skip
    assert all(one["took_ms"] >= 0 and one["at"] for one in first["log"])


async def test_what_fails_to_the_end_is_in_the_log_and_can_be_sent_once_more(
    clients: Clients, receiver: Receiver
) -> None:
    user = await clients.sign_up()
    receiver.answer = always(500)
    hook = await made(user, receiver, "call.initiating")
    await a_call(clients, user)
    await receiver.until(lambda it: len(it.received) == 4)
    path = f"/v1/webhooks/{hook['id']}/deliveries"
    await until_none(clients, hook, "waiting")
    (failed,) = (await user.get(f"{path}?state=failed"))["deliveries"]
    assert (await user.get(f"/v1/webhooks/{hook['id']}"))["failing_since"]
    receiver.answer = always(200)
    again = await user.ask("POST", f"{path}/{failed['id']}/resend", {})
    assert (again.status, again.body["state"]) == (200, "waiting")
    await receiver.until(lambda it: bool(it.taken))
    assert receiver.taken[0].id == failed["message_id"]
    await until_none(clients, hook, "waiting")
    assert (await log_of(user, hook))[0]["state"] == "delivered"
    assert (await user.get(f"/v1/webhooks/{hook['id']}"))["failing_since"] is None


async def test_a_receiver_that_is_gone_gets_nothing_more_and_its_owner_is_told(
    clients: Clients, receiver: Receiver
) -> None:
    user = await clients.sign_up()
    hook = await made(user, receiver)
    receiver.answer = always(410)
    async with user.live(subs=[{"topic": "me"}]) as dashboard:
        await user.ask("POST", f"/v1/webhooks/{hook['id']}/test", {})
        told = await dashboard.until(lambda it: it.get("type") == "webhook.disabled")
    assert told["data"]["webhook"]["id"] == hook["id"]
    assert "410" in told["data"]["webhook"]["disabled_reason"]
    now = await user.get(f"/v1/webhooks/{hook['id']}")
    assert (now["enabled"], now["disabled_reason"]) == (
        False, told["data"]["webhook"]["disabled_reason"],
    )  # fmt: skip
    count = len(receiver.received)
    await a_call(clients, user)
    for path in ("test", f"deliveries/{(await log_of(user, hook))[0]['id']}/resend"):
        answer = await user.ask("POST", f"/v1/webhooks/{hook['id']}/{path}", {})
        assert (answer.status, answer.body["code"]) == (409, "wrong_state")
    receiver.answer = always(200)
    on = await user.ask("PATCH", f"/v1/webhooks/{hook['id']}", {"enabled": True})
    assert (on.body["enabled"], on.body["disabled_reason"]) == (True, None)
    await user.ask("POST", f"/v1/webhooks/{hook['id']}/test", {})
    await receiver.until(lambda it: bool(it.taken))
    assert [one.event["type"] for one in receiver.received[count:]] == ["webhook.test"]


async def test_failing_for_long_ends_it_and_what_waits(
    clients: Clients, receiver: Receiver
) -> None:
    user = await clients.sign_up()
    receiver.answer = always(500)
    hook = await made(user, receiver)
    async with clients.world.rows() as rows:
        await rows.execute(
            "update app.webhooks set failing_since = now() - interval '121 hours' where id = $1",
            hook["id"],
        )
    async with user.live(subs=[{"topic": "me"}]) as dashboard:
        await user.start_call(await clients.sandbox.add(human(answers="no-answer")))
        told = await dashboard.until(lambda it: it.get("type") == "webhook.disabled")
    assert told["data"]["webhook"]["disabled_reason"] == "Nothing went well for 120 hours."
    async with clients.world.rows() as rows:
        while await rows.fetchval(_WAITING, hook["id"]):  # noqa: ASYNC110 - polls the rows
            await asyncio.sleep(0.05)  # what was put in at that moment goes with its lane
    states = Counter(one["state"] for one in await log_of(user, hook))
    assert states["canceled"] >= 1
    assert states["delivered"] == 0
    assert not receiver.taken
    (call,) = (await user.get("/v1/calls"))["calls"]
    await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})


async def test_while_a_secret_is_replaced_both_sign(clients: Clients, receiver: Receiver) -> None:
    user = await clients.sign_up()
    hook = await made(user, receiver)
    path = f"/v1/webhooks/{hook['id']}"
    new = (await user.ask("POST", f"{path}/rotate", {"overlap_hours": 1})).body["secret"]
    await user.ask("POST", f"{path}/test", {})
    await receiver.until(lambda it: len(it.taken) == 1)
    assert is_signed(receiver.taken[0], hook["secret"])
    assert is_signed(receiver.taken[0], new)
    newest = (await user.ask("POST", f"{path}/rotate", {"overlap_hours": 0})).body["secret"]
    await user.ask("POST", f"{path}/test", {})
    await receiver.until(lambda it: len(it.taken) == 2)
    assert is_signed(receiver.taken[1], newest)
    assert not is_signed(receiver.taken[1], new)


async def test_address_secret_and_bodies_are_sealed_and_in_no_log(
    clients: Clients, receiver: Receiver
) -> None:
    user = await clients.sign_up()
    once = {"Idempotency-Key": "hook"}
    answer = await user.ask("POST", "/v1/webhooks", {"url": receiver.url}, once)
    again = await user.ask("POST", "/v1/webhooks", {"url": receiver.url}, once)
    hook = answer.body
    assert again.body == {**hook, "secret": None}
    await user.ask("POST", f"/v1/webhooks/{hook['id']}/test", {})
    await receiver.until(lambda it: bool(it.taken))
    async with clients.world.rows() as rows:
        row = await rows.fetchrow("select * from app.webhooks where id = $1", hook["id"])
        sent = await rows.fetchrow(
            "select * from app.webhook_deliveries where webhook_id = $1", hook["id"]
        )
    assert row["url"].startswith(PREFIX)
    assert row["secret"].startswith(PREFIX)
    assert sent["body"].startswith(PREFIX)
    assert hook["secret"] not in clients.world.node_log.read_text()
    assert "/hooks" not in clients.world.node_log.read_text()


async def test_other_peoples_webhooks_are_not_there(clients: Clients, receiver: Receiver) -> None:
    user, stranger = await clients.sign_up(), await clients.sign_up()
    hook = await made(user, receiver)
    path = f"/v1/webhooks/{hook['id']}"
    sent = await user.ask("POST", f"{path}/test", {})
    assert (await stranger.get("/v1/webhooks"))["webhooks"] == []
    for method, where, body in (
        ("GET", path, None), ("PATCH", path, {"enabled": False}), ("DELETE", path, None),
        ("POST", f"{path}/rotate", {}), ("POST", f"{path}/test", {}),
        ("GET", f"{path}/deliveries", None),
        ("POST", f"{path}/deliveries/{sent.body['id']}/resend", {}),
    ):  # fmt: skip
        assert (await stranger.ask(method, where, body)).status == 404, where
    assert (await user.ask("DELETE", path)).body == {"id": hook["id"]}
    assert (await user.ask("GET", path)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://example.com/"},
        {"url": "https://u:p@example.com/"},
        {"url": "https://example.com/", "types": ["call.never"]},
        {"url": ""},
        {"url": "https://example.com/\x00"},
        {"url": "https://" + "a" * 3000},
    ],
)
async def test_what_makes_no_webhook_is_refused(clients: Clients, body: dict[str, Any]) -> None:
    user = await clients.sign_up()
    answer = await user.ask("POST", "/v1/webhooks", body)
    assert (answer.status, answer.body["code"]) == (400, "bad_request")
