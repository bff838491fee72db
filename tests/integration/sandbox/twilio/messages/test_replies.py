"""People who text: replies, texts from outside, the product's answers and opting out."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.core.settings import ACCOUNT_SID, NUMBERS
from tests.integration.sandbox.world import (
    PERSON,
    SDK_WARNINGS,
    Product,
    World,
    sandbox,
    twilio,
    world,
)

pytestmark = SDK_WARNINGS
OURS = NUMBERS[0]


def replies(*says: str | list[str], **first: Any) -> dict[str, Any]:
    written = [{"say": say, "after_ms": 0, "apart_ms": 50} for say in says]
    return {"delay_ms": 0, "replies": [written[0] | first, *written[1:]]}


def answer(w: World, twiml: str) -> None:
    w.product.documents["/sms"] = twiml


async def test_people_text_back_once_for_each_text_and_then_fall_silent(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=replies(["Hi", "Who is it?"], "Goodbye"))
        await w.text(client)
        await w.product.wait_for("/sms", 2)
        await w.text(client)
        await w.product.wait_for("/sms", 3)
        await w.text(client)
        texts = await w.texts(lambda texts: [text["status"] for text in texts][-1] == "delivered")
        assert [(text["direction"], text["body"]) for text in texts] == [
            ("outbound-api", "Hello"),
            ("inbound", "Hi"),
            ("inbound", "Who is it?"),
            ("outbound-api", "Hello"),
            ("inbound", "Goodbye"),
            ("outbound-api", "Hello"),
        ]


async def test_people_finish_one_reply_before_the_next_and_start_afresh_when_replaced(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        for texts in (3, 6):
            await w.add_person(texts=replies(["One", "Two"], "Three", apart_ms=300))
            await w.text(client)
            await w.text(client)
            await w.product.wait_for("/sms", texts)
        told = [text["body"] for text in await w.texts() if text["direction"] == "inbound"]
        assert told == ["One", "Two", "Three"] * 2


async def test_a_text_from_a_person_is_posted_with_everything_the_carrier_tells(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w:
        media = ["https://a.example/b.png", "https://a.example/c"]
        made = await w.text_in(body="Look 😀", media=media)
        (told,) = await w.product.wait_for("/sms")
        assert made["direction"] == "inbound"
        assert made["status"] == told["SmsStatus"] == "received"
        assert made["sid"] == told["MessageSid"] == told["SmsSid"] == told["SmsMessageSid"]
        assert (told["AccountSid"], told["From"], told["To"]) == (ACCOUNT_SID, PERSON, OURS)
        assert (told["Body"], told["NumSegments"], told["ApiVersion"]) == (
            "Look 😀", "1", "2010-04-01",
        )  # fmt: skip
        assert (told["NumMedia"], told["MediaUrl0"], told["MediaContentType0"]) == (
            "2", media[0], "image/png",
        )  # fmt: skip
        assert told["MediaUrl1"] == media[1]
        assert {"FromCountry", "ToCountry", "FromCity", "ToZip"} <= set(told)
        assert "OptOutType" not in told
        assert w.product.unsigned == []
        (seen,) = await w.texts(lambda texts: bool(texts[0]["callbacks"]))
        assert seen["callbacks"][0]["http_status"] == 200


async def test_a_picture_comes_with_the_first_text_of_a_reply(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        media = ["https://a.example/cat.gif"]
        await w.add_person(texts=replies(["", "My cat"], media=media))
        await w.text(client)
        told = {params["Body"]: params for params in await w.product.wait_for("/sms", 2)}
        assert (told[""]["NumMedia"], told[""]["MediaContentType0"]) == ("1", "image/gif")
        assert told["My cat"]["NumMedia"] == "0"


@pytest.mark.parametrize(
    "wrong",
    [{"to": PERSON}, {"body": ""}, {"from_": "nobody"}, {"body": "x" * 1601}, {"text": "Hi"}],
)
async def test_a_text_from_outside_that_cannot_be_is_refused(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    async with world(tmp_path) as w:
        assert (await w.text_in(status=400, **wrong))["error"]
        assert await w.get("/world/texts") == []


async def test_the_products_answer_is_sent_and_may_have_its_own_callback(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts={"delay_ms": 0})
        answer(
            w,
            "<Response><Message>One</Message><Message statusCallback='/sms-status'>"
            "<Body>Two</Body></Message></Response>",
        )
        await w.text_in()
        told = await w.product.wait_for("/sms-status", 2)
        texts = await w.texts(lambda texts: {t["status"] for t in texts[1:]} == {"delivered"})
        assert [(text["direction"], text["body"]) for text in texts[1:]] == [
            ("outbound-reply", "One"), ("outbound-reply", "Two"),
        ]  # fmt: skip
        assert {params["MessageSid"] for params in told} == {texts[2]["sid"]}
        fetched = await client.messages(texts[1]["sid"]).fetch_async()
        assert (fetched.direction, fetched.to) == ("outbound-reply", PERSON)


@pytest.mark.parametrize(
    ("document", "status", "content_type", "code"),
    [
        ("<Response>", 200, "text/xml", 12100),
        ("{}", 200, "application/json", 12300),
        ("<Response/>", 500, "text/xml", 11200),
        ("<Response><Say>Hi</Say></Response>", 200, "text/xml", 12200),
        ("<Response><Message/></Response>", 200, "text/xml", 21602),
    ],
)
async def test_a_bad_answer_is_an_alert_and_sends_nothing(
    tmp_path: Path, document: str, status: int, content_type: str, code: int
) -> None:
    async with world(tmp_path) as w:
        answer(w, document)
        w.product.statuses["/sms"], w.product.content_type = status, content_type
        await w.text_in()
        (text,) = await w.texts(lambda texts: bool(texts[0]["alerts"]))
        assert [alert["fields"]["code"] for alert in text["alerts"]] == [code]
        assert [told["attempts"] for told in text["callbacks"]] == [1]


async def test_a_person_who_opts_out_gets_nothing_more_until_they_opt_in(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        await w.add_person(texts=replies("Stop"))
        answer(w, "<Response><Message>Please stay</Message></Response>")
        await w.text(client)
        (told,) = await w.product.wait_for("/sms")
        assert told["Body"] == "Stop"
        with pytest.raises(TwilioRestException) as refused:
            await w.text(client)
        assert (refused.value.status, refused.value.code) == (400, 21610)
        _, stop, confirmation = await w.texts(lambda texts: bool(texts[1]["alerts"]))
        assert stop["alerts"][0]["fields"]["code"] == 21610
        assert (confirmation["direction"], confirmation["to"]) == ("carrier", PERSON)
        assert "unsubscribed" in confirmation["body"]
        with pytest.raises(TwilioRestException) as refused:
            await client.messages(confirmation["sid"]).fetch_async()
        assert refused.value.status == 404
        assert len(await client.messages.list_async()) == 2

        answer(w, "<Response/>")
        await w.text_in(body="START")
        await w.product.wait_for("/sms", 2)
        await w.text(client)
        carriers = [text for text in await w.texts() if text["direction"] == "carrier"]
        assert len(carriers) == 2


async def test_help_is_answered_by_the_carrier_and_told_to_the_product(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.text_in(body="help")
        await w.product.wait_for("/sms")
        asked, answered = await w.texts()
        assert (asked["body"], answered["direction"]) == ("help", "carrier")


async def test_anybody_can_text_the_account(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.text_in(from_="+12025550188")
        (told,) = await w.product.wait_for("/sms")
        assert told["From"] == "+12025550188"


async def test_an_inbound_webhook_nobody_listens_at_is_tried_twice(tmp_path: Path) -> None:
    async with (
        sandbox(tmp_path, sms_webhook_url="http://127.0.0.1:9/sms") as base_url,
        aiohttp.ClientSession() as http,
    ):
        w = World(base_url, Product(""), http)
        await w.text_in()
        (text,) = await w.texts(lambda texts: bool(texts[0]["alerts"]))
        assert text["alerts"][0]["fields"]["code"] == 11205
        assert (text["callbacks"][0]["http_status"], text["callbacks"][0]["attempts"]) == (0, 2)
