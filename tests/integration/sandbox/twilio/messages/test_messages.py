"""Messages by the carrier's own SDK: REST, delivery, status callbacks and faults."""

from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.core.settings import ACCOUNT_SID, NUMBERS
from tests.integration.sandbox.world import PERSON, SDK_WARNINGS, twilio, world

pytestmark = SDK_WARNINGS
PROMPT = {"delay_ms": 0}
ALL_FIELDS = {
    "AccountSid", "ApiVersion", "From", "To", "MessageSid", "MessageStatus", "SmsSid", "SmsStatus",
}  # fmt: skip


async def test_a_text_is_queued_then_sent_then_delivered_and_the_product_is_told(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=PROMPT)
        created = await client.messages.create_async(
            to=PERSON, from_=NUMBERS[0], body="Hello €" * 23,
            status_callback=f"{w.product.origin}/sms-status?a=b%20c#rc=2",
        )  # fmt: skip
        assert (created.status, created.direction) == ("queued", "outbound-api")
        assert (created.num_segments, created.num_media) == ("2", "0")
        assert created.sid.startswith("SM")
        assert (created.date_sent, created.price, created.error_code) == (None, None, None)
        told = await w.product.wait_for("/sms-status", 2)
        by_status = {params["MessageStatus"]: params for params in told}
        assert set(by_status) == {"sent", "delivered"}
        assert set(by_status["sent"]) == ALL_FIELDS
        assert set(by_status["delivered"]) == ALL_FIELDS | {"RawDlrDoneDate"}
        assert by_status["sent"]["SmsSid"] == by_status["sent"]["MessageSid"] == created.sid
        assert by_status["sent"]["AccountSid"] == ACCOUNT_SID
        assert len(by_status["delivered"]["RawDlrDoneDate"]) == 10
        assert w.product.unsigned == []
        fetched = await client.messages(created.sid).fetch_async()
        assert (fetched.status, fetched.price, fetched.price_unit) == (
            "delivered", "-0.01580", "USD",
        )  # fmt: skip
        assert fetched.date_sent is not None


@pytest.mark.parametrize(
    ("person", "statuses", "code"),
    [
        ({"texts": {"delivery": "undelivered", **PROMPT}}, ["sent", "undelivered"], 30003),
        ({"texts": {"delivery": "failed", "error_code": 30007}}, ["failed"], 30007),
        ({"number": "+12025550151"}, ["failed"], 30005),
    ],
)
async def test_a_text_that_does_not_arrive_says_why(
    tmp_path: Path, person: dict[str, Any], statuses: list[str], code: int
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(**person)
        sid = await w.text(client)
        told = await w.product.wait_for("/sms-status", len(statuses))
        assert sorted(params["MessageStatus"] for params in told) == sorted(statuses)
        codes = {params["MessageStatus"]: params.get("ErrorCode") for params in told}
        assert codes.pop(statuses[-1]) == str(code)
        assert set(codes.values()) <= {None}
        fetched = await client.messages(sid).fetch_async()
        assert (fetched.status, fetched.error_code) == (statuses[-1], code)
        assert fetched.error_message


async def test_a_network_that_gives_no_receipts_leaves_a_text_at_sent(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        texts = {"delivery": "sent", "delay_ms": 0, "replies": [{"say": "Got it", "after_ms": 0}]}
        await w.add_person(texts=texts)
        await w.text(client)
        await w.product.wait_for("/sms")
        seen = (await w.get("/world/texts"))[0]
        statuses = [e["fields"]["status"] for e in seen["timeline"] if e["event"] == "status"]
        assert statuses == ["queued", "sending", "sent"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "12"}, 21211),
        ({"from_": ""}, 21603),
        ({"from_": PERSON}, 21606),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "not a url"}, 21609),
    ],
)
async def test_a_bad_request_is_refused_with_the_carriers_code(
    tmp_path: Path, fields: dict[str, Any], code: int
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        with pytest.raises(TwilioRestException) as refused:
            await w.text(client, **fields)
        assert (refused.value.status, refused.value.code) == (400, code)
        assert await w.get("/world/texts") == []


async def test_a_wrong_token_and_an_unknown_message_are_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        async with twilio(w.base_url, token="wrong") as client:
            with pytest.raises(TwilioRestException) as refused:
                await w.text(client)
            assert (refused.value.status, refused.value.code) == (401, 20003)
        async with twilio(w.base_url) as client:
            with pytest.raises(TwilioRestException) as refused:
                await client.messages("SM" + "0" * 32).fetch_async()
            assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_messages_are_listed_by_filter_and_page(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=PROMPT)
        sids = [await w.text(client) for _ in range(3)]
        inbound = (await w.text_in())["sid"]
        found = await client.messages.list_async(to=PERSON, page_size=2)
        assert [message.sid for message in found] == sids[::-1]
        assert [m.sid for m in await client.messages.list_async(from_=PERSON)] == [inbound]
        await w.product.wait_for("/sms-status", 6)
        first = await client.messages(sids[0]).fetch_async()
        since = await client.messages.list_async(date_sent_after=first.date_created)
        assert {message.sid for message in since} == {*sids, inbound}
        assert await client.messages.list_async(date_sent="2020-01-01") == []
        assert await client.messages.list_async(date_sent_before="2020-01-01") == []


async def test_a_text_can_be_redacted_but_never_canceled(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=PROMPT)
        sid = await w.text(client, body="A secret")
        await w.product.wait_for("/sms-status", 2)
        assert (await client.messages(sid).update_async(body="")).body == ""
        fetched = await client.messages(sid).fetch_async()
        assert (fetched.body, fetched.status) == ("", "delivered")
        (seen,) = await w.get("/world/texts")
        assert (seen["body"], seen["redacted"]) == ("A secret", True)
        for wrong, code in (({"status": "canceled"}, 30409), ({"body": "Other"}, 20001)):
            with pytest.raises(TwilioRestException) as refused:
                await client.messages(sid).update_async(**wrong)
            assert refused.value.code == code


async def test_the_world_sees_every_callback_with_its_answer(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.statuses["/sms-status"] = 503
        await w.add_person(texts=PROMPT)
        sid = await w.text(client, media_url=["https://a.example/b.png"])
        (seen,) = await w.texts(lambda texts: len(texts[0]["callbacks"]) == 2)
        assert {key: seen[key] for key in ("sid", "from", "to", "direction", "media")} == {
            "sid": sid, "from": NUMBERS[0], "to": PERSON, "direction": "outbound-api",
            "media": ["https://a.example/b.png"],
        }  # fmt: skip
        assert sid.startswith("MM")
        assert (seen["status"], seen["error_code"]) == ("delivered", None)
        assert {told["status"]: told["http_status"] for told in seen["callbacks"]} == {
            "sent": 503, "delivered": 503,
        }  # fmt: skip
        assert {told["attempts"] for told in seen["callbacks"]} == {1}
        assert (await w.get("/world"))["texts"][0]["sid"] == sid


async def test_callbacks_come_twice_and_out_of_order_if_told_so(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=PROMPT)
        # A seed with which the first callback is held back much longer than the second.
        await w.set_faults(seed=51, reorder_callbacks=1.0, duplicate_callbacks=1.0)
        await w.text(client)
        told = await w.product.wait_for("/sms-status", 4)
        statuses = [params["MessageStatus"] for params in told]
        assert sorted(statuses) == ["delivered", "delivered", "sent", "sent"]
        assert statuses[0] == "delivered"


async def test_callbacks_can_get_lost(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=PROMPT)
        await w.set_faults(drop_sms_callbacks=1.0)
        await w.text(client)
        (seen,) = await w.texts(lambda texts: texts[0]["status"] == "delivered")
        events = [entry["event"] for entry in seen["timeline"]]
        assert events.count("callback_dropped") == 2
        assert w.product.got("/sms-status") == []


async def test_a_request_can_be_refused_or_lose_its_reply_after_the_text_is_on_its_way(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.set_faults(create_message="429", create_message_times=2)
        for _ in range(2):
            with pytest.raises(TwilioRestException) as refused:
                await w.text(client)
            assert (refused.value.status, refused.value.code) == (429, 20429)
        assert await w.get("/world/texts") == []
        await w.text(client)
        await w.set_faults(create_message="500_after_commit")
        with pytest.raises(TwilioRestException) as refused:
            await w.text(client)
        assert refused.value.status == 500
        await w.set_faults(create_message="timeout_after_commit", create_message_hold_ms=100)
        with pytest.raises(TwilioRestException) as refused:
            await w.text(client)
        assert refused.value.status == 504
        assert len(await w.get("/world/texts")) == 3


async def test_the_faults_of_one_person_are_not_those_of_the_others(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(faults={"create_message": "429"})
        await w.text(client, to="+12025550151")
        with pytest.raises(TwilioRestException) as refused:
            await w.text(client)
        assert refused.value.status == 429
        await w.text(client)
