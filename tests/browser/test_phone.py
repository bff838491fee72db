"""The phone's page in a real browser: called by a stand-in product, heard and hearing."""

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import browser, microphone
from tests.integration.sandbox.test_phone import strength, tone
from tests.integration.sandbox.world import SDK_WARNINGS, Stream, twilio, world

pytestmark = SDK_WARNINGS
PITCH = """() => {
  const { context, gain } = window.phone.sound;
  if (!window.analyser) gain.connect(window.analyser = new AnalyserNode(context, { fftSize: 8192 }));
  const bins = new Float32Array(window.analyser.frequencyBinCount);
  window.analyser.getFloatFrequencyData(bins);
  const top = bins.indexOf(Math.max(...bins));
  return bins[top] > -40 && Math.round(top * context.sampleRate / 8192);
}"""


async def until(page: Any, script: str) -> Any:
    """What a script says as soon as it says something; asked from outside, as the page's policy
    forbids the driver's own way of waiting."""
    async with asyncio.timeout(15):
        while not (said := await page.evaluate(script)):
            await asyncio.sleep(0.01)
    return said


async def test_a_page_that_is_called_rings_talks_falls_silent_at_once_and_hangs_up(
    tmp_path: Path,
) -> None:
    product_heard = bytearray()
    echoes: dict[str, float] = {}
    streaming: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()

    async def talk(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        streaming.set_result(stream)
        while (message := await stream.receive()) is not None:
            if message["event"] == "media":
                product_heard.extend(base64.b64decode(message["media"]["payload"]))
            elif message["event"] == "mark":
                echoes[message["mark"]["name"]] = time.monotonic()

    async def echoed(name: str) -> float:
        async with asyncio.timeout(15):
            while name not in echoes:
                await asyncio.sleep(0.005)
        return echoes[name]

    async with (
        browser(*microphone(tmp_path / "tone.wav", 1000)) as chromium,
        world(tmp_path) as w,
        twilio(w.base_url) as client,
    ):
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = talk
        page = await chromium.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        await page.goto(f"{w.base_url}/phone?raw=1&number=%2B12025550130")
        await until(page, "document.querySelector('#number').textContent.includes('0130')")
        sid = await w.place(client, to="+12025550130")
        await page.get_by_role("button", name="Answer").click()
        stream = await asyncio.wait_for(streaming, 15)

        began = time.monotonic()
        await stream.play(tone(700, 300))
        await stream.mark("spoken")
        late = await echoed("spoken") - began - 0.3
        assert 0.02 < late < 1.0  # after the page's own buffer, not after the carrier's alone

        await stream.play(tone(700, 20_000))
        await stream.mark("never heard")
        hertz = await until(page, PITCH)
        assert 680 < hertz < 720
        async with asyncio.timeout(15):
            while strength(product_heard[-8000:], 1000) < 0.9:
                await asyncio.sleep(0.02)

        asked = time.time()
        await stream.send("clear")
        cleared = await until(page, "window.phone.counters.clearedAt")
        assert await echoed("never heard")
        assert cleared / 1000 - asked < 0.1

        figures = await page.evaluate("window.phone.sound.figures")
        print(f"\nmark after playing {late * 1000:.0f} ms, clear {cleared - asked * 1000:.0f} ms")
        print(figures, await page.evaluate("window.phone.line.counters"))
        assert figures["jitter"] < 60
        await page.get_by_role("button", name="Mute microphone").click()
        async with asyncio.timeout(15):
            while set(product_heard[-1600:]) != {0xFF}:
                await asyncio.sleep(0.02)
        await page.get_by_role("button", name="Hang up").click()
        call = await w.over(sid)
        await until(page, "document.querySelector('#state').textContent.startsWith('The call is')")
        assert call["status"] == "completed"
        assert faults == []
