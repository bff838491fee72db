"""The phone in the browser, its page acted over the websocket: calls, sound, numbers and texts."""

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from sandbox.core.audio import RATE, decode_mulaw, encode_mulaw
from sandbox.core.settings import NUMBERS
from tests.integration.sandbox.phone.page import opened
from tests.integration.sandbox.world import SDK_WARNINGS, Stream, World, tone, twilio, world
from tests.support.patience import patience

pytestmark = SDK_WARNINGS
HOLD = "<Response><Pause length='300'/></Response>"  # longer than any test


def strength(mulaw: bytes | bytearray, hertz: float) -> float:
    """Seconds for which a tone can be heard in some sound."""
    pcm = decode_mulaw(bytes(mulaw)).astype(np.float64)
    frames = pcm[: len(pcm) // 160 * 160].reshape(-1, 160)
    wave = np.exp(-2j * np.pi * hertz * np.arange(160) / RATE)
    return float(np.count_nonzero(np.abs(frames @ wave) / 80 > 4000)) * 0.02


def events(call: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [entry for entry in call["timeline"] if entry["event"] == name]


async def people(w: World) -> dict[str, Any]:
    found: dict[str, Any] = await w.get("/people")
    return found


async def until_nobody_has(w: World, number: str) -> None:
    async with patience():
        while True:
            if number not in await people(w):
                return
            await asyncio.sleep(0.01)


async def test_an_open_page_is_a_person_with_a_number_and_a_closed_one_is_nobody(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        async with opened(w) as page:
            assert page.number == "+12025550120"
            assert page.welcome["text_to"] == NUMBERS[0]
            assert page.welcome["current"] is None
            assert (await people(w))[page.number]["name"] == "browser-0120"
            async with opened(w, "another-key") as other:
                assert other.number == "+12025550121"
        await until_nobody_has(w, page.number)
        call = await w.over(await w.place(client, to=page.number))
        assert call["status"] == "failed"


async def test_a_call_rings_is_answered_by_a_human_and_hung_up_by_either_side(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w) as page:
        w.product.documents["/voice"] = HOLD
        sid = await w.place(
            client, to=page.number, machine_detection="DetectMessageEnd", async_amd="true",
            async_amd_status_callback=f"{w.product.origin}/amd",
        )  # fmt: skip
        ring = await page.until("ring")
        assert (ring["call"], ring["from"]) == (sid, NUMBERS[0])
        assert (await w.get(f"/world/calls/{sid}"))["status"] == "ringing"
        await page.answer()
        (verdict,) = await w.product.wait_for("/amd")
        assert verdict["AnsweredBy"] == "human"
        assert int(verdict["MachineDetectionDuration"]) > 1900
        await page.say("hang_up", call="another call")
        await page.say("hang_up", call=sid)
        assert (await w.over(sid))["status"] == "completed"
        assert (await page.until("ended"))["how"] == "over"
        second = await w.place(client, to=page.number)
        await page.until("ring", call=second)
        await page.say("answer", call=second)
        await page.until("answered", call=second)
        await client.calls(second).update_async(status="completed")
        await page.until("ended", call=second)
        assert (await w.over(second))["status"] == "completed"


async def test_the_verdict_falls_sooner_when_the_person_has_said_hello(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w) as page:
        w.product.documents["/voice"] = HOLD
        sid = await w.place(
            client, to=page.number, machine_detection="Enable", async_amd="true",
            async_amd_status_callback=f"{w.product.origin}/amd",
        )  # fmt: skip
        await page.answer()
        await page.speak(tone(300, 200))
        (verdict,) = await w.product.wait_for("/amd")
        assert verdict["AnsweredBy"] == "human"
        assert 700 < int(verdict["MachineDetectionDuration"]) < 1900
        await page.say("hang_up", call=sid)
        await w.over(sid)


async def test_a_call_declined_unanswered_or_to_a_busy_phone_ends_as_the_network_says(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w) as page:
        first = await w.place(client, to=page.number, timeout=1)
        await page.until("ring", call=first)
        busy = await w.over(await w.place(client, to=page.number))
        assert busy["status"] == "busy"
        assert (await w.over(first))["status"] == "no-answer"
        assert (await page.until("ended", call=first))["how"] == "missed"
        await page.say("answer", call=first)
        declined = await w.place(client, to=page.number)
        await page.until("ring", call=declined)
        await page.say("hang_up", call=declined)
        assert (await w.over(declined))["status"] == "no-answer"
        canceled = await w.place(client, to=page.number)
        await page.until("ring", call=canceled)
        await client.calls(canceled).update_async(status="canceled")
        assert (await w.over(canceled))["status"] == "canceled"
        assert (await page.until("ended", call=canceled))["how"] == "missed"


async def test_both_sides_hear_each_other_and_the_recordings_keep_it(tmp_path: Path) -> None:
    product_heard = bytearray()

    async def talk(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(tone(700, 600))
        while (message := await stream.receive()) is not None:
            if message["event"] == "media":
                product_heard.extend(base64.b64decode(message["media"]["payload"]))

    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w) as page:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = talk
        await w.place(client, to=page.number)
        sid = await page.answer()
        await page.speak(tone(1000, 600))
        async with patience(), page.changed:
            await page.changed.wait_for(lambda: strength(page.heard, 700) >= 0.5)
        await page.say("hang_up", call=sid)
        await w.over(sid)
        said = await w.get(f"/world/calls/{sid}/said.wav")
        heard = await w.get(f"/world/calls/{sid}/heard.wav")
    assert strength(product_heard, 1000) >= 0.5
    assert strength(product_heard, 700) == 0
    assert strength(encode_mulaw(np.frombuffer(said[44:], "<i2")), 1000) >= 0.5
    assert strength(encode_mulaw(np.frombuffer(heard[44:], "<i2")), 700) >= 0.5
    assert page.numbers == list(range(1, len(page.numbers) + 1))


async def test_a_mark_comes_back_only_when_the_page_has_played_what_was_before_it(
    tmp_path: Path,
) -> None:
    echoes: list[tuple[str, float]] = []

    async def play(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(tone(700, 200))
        for name in ("first", "second"):
            await stream.mark(name)
        for _ in range(2):
            name = (await stream.until("mark"))["mark"]["name"]
            echoes.append((name, time.monotonic()))

    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w, plays=False) as page:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = play
        sid = await w.place(client, to=page.number)
        await page.answer()
        first, second = await page.until("mark", id=1), await page.until("mark", id=2)
        assert first["after"] == second["after"] > 0
        assert strength(page.heard[: first["after"] * 160], 700) >= 0.16
        assert events(await w.get(f"/world/calls/{sid}"), "mark_played") == []
        played_at = time.monotonic()
        await page.say("played", mark=2)
        call = await w.over(sid)
    assert [name for name, _ in echoes] == ["first", "second"]
    assert all(at >= played_at for _, at in echoes)
    assert [entry["fields"]["name"] for entry in events(call, "mark_played")] == ["first", "second"]


async def test_a_mark_the_page_says_nothing_about_counts_as_played_after_a_second(
    tmp_path: Path,
) -> None:
    frames: list[int] = []

    async def play(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        before = len(stream.messages)
        await stream.mark("unheard of")
        await stream.until("mark")
        frames.append(len(stream.messages) - before)

    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w, plays=False) as page:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = play
        sid = await w.place(client, to=page.number)
        await page.answer()
        await w.over(sid)
    assert frames[0] * 0.02 >= 0.9, "seconds of sound that passed meanwhile"


async def test_clear_reaches_the_page_and_returns_every_mark_in_order(tmp_path: Path) -> None:
    echoes: list[str] = []

    async def barge_in(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(tone(700, 100))
        await stream.mark("on the page")
        await stream.play(tone(700, 10_000))
        await stream.mark("at the carrier")
        await page.until("mark")
        await stream.send("clear")
        echoes.extend([(await stream.until("mark"))["mark"]["name"] for _ in range(2)])
        await page.until("clear")
        await stream.until("media")

    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w, plays=False) as page:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = barge_in
        sid = await w.place(client, to=page.number)
        await page.answer()
        call = await w.over(sid)
    assert echoes == ["on the page", "at the carrier"]
    assert len(events(call, "mark_cleared")) == 2
    assert strength(page.heard, 700) < 2


async def test_keys_reach_the_product_as_the_carrier_sends_them(tmp_path: Path) -> None:
    keys: list[dict[str, str]] = []
    flowing = asyncio.Event()

    async def listen(stream: Stream) -> None:
        await stream.until("media")
        flowing.set()
        keys.extend([(await stream.until("dtmf"))["dtmf"] for _ in range(2)])

    async with world(tmp_path) as w, twilio(w.base_url) as client, opened(w) as page:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = listen
        sid = await w.place(client, to=page.number)
        await page.answer()
        await flowing.wait()
        for digit in "4#":
            await page.say("key", digit=digit)
        await w.over(sid)
    assert keys == [
        {"track": "inbound_track", "digit": "4"},
        {"track": "inbound_track", "digit": "#"},
    ]


async def test_a_call_waits_a_while_for_its_page_and_is_then_hung_up(tmp_path: Path) -> None:
    async with (
        world(tmp_path, phone_grace_seconds=3.0) as w,
        twilio(w.base_url) as client,
    ):
        w.product.documents["/voice"] = HOLD
        async with opened(w) as page:
            sid = await w.place(client, to=page.number)
            await page.answer()
        loop = asyncio.get_running_loop()
        came = loop.time()  # it says nothing from then on, and goes
        async with opened(w) as back:
            assert back.number == page.number
            current = back.welcome["current"]
            assert (current["call"], current["state"]) == (sid, "talking")
        assert (await w.over(sid))["status"] == "completed"
        assert loop.time() - came >= 2.9
        await until_nobody_has(w, page.number)


async def test_a_number_comes_back_to_its_key_and_the_newest_page_has_it(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        async with opened(w, number="+12025550133") as page:
            assert page.number == "+12025550133"
            async with opened(w, "another-key", "+12025550133") as refused:
                assert await refused.closed() == 4002
                assert refused.number == ""
            async with opened(w) as newer:
                assert newer.number == page.number
                assert await page.closed() == 4001
                assert page.number in await people(w)
        await until_nobody_has(w, page.number)
        async with opened(w, "another-key", "+12025550133") as refused:
            assert await refused.closed() == 4002
        async with opened(w) as back:
            assert back.number == "+12025550133"
        async with opened(w, "another-key", "+12025550100") as refused:
            assert await refused.closed() == 4002


async def test_texts_come_to_the_page_and_go_back_to_who_sent_them(tmp_path: Path) -> None:
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        async with opened(w) as page:
            await w.text(client, to=page.number, body="How are you?")
            came = (await page.until("text"))["text"]
            assert (came["body"], came["from"], came["mine"]) == ("How are you?", NUMBERS[0], False)
            await page.say("text", body="Fine, and you?")
            (told,) = await w.product.wait_for("/sms")
            assert (told["From"], told["To"], told["Body"]) == (
                page.number, NUMBERS[0], "Fine, and you?",
            )  # fmt: skip
            async with page.changed:
                await page.changed.wait_for(lambda: len(page.told) >= 3)
            assert [one["text"]["mine"] for one in page.told[1:]] == [False, True]
        async with opened(w) as back:
            bodies = [text["body"] for text in back.welcome["texts"]]
            assert bodies == ["How are you?", "Fine, and you?"]


@pytest.mark.parametrize("first", ["no json", '{"type":"answer","call":"x"}', '{"type":"hello"}'])
async def test_a_page_that_does_not_say_hello_is_turned_away(tmp_path: Path, first: str) -> None:
    async with world(tmp_path) as w:
        async with w.http.ws_connect(f"{w.base_url}/phone/socket") as socket:
            await socket.send_str(first)
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 1002
        assert "+12025550120" not in await people(w)


async def test_only_pages_of_this_origin_get_a_phone_and_they_load_nothing_else(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await w.http.ws_connect(
                f"{w.base_url}/phone/socket", headers={"Origin": "https://evil.example"}
            )
        assert refused.value.status == 403
        async with w.http.get(f"{w.base_url}/phone") as response:
            assert response.content_type == "text/html"
            policy = response.headers["Content-Security-Policy"]
            html = await response.text()
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "://" not in html
        async with w.http.get(f"{w.base_url}/phone/web/phone.js") as response:
            assert (response.status, response.content_type) == (200, "text/javascript")
        async with w.http.get(f"{w.base_url}/phone/web/..%2Fapp.py") as response:
            assert response.status == 404
