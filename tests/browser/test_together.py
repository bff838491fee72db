"""A call from end to end in one browser: phoned, answered, talked, taken over, handed back, ended.

Console, product, carrier and phone are all real; the microphone is a sound that comes and goes, and
ears, voice and mind are scripted, because nobody here listens to words.
"""

import uuid
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.browser.browser import browser, microphone
from tests.browser.operator import Operator
from tests.support.client import Clients

pytestmark = pytest.mark.asyncio(loop_scope="package")

RATE = 48_000
TOKEN = "JSON.parse(sessionStorage['talking.session']).access_token"
TAKING_PART = ["dtmf_asked", "dtmf_asked", "takeover_asked", "takeover_released"]


def bursts(path: Path) -> tuple[str, ...]:
    """A microphone into which somebody hums for a second, every four."""
    flags = microphone(path, 300)
    hum = 9000 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)
    samples = np.concatenate([np.zeros(RATE), hum, np.zeros(2 * RATE)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return flags


async def test_a_call_is_answered_in_the_browser_taken_over_handed_back_and_ended(
    clients: Clients, tmp_path: Path
) -> None:
    who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
    await clients.sandbox.send("POST", "/auth/v1/signup", who)
    async with browser(*bursts(tmp_path / "hum.wav")) as chromium:
        phone = await (await chromium.new_context()).new_page()
        await phone.goto(f"{clients.world.sandbox_url}/phone?raw=1&number=%2B12025550139")
        await phone.get_by_text("+1 202-555-0139").wait_for()
        context = await chromium.new_context(
            viewport={"width": 1280, "height": 850}, permissions=["microphone"]
        )
        operator = Operator(await context.new_page(), clients, who)
        await operator.sign_in()

        call_id = await operator.call("+12025550139")
        await phone.get_by_text("is calling").wait_for()
        await phone.get_by_role("button", name="Answer").click()
        await operator.stage("Talking")
        await operator.sees(".turn.agent", "baking bread")
        await operator.sees(".turn.caller", "That sounds good, please go on.")

        await operator.page.click("text=Keypad")
        await operator.page.click("#dialog .keypad >> text=5")
        await operator.page.keyboard.press("7")
        await operator.sees("#dialog .pressed", "Pressed 57 sent 57")
        await operator.page.click("#dialog >> text=Close")

        await operator.page.click("text=Take over")
        await operator.sees("button", "Give back")
        await operator.sees(".turn.operator", "That sounds good, please go on.")
        await operator.page.click("text=Give back")
        await operator.sees("button", "Take over")
        await operator.sees(".turn.agent", "I see. Please tell me a little more about it.")

        await phone.get_by_role("button", name="Hang up").click()
        await operator.sees(".head .status", "Ended")
        assert operator.complaints == []
        token = await operator.page.evaluate(TOKEN)
        async with clients.http.get(
            f"{clients.world.url}/v1/calls/{call_id}/journal",
            headers={"Authorization": f"Bearer {token}"},
        ) as answer:
            kinds = [line["event"]["type"] for line in (await answer.json())["events"]]
        assert [kind for kind in kinds if kind in TAKING_PART] == TAKING_PART
