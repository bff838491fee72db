"""Sound and what passes: words in the making, levels, listening to a call and talking in it."""

import datetime as dt
import wave
from typing import Any

import pytest

from tests.browser.operator import Operator
from tests.browser.wire import AudioLine, Wire
from tests.support.patience import patience
from tests.support.people import HANGS_UP, after, human, patient, says, waits
from tests.support.sound import tone

pytestmark = pytest.mark.asyncio(loop_scope="package")

# Measures what goes to the loudspeaker.
METER = """(() => { const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    const meter = this.context.createAnalyser();
    connect.call(this, meter);
    window.loudness = () => { const wave = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(wave);
      return Math.max(...wave.map(Math.abs)); };
  }
  return connect.call(this, to, ...rest); }; })()"""
SHARE = """() => document.querySelector(".level.caller").getAttribute("d").split("M")
.map(each => Number(each.split("v")[1] ?? 0)).reduce((a, b) => a + b, 0)"""


async def _talking(operator: Operator) -> tuple[Wire, str]:
    wire = Wire(operator.page)
    await wire.tap()
    await operator.page.reload()
    await operator.page.wait_for_selector(".lanes")
    call_id = await operator.call(await operator.clients.sandbox.add(patient()))
    await operator.stage("Talking")
    return wire, call_id


async def _hang_up(operator: Operator) -> None:
    await operator.page.keyboard.press("x")
    await operator.page.click("#dialog .danger")
    await operator.sees(".head .status", "Ended")


async def test_words_in_the_making_stay_out_of_the_log_and_levels_are_drawn(
    operator: Operator,
) -> None:
    page = operator.page
    wire, call_id = await _talking(operator)
    now = await page.evaluate("new Date().toISOString()")
    quiet = await page.evaluate(SHARE)
    for text in ("I wou", "I would like"):
        words = {"speaker": "caller", "text": text, "segment": 1}
        wire.passing(call_id, "transcript.interim", words, now)
    began = dt.datetime.fromisoformat(now)
    for at in range(40):
        when = (began + dt.timedelta(milliseconds=50 * at)).isoformat()
        wire.passing(call_id, "audio.level", {"side": "caller", "level": 0.9}, when)
    await operator.sees(".interim[aria-hidden=true]", "I would like")
    assert "I would like" not in await page.locator("[role=log]").inner_text()
    await page.wait_for_function(f"before => ({SHARE})() > before * 1.2", arg=quiet)
    await _hang_up(operator)
    assert await page.locator(".interim").count() == 0


async def test_listening_plays_what_comes_and_falls_silent_when_told(operator: Operator) -> None:
    page = operator.page
    await page.add_init_script(METER)
    wire, _ = await _talking(operator)
    line = AudioLine()
    await line.tap(page, talk=False)
    wire.answers["call.listen"] = {"ticket": "t-1", "url": "/audio"}
    await page.click("text=Listen")
    await operator.sees(".foot", "Stop listening")
    assert line.hello == {"op": "hello", "ticket": "t-1"}
    for attempt in range(10):  # a busy machine may spoil some
        await _play(line, page, 600 * attempt)
        line.route.send('{"op":"clear"}')
        if await _is_silent(page, within_ms=150):
            break
    else:
        raise AssertionError("what was to be heard yet went on")
    await page.click("text=Stop listening")
    await operator.sees(".foot", "Listen")
    await _hang_up(operator)


async def _play(line: AudioLine, page: Any, at_ms: int) -> None:
    """Let it be loud, with 300 ms of sound to come."""
    sound = tone(440, 20, 0.5)
    for at in range(at_ms, at_ms + 300, 20):
        line.play(1, at, sound)
    await page.wait_for_function("() => window.loudness() > 0.2")
    for at in range(at_ms + 300, at_ms + 600, 20):
        line.play(1, at, sound)


async def _is_silent(page: Any, within_ms: int) -> bool:
    silent = page.evaluate("""async ms => { const until = performance.now() + ms;
      while (performance.now() < until) {
        if (window.loudness() < 0.01) return true;
        await new Promise(requestAnimationFrame); }
      return false; }""", within_ms)  # fmt: skip
    return bool(await silent)


async def test_taking_over_sends_the_microphone_in_frames_of_20_ms(operator: Operator) -> None:
    page = operator.page
    wire, _ = await _talking(operator)
    line = AudioLine()
    await line.tap(page, talk=True)
    wire.answers["call.takeover"] = {"ticket": "t-2", "url": "/audio"}
    wire.answers["call.release"] = {}
    wire.answers["call.ai_mute"] = {}
    await page.dblclick("text=Mute agent", delay=200)  # the answer is there before the second
    await page.keyboard.press("t")
    await operator.sees(".foot", "Give back")
    async with patience():
        await line.until_heard(50)
    assert {len(frame) for frame in line.frames} == {160}
    assert len(set(b"".join(line.frames))) > 20  # a sound, not a silence
    await page.keyboard.press("t")
    await operator.sees(".foot", "Take over")
    asked = ["call.ai_mute", "call.takeover", "call.release"]
    assert [each["name"] for each in wire.asked] == asked
    await _hang_up(operator)


async def test_a_call_is_recorded_after_a_yes_and_played_on_its_time_line(
    operator: Operator,
) -> None:
    page = operator.page
    await page.add_init_script(METER)
    await page.reload()
    await page.wait_for_selector(".lanes")
    turn = [waits(quiet_ms=600), says("Yes, that sounds good.")]
    number = await operator.clients.sandbox.add(
        human(after(300), says("Hello?"), *turn * 2, waits(quiet_ms=600), HANGS_UP, verdict_ms=300)
    )
    await operator.call(number)
    await operator.stage("Talking")
    await page.get_by_role("button", name="Record", exact=True).click()
    await operator.sees(".rec-state.is-asking", "They are being asked")
    await operator.sees(".rec-state.is-on", "is being recorded")
    await operator.sees(".head .status", "Ended")
    await operator.sees(".rec-state", "was recorded")
    await page.get_by_role("button", name="Play", exact=True).click()
    await page.wait_for_function("() => window.loudness?.() > 0.05")
    place = page.get_by_label("Place in the recording")
    length = float(str(await place.get_attribute("max")))
    assert length > 3
    await page.get_by_role("button", name="Pause", exact=True).click()
    for selector in (".turns [data-at]", ".marks [data-at]"):
        await page.locator(selector).last.click()
    box = await page.locator(".timeline").bounding_box()
    await page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 40)
    assert float(await place.input_value()) > length - 3, "the time line ends where the call did"
    await page.locator(".timeline .playhead").wait_for(state="attached")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Download").click()
    with wave.open(str(await (await saving.value).path())) as file:
        assert file.getnchannels() == 2
        assert abs(file.getnframes() / file.getframerate() - length) < 0.2
