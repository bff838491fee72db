"""Calls by the carrier's own SDK: REST, status callbacks, TwiML and webhooks."""

from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.core.settings import NUMBERS
from tests.integration.sandbox.world import ALL_EVENTS, PERSON, SDK_WARNINGS, twilio, world
from tests.support.patience import patience

pytestmark = SDK_WARNINGS
HANG_UP = "<Response><Hangup/></Response>"
BRIEF = [{"after_ms": 400}, {"hang_up": True}]
HOLD = "<Response><Pause length='30'/></Response>"


async def test_an_answered_call_tells_its_whole_life_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = HANG_UP
        await w.add_person()
        created = await client.calls.create_async(
            to=PERSON, from_=NUMBERS[0], url=f"{w.product.origin}/voice?a=b%20c",
            status_callback=f"{w.product.origin}/status", status_callback_event=ALL_EVENTS,
        )  # fmt: skip
        assert created.status == "queued"
        assert created.duration is None
        assert created.direction == "outbound-api"
        await w.over(created.sid)
        told = sorted(w.product.got("/status"), key=lambda params: int(params["SequenceNumber"]))
        assert [params["CallStatus"] for params in told] == [
            "initiated", "ringing", "in-progress", "completed",
        ]  # fmt: skip
        assert [params["SequenceNumber"] for params in told] == ["0", "1", "2", "3"]
        assert told[-1]["SipResponseCode"] == "200"
        assert told[-1]["Duration"] == "1"
        assert told[0]["Timestamp"].endswith("+0000")
        assert told[0]["CallbackSource"] == "call-progress-events"
        (voice,) = w.product.got("/voice")
        assert voice["CallStatus"] == "in-progress"
        assert "AnsweredBy" not in voice
        assert w.product.unsigned == []
        fetched = await client.calls(created.sid).fetch_async()
        assert (fetched.status, fetched.duration, fetched.price_unit) == ("completed", "1", "USD")


async def test_only_the_subscribed_events_are_sent_and_counted(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(answers="busy")
        sid = await w.place(client, status_callback_event=["completed"])
        await w.over(sid)
        (told,) = w.product.got("/status")
        assert (told["CallStatus"], told["SequenceNumber"]) == ("busy", "0")
        assert (told["CallDuration"], told["Duration"], told["SipResponseCode"]) == (
            "0",
            "0",
            "486",
        )


@pytest.mark.parametrize(
    ("person", "fields", "status"),
    [
        ({"answers": "no-answer"}, {"timeout": 1}, "no-answer"),
        ({"answers": "failed"}, {}, "failed"),
        ({"number": "+12025550151"}, {}, "failed"),
    ],
)
async def test_calls_nobody_answers_end_as_the_network_says(
    tmp_path: Path, person: dict[str, Any], fields: dict[str, Any], status: str
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(**person)
        call = await w.over(await w.place(client, **fields))
        assert call["status"] == status
        assert w.product.got("/voice") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "12"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"from_": "nobody"}, 21212),
        ({"from_": "+12025550111"}, 21210),
        ({"url": "not a url"}, 21205),
        ({"url": ""}, 21205),
        ({"status_callback": "http://under_score.example/"}, 21609),
        ({"timeout": 601}, 20001),
        ({"machine_detection": "Perhaps"}, 20001),
    ],
)
async def test_a_bad_request_is_refused_with_the_carriers_code(
    tmp_path: Path, fields: dict[str, Any], code: int
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        with pytest.raises(TwilioRestException) as refused:
            await w.place(client, **fields)
        assert (refused.value.status, refused.value.code) == (400, code)
        assert (await w.get("/world"))["calls"] == []


async def test_a_wrong_token_and_an_unknown_call_are_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        async with twilio(w.base_url, token="wrong") as client:
            with pytest.raises(TwilioRestException) as refused:
                await w.place(client)
            assert (refused.value.status, refused.value.code) == (401, 20003)
        async with twilio(w.base_url) as client:
            with pytest.raises(TwilioRestException) as refused:
                await client.calls("CA" + "0" * 32).fetch_async()
            assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_an_update_redirects_then_ends_the_call_and_then_comes_too_late(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents |= {"/voice": HOLD, "/next": HOLD}
        await w.add_person()
        sid = await w.place(client)
        await w.product.wait_for("/voice")
        await client.calls(sid).update_async(url=f"{w.product.origin}/next")
        await w.product.wait_for("/next")
        await client.calls(sid).update_async(status="completed")
        call = await w.over(sid)
        assert call["status"] == "completed"
        with pytest.raises(TwilioRestException) as refused:
            await client.calls(sid).update_async(twiml=HANG_UP)
        assert (refused.value.status, refused.value.code) == (400, 21220)


async def test_a_call_that_is_connected_to_another_number_has_a_call_of_that_number(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        on = "<Response><Dial><Number>+12025550177</Number></Dial></Response>"
        w.product.documents |= {"/voice": HOLD, "/next": on}
        await w.add_person()
        sid = await w.place(client)
        await w.product.wait_for("/voice")
        calls = client.calls
        assert await calls.list_async(parent_call_sid=sid) == []
        await calls(sid).update_async(url=f"{w.product.origin}/next")
        async with patience():
            while not (children := await calls.list_async(parent_call_sid=sid)):
                pass
        (child,) = children
        assert (child.to, child.direction) == ("+12025550177", "outbound-dial")
        assert [each.sid for each in await calls.list_async()] == [sid]


async def test_a_ringing_call_can_be_canceled_but_not_redirected(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(rings_seconds=30)
        sid = await w.place(client)
        with pytest.raises(TwilioRestException) as refused:
            await client.calls(sid).update_async(twiml=HANG_UP)
        assert refused.value.code == 21220
        await client.calls(sid).update_async(status="canceled")
        assert (await w.over(sid))["status"] == "canceled"


async def test_calls_are_listed_by_filter_and_page(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(answers="busy")
        sids = [await w.place(client) for _ in range(3)]
        first = await client.calls(sids[0]).fetch_async()
        found = await client.calls.list_async(to=PERSON, page_size=2)
        assert [call.sid for call in found] == sids[::-1]
        assert await client.calls.list_async(to="+12025550100") == []
        await w.over(sids[0])
        busy = await client.calls.list_async(status="busy", start_time_after=first.date_created)
        assert sids[0] in {call.sid for call in busy}


async def test_a_document_that_fails_is_replaced_by_the_fallback(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.statuses["/voice"] = 500
        w.product.documents["/fallback"] = HANG_UP
        await w.add_person()
        call = await w.over(await w.place(client, fallback_url=f"{w.product.origin}/fallback"))
        (asked,) = w.product.got("/fallback")
        assert asked["ErrorCode"] == "11200"
        assert len(w.product.got("/voice")) == 1
        assert [alert["fields"]["code"] for alert in call["alerts"]] == [11200]


async def test_a_document_that_is_no_xml_ends_the_call_after_an_announcement(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = "<Response>"
        await w.add_person()
        call = await w.over(await w.place(client))
        assert (call["status"], call["duration_seconds"]) == ("completed", 4)
        assert call["alerts"][0]["fields"]["code"] == 12100


async def test_a_document_over_64_kb_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = f"<Response><Say>{'x' * 65536}</Say></Response>"
        await w.add_person(steps=BRIEF)
        call = await w.over(await w.place(client))
        assert call["alerts"][0]["fields"]["code"] == 11750


async def test_retries_happen_only_where_the_url_asks_and_keep_their_token(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.statuses["/voice"] = 503
        await w.add_person(steps=BRIEF)
        await w.over(await w.place(client, url=f"{w.product.origin}/voice#rc=2&rp=ct,5xx"))
        tokens = {
            headers["I-Twilio-Idempotency-Token"]
            for path, _, headers in w.product.received
            if path == "/voice"
        }
        assert len(w.product.got("/voice")) == 3
        assert len(tokens) == 1
        assert w.product.unsigned == []


async def test_nobody_listening_is_tried_twice_and_ends_in_an_application_error(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(steps=BRIEF)
        call = await w.over(await w.place(client, url="http://127.0.0.1:9/voice"))
        (asked,) = [
            entry["fields"]
            for entry in call["timeline"]
            if entry["event"] == "webhook" and entry["fields"]["url"].endswith("/voice")
        ]
        assert (asked["status"], asked["attempts"]) == (0, 2)
        assert call["alerts"][0]["fields"]["code"] == 11205


async def test_asynchronous_detection_sends_exactly_four_fields(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = HOLD
        verdict = {"answered_by": "machine_start", "after_ms": 300}
        await w.add_person(amd={"enable": verdict})
        sid = await w.place(
            client, machine_detection="Enable", async_amd="true",
            async_amd_status_callback=f"{w.product.origin}/amd",
        )  # fmt: skip
        (told,) = await w.product.wait_for("/amd")
        assert set(told) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
        assert told["AnsweredBy"] == "machine_start"
        assert int(told["MachineDetectionDuration"]) >= 290
        assert "AnsweredBy" not in w.product.got("/voice")[0]
        assert (await client.calls(sid).fetch_async()).answered_by == "machine_start"


async def test_synchronous_detection_holds_the_document_back_until_the_verdict(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = HANG_UP
        verdict = {"answered_by": "machine_end_beep", "after_ms": 100, "counted_from": "greeting"}
        steps = [{"after_ms": 200}, {"beep_ms": 100}, {"greeting_ends": True}]
        await w.add_person(amd={"detect_message_end": verdict}, steps=steps)
        call = await w.over(await w.place(client, machine_detection="DetectMessageEnd"))
        assert w.product.got("/voice")[0]["AnsweredBy"] == "machine_end_beep"
        times = {entry["event"]: entry["at_ms"] for entry in call["timeline"]}
        assert times["amd_verdict"] - times["answered"] >= 390


async def test_faults_strike_as_told_and_the_lost_call_is_really_made(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(answers="busy")
        await w.set_faults(create_call="429")
        with pytest.raises(TwilioRestException) as refused:
            await w.place(client)
        assert (refused.value.status, refused.value.code) == (429, 20429)
        assert (await w.get("/world"))["calls"] == []
        await w.set_faults(create_call="500_after_commit", duplicate_callbacks=1.0)
        with pytest.raises(TwilioRestException) as refused:
            await w.place(client, status_callback_event=["completed"])
        assert refused.value.status == 500
        told = await w.product.wait_for("/status", 2)
        assert told[0] == told[1]
        assert len((await w.get("/world"))["calls"]) == 1


async def test_ringing_can_go_missing_and_the_verdict_can_come_first(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = HANG_UP
        await w.add_person()
        await w.set_faults(skip_ringing=True, amd_before_stream=True)
        sid = await w.place(
            client, machine_detection="Enable", async_amd="true",
            async_amd_status_callback=f"{w.product.origin}/amd",
        )  # fmt: skip
        await w.over(sid)
        paths = [path for path, _, _ in w.product.received]
        assert paths.index("/amd") < paths.index("/voice")
        statuses = {params["CallStatus"] for params in w.product.got("/status")}
        assert statuses == {"initiated", "in-progress", "completed"}
