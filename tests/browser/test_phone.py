"""The phone's page in a real browser: called by a stand-in product, heard and hearing."""

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sandbox.core.clock import utc_now
from tests.browser.browser import browser, microphone
from tests.integration.sandbox.phone.test_phone import strength
from tests.integration.sandbox.world import SDK_WARNINGS, Stream, World, tone, twilio, world
from tests.support.patience import patience

pytestmark = SDK_WARNINGS
T = TypeVar("T")
NUMBER = "+12025550130"
CLEARED = "window.phone.counters.clearedAt"
LOUDEST = """() => {
  const { context, gain } = window.phone.sound;
  if (!gain) return 0;
  if (!window.analyser) gain.connect(window.analyser = new AnalyserNode(context, {fftSize: 8192}));
  const bins = new Float32Array(window.analyser.frequencyBinCount);
  window.analyser.getFloatFrequencyData(bins);
  const top = bins.indexOf(Math.max(...bins));
  return bins[top] > -40 && Math.round(top * context.sampleRate / 8192);
}"""


async def until(ask: Callable[[], Awaitable[T]]) -> T:
    """The first answer that says something."""
    async with patience():
        while True:
            if said := await ask():
                return said
            await asyncio.sleep(0.01)


class Talk:
    """The product's end of one call."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.echoes: dict[str, float] = {}
        self.stream: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()

    async def run(self, stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        self.stream.set_result(stream)
        while (message := await stream.receive()) is not None:
            if message["event"] == "media":
                self.heard += base64.b64decode(message["media"]["payload"])
            elif message["event"] == "mark":
                self.echoes[message["mark"]["name"]] = time.monotonic()

    async def echo(self, name: str) -> float:
        async def when() -> float:
            return self.echoes.get(name, 0.0)

        return await until(when)

    async def hears(self, judge: Callable[[bytes], bool]) -> None:
        async def judged() -> bool:
            return judge(bytes(self.heard[-8000:]))

        await until(judged)


class Phone:
    """The page, with somebody whistling 1000 Hz in front of it."""

    def __init__(self, page: Any, w: World) -> None:
        self.page, self.w = page, w
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._said)

    def _said(self, said: Any) -> None:
        if said.type == "error":
            self.faults.append(said.text)

    async def open(self) -> None:
        await self.page.goto(f"{self.w.base_url}/phone?raw=1&number=%2B{NUMBER[1:]}")
        await self.page.get_by_text("+1 202-555-0130").wait_for()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    async def when(self, script: str) -> Any:
        """What a script says, asked from outside: the page's policy forbids the driver's way."""
        return await until(lambda: self.page.evaluate(script))


@contextlib.asynccontextmanager
async def called(folder: Path) -> AsyncIterator[tuple[Phone, Talk, str]]:
    """An open page that a product has just called; afterwards nothing must have gone wrong."""
    async with (
        browser(*microphone(folder / "tone.wav", 1000)) as chromium,
        world(folder) as w,
        twilio(w.base_url) as client,
    ):
        talk, phone = Talk(), Phone(await chromium.new_page(), w)
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = talk.run
        await phone.open()
        sid = await w.place(client, to=NUMBER)
        await phone.page.get_by_text("is calling").wait_for()
        yield phone, talk, sid
        assert phone.faults == []


async def test_a_page_that_is_called_hears_and_is_heard_and_falls_silent_at_once(
    tmp_path: Path,
) -> None:
    async with called(tmp_path) as (phone, talk, _):
        await phone.press("Answer")
        stream = await talk.stream
        began = time.monotonic()
        await stream.play(tone(700, 300))
        await stream.mark("spoken")
        late = await talk.echo("spoken") - began - 0.3
        assert late > 0.02  # after the page's own buffer, not the carrier's alone

        await stream.play(tone(700, 20_000))
        await stream.mark("never heard")
        assert 680 < await phone.when(LOUDEST) < 720
        await talk.hears(lambda heard: strength(heard, 1000) > 0.5)

        asked_ms = utc_now().timestamp() * 1000
        await stream.send("clear")
        took_ms = await phone.when(f"{CLEARED} > {asked_ms} && {CLEARED}") - asked_ms
        assert took_ms < 5000  # what is left would play for more than twice that
        assert await talk.echo("never heard")
        await stream.play(tone(700, 100))
        await stream.mark("afterwards")
        assert await talk.echo("afterwards")


async def test_a_muted_page_is_silent_and_a_reloaded_one_comes_back_to_its_call(
    tmp_path: Path,
) -> None:
    async with called(tmp_path) as (phone, talk, sid):
        await phone.press("Answer")
        await (await talk.stream).play(tone(700, 30_000))
        await talk.hears(lambda heard: strength(heard, 1000) > 0.5)
        await phone.press("Mute microphone")
        await talk.hears(lambda heard: set(heard[-1600:]) == {0xFF})

        await phone.open()
        await phone.press("Back to the call")
        await talk.hears(lambda heard: strength(heard, 1000) > 0.5)
        assert 680 < await phone.when(LOUDEST) < 720
        await phone.press("Hang up")
        assert (await phone.w.over(sid))["status"] == "completed"
        await phone.page.get_by_text("The call is over").wait_for()


async def test_a_ringing_page_has_no_accessibility_findings_and_fits_a_small_screen(
    tmp_path: Path,
) -> None:
    library = pytest.importorskip("axe_playwright_python.async_playwright", reason="no axe")
    async with called(tmp_path) as (phone, _, sid):
        for theme in ("light", "dark"):
            await phone.page.emulate_media(color_scheme=theme)
            found = (await library.Axe().run(phone.page)).response["violations"]
            assert [(one["id"], one["nodes"]) for one in found] == [], theme
        await phone.page.set_viewport_size({"width": 320, "height": 640})
        assert await phone.page.evaluate("document.documentElement.scrollWidth") == 320
        await phone.page.keyboard.press("Tab")
        await phone.page.keyboard.press("Enter")  # from Answer, which has the focus, to Decline
        assert (await phone.w.over(sid))["status"] == "no-answer"
        await phone.page.get_by_text("Declined.").wait_for()
