"""Webhooks from outside: only the carrier is listened to, and only to what makes sense."""

import asyncio

import pytest

from tests.integration.server.bad_requests import BAD_WEBHOOKS, BadWebhook
from tests.integration.server.carrier import Carrier
from tests.support.client import Clients

NOWHERE = "00000000-0000-4000-8000-000000000000"
KINDS = ("voice", "status", "amd", "connect")


@pytest.mark.parametrize("kind", KINDS)
async def test_only_one_good_signature_is_accepted(clients: Clients, kind: str) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    path = f"/webhooks/twilio/{kind}/{call.id}"
    fields = {"CallSid": call.sid, "CallStatus": "completed", "AnsweredBy": "fax"}
    good = carrier.sign(path, fields)
    elsewhere = carrier.sign(f"/webhooks/twilio/{kind}/{NOWHERE}", fields)
    other_fields = carrier.sign(path, {**fields, "CallStatus": "ringing"})
    before = len(clients.world.logged("webhook_refused", reason="signature"))
    wrong: list[list[str]] = [
        [],
        [""],
        ["forged"],
        [good, good],
        [elsewhere],
        [other_fields],
        [f"{good},{good}"],
    ]
    for signatures in wrong:
        assert (await carrier.post(path, fields, signatures)).status == 403
    refused = clients.world.logged("webhook_refused", reason="signature")
    assert len(refused) - before == len(wrong)
    assert (await call.now())["status"] == "ringing"
    assert (await call.hang_up()).status == 200


@pytest.mark.parametrize("bad", BAD_WEBHOOKS, ids=lambda bad: bad.name)
async def test_a_signed_webhook_that_cannot_be_read_changes_nothing(
    clients: Clients, bad: BadWebhook
) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    before = await call.now()
    answer = await carrier.post(f"/webhooks/twilio/{bad.kind}/{call.id}", bad.fields)
    assert answer.status == bad.status
    assert await call.now() == before
    assert (await call.hang_up()).status == 200


async def test_a_call_nobody_knows_is_recorded_and_otherwise_nothing(clients: Clients) -> None:
    carrier = Carrier(clients)
    sid = "CA" + "e" * 32
    fields = {"CallSid": sid, "CallStatus": "completed", "AnsweredBy": "human"}
    for kind in ("status", "amd"):
        assert (await carrier.post(f"/webhooks/twilio/{kind}/{NOWHERE}", fields)).status == 204
    for kind in ("voice", "connect"):
        reply = await carrier.post(f"/webhooks/twilio/{kind}/{NOWHERE}", fields)
        assert b"<Hangup" in reply.body
    assert clients.world.logged("webhook_of_no_call", call_id=NOWHERE)
    async with clients.world.rows() as connection:
        kept = await connection.fetchval(
            "select count(*) from app.inbox where key like $1", f"{sid}%"
        )
    assert kept == 2


async def test_the_same_status_a_hundred_times_is_one_event(clients: Clients) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    path = f"/webhooks/twilio/status/{call.id}"
    fields = {"CallSid": call.sid, "CallStatus": "in-progress", "CallDuration": "9" * 5000}
    answers = await asyncio.gather(*(carrier.post(path, fields) for _ in range(100)))
    assert {answer.status for answer in answers} == {204}
    async with call.user.live() as dashboard:
        assert (await call.hang_up()).status == 200
        await dashboard.until_over(call.id)
    journal = (await call.user.get(f"/v1/calls/{call.id}/journal"))["events"]
    told = [line["event"] for line in journal if line["event"]["type"] == "carrier_status"]
    assert [event["status"] for event in told].count("in-progress") == 1
    assert (
        next(each for each in told if each["status"] == "in-progress")["duration_seconds"] is None
    )
