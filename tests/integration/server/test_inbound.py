"""People call our number: known users talk within their plan, everybody else hears why not."""

import asyncio
import secrets
import uuid

import asyncpg

from sandbox.core.settings import NUMBERS
from tests.integration.server.carrier import Carrier, sound, started
from tests.support.client import Clients, Json, User
from tests.support.node import World
from tests.support.patience import patience
from tests.support.people import HANGS_UP, after, human, new_number, says

VOICE, STATUS = "/webhooks/twilio/inbound-voice", "/webhooks/twilio/inbound-voice-status"
PROVEN = {"StirVerstat": "TN-Validation-Passed-A"}


async def known(clients: Clients, number: str) -> User:
    """A user on the free plan, one call a month, whose own number this is."""
    user = await clients.sign_up_with(number)
    await user.get("/v1/me")
    return user


async def calls_in(clients: Clients, number: str) -> str:
    call = await clients.sandbox.send("POST", "/world/calls", {"from": number, "to": NUMBERS[0]})
    return str(call["sid"])


async def over(clients: Clients, sid: str) -> Json:
    """The call as the carrier saw it, once it is over there."""
    async with patience():
        while (call := await clients.sandbox.call(sid))["duration_seconds"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # polls a condition with a deadline
    return call


async def usage(user: User) -> tuple[int, int]:
    calls = (await user.get("/v1/usage"))["calls"]
    return calls["used"], calls["reserved"]


async def test_a_known_user_talks_within_the_plan(clients: Clients) -> None:
    number = await clients.sandbox.add(human(after(2500), says("Goodbye."), after(300), HANGS_UP))
    user = await known(clients, number)
    async with user.live() as dashboard:
        sid = await calls_in(clients, number)
        first = (await dashboard.until(lambda one: one.get("type") == "call.initiating"))["data"]
        call = first["call"]
        assert (call["direction"], call["status"]) == ("inbound", "ringing")
        assert (call["user_phone_number"], call["twilio_call_sid"]) == (number, sid)
        await dashboard.until_status(call["id"], "talking")
        ended = await dashboard.until_over(call["id"])
    assert (ended["status"], ended["end_reason"]) == ("ended", "caller_hung_up")
    assert ended["answered_time"] is not None
    assert ended["answered_by"] is None
    told = [one["type"] for one in dashboard.events("call.")]
    assert told[:3] == ["call.initiating", "call.answered", "call.talking"]
    for direction, found in (("inbound", [call["id"]]), ("outbound", [])):
        page = await user.get(f"/v1/calls?direction={direction}")
        assert [one["id"] for one in page["calls"]] == found
    assert await usage(user) == (1, 0)
    turns = (await user.get(f"/v1/calls/{call['id']}/transcript"))["turns"]
    assert "computer voice" in turns[0]["spoken"]
    seen = await over(clients, sid)
    assert seen["alerts"] == []
    form = {
        "CallSid": f"CA{secrets.token_hex(16)}",
        "From": number,
        "CallStatus": "ringing",
        **PROVEN,
    }
    again = await Carrier(clients).post(VOICE, form)
    assert b"plan are used up" in again.body
    assert len((await user.get("/v1/calls"))["calls"]) == 1
    assert await usage(user) == (1, 0)


async def test_strangers_hear_a_sentence_and_who_insists_a_busy_line(clients: Clients) -> None:
    carrier, number = Carrier(clients), new_number()
    forms = [{"CallSid": f"CA{secrets.token_hex(16)}", "From": number, **PROVEN} for _ in range(11)]
    answers = [await carrier.post(VOICE, form) for form in forms]
    assert [b"<Reject" in answer.body for answer in answers] == [False] * 10 + [True]
    repeated = await carrier.post(VOICE, forms[0])
    assert b"do not know your number" in repeated.body, "the same call is not counted twice"
    assert {answer.status for answer in answers} == {200}
    logs = clients.world.node_log.read_text()
    assert number not in logs
    forged = await carrier.post(VOICE, forms[0], ["nonsense"])
    assert forged.status == 403


async def test_a_repeated_webhook_is_one_call_whose_sound_may_come_by_either_token(
    clients: Clients,
) -> None:
    carrier, number = Carrier(clients), new_number()
    user = await known(clients, number)
    form = {
        "CallSid": f"CA{secrets.token_hex(16)}",
        "From": number,
        "CallStatus": "ringing",
        **PROVEN,
    }
    first, second = [await carrier.post(VOICE, form) for _ in range(2)]
    tokens = [
        answer.body.split(b'value="')[1].split(b'"')[0].decode() for answer in (first, second)
    ]
    (call,) = (await user.get("/v1/calls"))["calls"]
    assert call["status"] == "ringing"
    assert await usage(user) == (0, 1)
    async with carrier.media() as socket, user.live() as dashboard:
        await socket.send(started(tokens[1], form["CallSid"]))
        await socket.send(sound())
        await dashboard.until_status(call["id"], "talking")
        ended = {**form, "CallStatus": "completed", "CallDuration": "2"}
        for _ in range(2):
            assert (await carrier.post(STATUS, ended)).status == 204
        over = await dashboard.until_over(call["id"])
    assert (over["status"], over["duration_seconds"]) == ("ended", 2)
    assert await usage(user) == (1, 0)
    late = await carrier.post(VOICE, form)
    assert b"<Hangup" in late.body


async def test_who_is_gone_before_there_was_sound_is_not_counted_but_texted(
    clients: Clients, world: World
) -> None:
    carrier, number = Carrier(clients), new_number()
    user = await known(clients, number)
    for count, told in enumerate((["no-answer"], ["in-progress", "completed"]), 1):
        form = {
            "CallSid": f"CA{secrets.token_hex(16)}",
            "From": number,
            "CallStatus": "ringing",
            **PROVEN,
        }
        async with user.live() as dashboard:
            await carrier.post(VOICE, form)
            call = (await user.get("/v1/calls"))["calls"][0]
            for status in told:
                await carrier.post(STATUS, {**form, "CallStatus": status})
            ended = await dashboard.until_over(call["id"])
        assert ended["status"] == ("no_answer" if count == 1 else "ended")
        assert await usage(user) == (0, 0)
        async with world.rows() as connection:
            assert await missed(connection, user.id) == count


async def missed(connection: asyncpg.Connection, user_id: uuid.UUID) -> int:
    found: int = await connection.fetchval(
        "select count(*) from app.pgqueuer where entrypoint = 'missed_call'"
        " and convert_from(payload, 'UTF8') like $1 || '/%'", str(user_id),
    )  # fmt: skip
    return found
