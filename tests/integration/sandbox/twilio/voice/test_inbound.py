"""Somebody calls the account: what its webhook answers, as the carrier takes it."""

from pathlib import Path
from typing import Any

from sandbox.core.settings import NUMBERS
from tests.integration.sandbox.phone.page import opened
from tests.integration.sandbox.world import PERSON, SDK_WARNINGS, Stream, loud, twilio, world

pytestmark = SDK_WARNINGS
BRIEF = [{"after_ms": 300}, {"hang_up": True}]


def happened(call: dict[str, Any]) -> list[str]:
    return [entry["event"] for entry in call["timeline"]]


async def test_a_call_is_answered_by_the_instructions_and_its_end_is_told(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/inbound"] = w.product.stream_twiml
        await w.add_person(steps=BRIEF)
        (number,) = await client.incoming_phone_numbers.list_async(phone_number=NUMBERS[0])
        assert number.voice_url == f"{w.product.origin}/inbound"
        assert number.status_callback == f"{w.product.origin}/status"
        sid = await w.call_in()
        call = await w.over(sid)
        (asked,) = w.product.got("/inbound")
        assert (asked["CallStatus"], asked["Direction"]) == ("ringing", "inbound")
        assert (asked["From"], asked["To"], asked["CallSid"]) == (PERSON, NUMBERS[0], sid)
        assert asked["StirVerstat"] == "TN-Validation-Passed-A"
        (told,) = w.product.got("/status")
        assert (told["CallStatus"], told["Direction"]) == ("completed", "inbound")
        assert w.product.unsigned == []
        assert w.product.handshake_signed
        assert (call["direction"], call["status"]) == ("inbound", "completed")
        assert happened(call).index("ringing") < happened(call).index("answered")
        assert (await client.calls(sid).fetch_async()).direction == "inbound"


async def test_a_rejected_call_is_never_answered(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.product.documents["/inbound"] = '<Response><Reject reason="busy"/></Response>'
        call = await w.over(await w.call_in("anonymous", stir_verstat=""))
        assert (call["status"], call["duration_seconds"]) == ("busy", 0)
        assert "answered" not in happened(call)
        assert "StirVerstat" not in w.product.got("/inbound")[0]


async def test_a_pause_answers_nothing_and_words_do(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.product.documents["/inbound"] = "<Response><Pause/><Say>No.</Say></Response>"
        call = await w.over(await w.call_in())
        entries = {entry["event"]: entry["at_ms"] for entry in call["timeline"]}
        assert entries["answered"] - entries["ringing"] >= 1000
        assert "carrier_says" in entries
        assert call["status"] == "completed"


async def test_a_phone_in_the_browser_calls_and_is_talked_with(tmp_path: Path) -> None:
    async def media(stream: Stream) -> None:
        await stream.until("start")
        stream.sid = stream.messages[-1]["streamSid"]
        await stream.play(loud(200))
        await stream.mark("heard")
        await stream.until("mark")

    async with world(tmp_path) as w, opened(w) as page:
        w.product.documents["/inbound"], w.product.media = w.product.stream_twiml, media
        await page.say("dial")
        calling = await page.until("calling")
        await page.until("answered", call=calling["call"])
        await page.until("ended", call=calling["call"], how="over")
        assert any(byte not in b"\xff\x7f" for byte in page.heard)
        assert w.product.got("/inbound")[0]["From"] == page.number


async def test_who_calls_may_give_up(tmp_path: Path) -> None:
    async with world(tmp_path) as w, opened(w) as page:
        w.product.documents["/inbound"] = "<Response><Pause length='30'/><Say>No.</Say></Response>"
        await page.say("dial")
        call = (await page.until("calling"))["call"]
        await w.product.wait_for("/inbound")
        await page.say("hang_up", call=call)
        await page.until("ended", call=call)
        assert (await w.over(call))["status"] == "no-answer"


async def test_only_the_accounts_own_numbers_can_be_called(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        call = {"from": PERSON, "to": PERSON}
        async with w.http.post(f"{w.base_url}/world/calls", json=call) as answer:
            assert answer.status == 400
