"""Texts over the public interfaces: REST, signed webhooks, the live socket, real processes."""

import asyncio
import secrets
from typing import Any

import pytest

from tests.integration.server.carrier import Carrier
from tests.support.client import Clients, Json, User, fold
from tests.support.node import World
from tests.support.people import new_number

FORM = {"AccountSid": "AC" + "0" * 32, "To": "+12025550199", "NumMedia": "0", "NumSegments": "1"}


def text(body: str, sender: str, **more: str) -> dict[str, str]:
    sid = f"SM{secrets.token_hex(16)}"
    return {**FORM, "MessageSid": sid, "SmsSid": sid, "From": sender, "Body": body, **more}


async def begin(user: User, number: str, topic: str = "baking bread") -> str:
    body = {"topic": topic, "phone_number": number, "consent": "I agree to get texts."}
    answer = await user.ask("POST", "/v1/conversations", body)
    assert answer.status == 201, answer
    return str(answer.body["id"])


async def add(clients: Clients, *replies: Json, **texts: Any) -> str:
    number = new_number()
    person = {"name": "somebody", "number": number, "texts": {"replies": list(replies), **texts}}
    return await clients.sandbox.add(person)


async def test_a_whole_conversation_is_shown_live_and_counted_once(clients: Clients) -> None:
    number = await add(
        clients,
        {"say": ["Hi!", "What is it about?"], "after_ms": 10, "apart_ms": 50},
        {"say": "Thanks, that helps. Goodbye!", "after_ms": 10},
    )
    user = await clients.sign_up()
    async with user.live() as dashboard:
        conversation = await begin(user, number)

        def last_delivered(message: Json) -> bool:
            data = message.get("data") or {}
            return message.get("type") == "sms.delivered" and (
                data["conversation"]["status"] == "ended"
            )

        await dashboard.until(last_delivered)
        thread = await user.get(f"/v1/conversations/{conversation}")
        state = fold(dashboard.messages)
    assert [(one["direction"], one["type"]) for one in thread["messages"]] == [
        ("outbound", "ai"), ("inbound", "user"), ("inbound", "user"), ("outbound", "ai"),
        ("inbound", "user"), ("outbound", "ai"),
    ]  # fmt: skip
    row = thread["conversation"]
    assert (row["message_count"], row["current_exchange"], row["end_reason"]) == (6, 2, "goodbye")
    assert state["conversations"][conversation] == row
    assert state["messages"][conversation] == thread["messages"]
    usage = (await user.get("/v1/usage"))["texts"]
    assert (usage["used"], usage["reserved"]) == (1, 0)


async def test_a_socket_opened_later_is_shown_the_same(clients: Clients) -> None:
    number = await add(clients, {"say": "Hello!", "after_ms": 10})
    user = await clients.sign_up()
    async with user.live() as dashboard:
        conversation = await begin(user, number)
        await dashboard.until(
            lambda message: (
                message.get("type") == "sms.delivered"
                and message["data"]["conversation"]["message_count"] == 3
            )
        )
        state = fold(dashboard.messages)
    async with user.live() as late:
        await late.until(lambda message: message["op"] == "snapshot")
        seen = fold(late.messages)
    assert seen["conversations"][conversation] == state["conversations"][conversation]
    assert seen["messages"][conversation] == state["messages"][conversation]


async def test_commands_text_pause_and_resume_once_per_id(clients: Clients) -> None:
    number = await add(clients)
    user = await clients.sign_up()
    async with user.live() as dashboard:
        ack = await dashboard.command(
            "conv.start", topic="tea", to=number, consent="I agree to get texts."
        )
        conversation = ack["data"]["conversation"]["id"]
        await dashboard.until(lambda message: message.get("type") == "sms.sent")
        acks = [
            await dashboard.command("sms.send", "same-id", conv=conversation, text="Hello there.")
            for _ in range(2)
        ]
        assert acks[0]["data"] == acks[1]["data"]
        told = await dashboard.until(lambda message: message.get("cause") == "same-id")
        assert told["type"] == "sms.queued"
        for name, status in (("conv.pause", "paused"), ("conv.resume", "active"),
                             ("conv.end", "ended")):  # fmt: skip
            ack = await dashboard.command(name, conv=conversation)
            assert ack["data"]["conversation"]["status"] == status
        refused = await dashboard.command("sms.send", conv=conversation, text="More?")
        assert refused["error"]["code"] == "wrong_state"
    thread = await user.get(f"/v1/conversations/{conversation}")
    assert [one["message_text"] for one in thread["messages"]][1:] == ["Hello there."]


async def test_a_command_for_what_has_moved_on_is_refused_with_where_it_is(
    clients: Clients,
) -> None:
    user, number = await clients.sign_up(), await add(clients)
    async with user.live() as dashboard:
        conversation = await begin(user, number)
        await dashboard.until(lambda message: message.get("type") == "sms.delivered")
        rev = dashboard.events("sms.")[-1]["rev"]
        refused = await dashboard.command("conv.pause", if_rev=rev - 1, conv=conversation)
        assert refused["error"]["code"] == "stale_rev"
        assert refused["error"]["extra"] == {"rev": rev}
        assert (await dashboard.command("conv.pause", if_rev=rev, conv=conversation))["ok"]


async def test_consent_is_put_on_record_seen_and_withdrawn(clients: Clients) -> None:
    user, number = await clients.sign_up(), await add(clients)
    given = {"phone_number": number, "wording": "Yes, text me."}
    answer = await user.ask("POST", "/v1/consents", given)
    assert answer.status == 201
    [record] = answer.body["consents"]
    assert (record["address"], record["wording"], record["withdrawn_at"]) == (
        number, "Yes, text me.", None,
    )  # fmt: skip
    answer = await user.ask("POST", "/v1/consents/withdraw", {"phone_number": number})
    assert answer.body["consents"][0]["withdrawn_at"] is not None
    body = {"topic": "tea", "phone_number": number}
    assert (await user.ask("POST", "/v1/conversations", body)).status == 403
    await user.ask("POST", "/v1/consents", given)
    assert (await user.ask("POST", "/v1/conversations", body)).status == 201
    other = await clients.sign_up()
    assert (await other.get("/v1/consents"))["consents"] == []


async def test_other_peoples_conversations_are_not_there(clients: Clients) -> None:
    user, other = await clients.sign_up(), await clients.sign_up()
    conversation = await begin(user, await add(clients))
    for method, path, body in (
        ("GET", "", None), ("POST", "/messages", {"text": "hi"}), ("POST", "/pause", {}),
        ("POST", "/resume", {}), ("POST", "/end", {}),
    ):  # fmt: skip
        answer = await other.ask(method, f"/v1/conversations/{conversation}{path}", body)
        assert answer.status == 404, (method, path)
    assert (await other.get("/v1/conversations"))["conversations"] == []
    [mine] = (await user.get("/v1/conversations"))["conversations"]
    assert mine["id"] == conversation


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"topic": ""}, 400, "bad_request"),
        ({"topic": "x" * 300, "phone_number": "+12025550111"}, 400, "bad_request"),
        ({"topic": "tea", "phone_number": "12"}, 422, "invalid_number"),
        ({"topic": "tea"}, 422, "number_required"),
        ({"topic": "tea", "phone_number": "+12025550111"}, 403, "consent_required"),
        ({"topic": "tea", "phone_number": "+12025550111", "consent": ""}, 400, "bad_request"),
        ({"topic": "tea", "phone_number": "+442071838750", "consent": "yes"}, 422,
         "country_not_allowed"),
        ({"topic": "tea", "surprise": 1}, 400, "bad_request"),
    ],
)  # fmt: skip
async def test_a_bad_wish_for_a_conversation_is_refused_with_its_reason(
    clients: Clients, body: Json, status: int, code: str
) -> None:
    user = await clients.sign_up()
    answer = await user.ask("POST", "/v1/conversations", body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert (await user.get("/v1/usage"))["texts"]["reserved"] == 0


async def test_a_text_that_was_kept_is_answered_with_nothing_and_kept_once(
    clients: Clients,
) -> None:
    carrier, number = Carrier(clients), await add(clients)
    user = await clients.sign_up()
    conversation = await begin(user, number)
    form = text("Hello?", number)
    answers = await asyncio.gather(*(carrier.post("/webhooks/twilio/sms", form) for _ in range(5)))
    for answer in answers:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/xml")
        assert b"<Message>" not in answer.body
    thread = await user.get(f"/v1/conversations/{conversation}")
    assert [one["message_text"] for one in thread["messages"]].count("Hello?") == 1


async def test_a_stranger_is_answered_politely_and_once(clients: Clients) -> None:
    carrier, number = Carrier(clients), new_number()
    answers = [
        await carrier.post("/webhooks/twilio/sms", text("Who is this?", number)) for _ in range(2)
    ]
    assert [b"no open conversation" in answer.body for answer in answers] == [True, False]


@pytest.mark.parametrize("path", ["/webhooks/twilio/sms", "/webhooks/twilio/sms-status"])
@pytest.mark.parametrize("signatures", [[], ["forged"], [""]])
async def test_a_forged_webhook_learns_nothing(
    clients: Clients, path: str, signatures: list[str]
) -> None:
    form = text("Hello?", new_number()) | {"MessageStatus": "delivered"}
    answer = await Carrier(clients).post(path, form, signatures)
    assert answer.status == 403


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": "nonsense", "From": "+12025550111", "Body": "x"},
        {"MessageSid": "SM" + "0" * 32, "Body": "no sender"},
    ],
)
async def test_a_signed_webhook_without_sense_is_a_bad_request(
    clients: Clients, form: dict[str, str]
) -> None:
    answer = await Carrier(clients).post("/webhooks/twilio/sms", form)
    assert answer.status == 400


@pytest.mark.parametrize(
    "body", ["", "x" * 10_000, "\u202e \ud83d\ude00", "ünïcödé", "' or 1=1; --", "<script>"]
)
async def test_any_body_is_kept_as_it_is_up_to_the_longest_there_is(
    clients: Clients, body: str
) -> None:
    carrier, number = Carrier(clients), await add(clients)
    user = await clients.sign_up()
    conversation = await begin(user, number)
    body = body.encode("utf-16", "surrogatepass").decode("utf-16")
    assert (await carrier.post("/webhooks/twilio/sms", text(body, number))).status == 200
    thread = await user.get(f"/v1/conversations/{conversation}")
    kept = [one["message_text"] for one in thread["messages"] if one["direction"] == "inbound"]
    assert kept == [body[:1600]]


async def test_what_no_voice_and_no_xml_can_carry_is_left_out_of_a_text(clients: Clients) -> None:
    carrier, number = Carrier(clients), await add(clients)
    user = await clients.sign_up()
    conversation = await begin(user, number)
    assert (await carrier.post("/webhooks/twilio/sms", text("be\u0007ll", number))).status == 200
    thread = await user.get(f"/v1/conversations/{conversation}")
    kept = [one["message_text"] for one in thread["messages"] if one["direction"] == "inbound"]
    assert kept == ["bell"]


async def test_a_nul_in_a_text_is_left_out_and_the_text_is_kept(clients: Clients) -> None:
    carrier, number = Carrier(clients), await add(clients)
    user = await clients.sign_up()
    conversation = await begin(user, number)
    form = text("Yes,\x00 please", number) | {"FromCity": "\x00"}
    assert (await carrier.post("/webhooks/twilio/sms", form)).status == 200
    thread = await user.get(f"/v1/conversations/{conversation}")
    kept = [one["message_text"] for one in thread["messages"] if one["direction"] == "inbound"]
    assert kept == ["Yes, please"]


async def test_an_unreachable_phone_is_explained(clients: Clients) -> None:
    number = await add(clients, delivery="undelivered", error_code=30003, delay_ms=10)
    user = await clients.sign_up()
    async with user.live() as dashboard:
        await begin(user, number)
        told = await dashboard.until(lambda message: message.get("type") == "sms.failed")
    assert told["data"]["message"]["error"] == {
        "code": 30003, "message": "The phone is switched off or out of reach.",
    }  # fmt: skip


async def test_callbacks_that_come_twice_late_and_shuffled_change_nothing(
    clients: Clients, world: World
) -> None:
    chaos = {"duplicate_callbacks": 0.8, "reorder_callbacks": 0.5, "callback_delay_ms": [0, 60]}
    number = new_number()
    replies = [{"say": f"Line {line}.", "after_ms": 10} for line in range(3)]
    await clients.sandbox.add(
        {"name": "chaos", "number": number, "faults": chaos,
         "texts": {"replies": replies, "delay_ms": 10}}
    )  # fmt: skip
    user = await clients.sign_up()
    async with user.live() as dashboard:
        conversation = await begin(user, number)
        await dashboard.until(
            lambda message: (
                message.get("type") == "sms.delivered"
                and message["data"]["conversation"]["message_count"] == 7
                and message["data"]["message"]["message_text"] != ""
                and _all_delivered(dashboard.messages, conversation)
            )
        )
        events = dashboard.events("sms.")
    seen = [(event["type"], event["data"]["message"]["id"]) for event in events]
    assert len(seen) == len(set(seen)), "nothing is told twice"
    thread = await user.get(f"/v1/conversations/{conversation}")
    assert [one["status"] for one in thread["messages"] if one["direction"] == "outbound"] == [
        "delivered"
    ] * 4


def _all_delivered(messages: list[Json], conversation: str) -> bool:
    delivered = {
        message["data"]["message"]["id"]
        for message in messages
        if message.get("type") == "sms.delivered" and message["subject"] == f"conv:{conversation}"
    }
    return len(delivered) == 4
