"""Calls at the page: watched live, spoken into, ended, and never lost by a broken link."""

import pytest

from tests.browser.operator import Operator
from tests.support.people import HANGS_UP, human, patient, says, waits

pytestmark = pytest.mark.asyncio(loop_scope="package")

# A server older than the page: it does not know what the keypad asks for.
RENAME = """() => { const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
  return send.call(this, String(text).replace("call.dtmf", "call.sing")); }; }"""
# The action bar's lower edge, and the upper edge of what covers the page's end, if anything does.
BAR = """() => { const bar = document.querySelector(".foot").getBoundingClientRect();
const nav = document.querySelector("nav").getBoundingClientRect();
return [bar.top, bar.bottom, nav.top > innerHeight / 2 ? nav.top : innerHeight]; }"""
SIZES = ((320, 568), (390, 844), (900, 1000), (1280, 720))
PAPER = """["backgroundColor", "color"].map(name => getComputedStyle(document.body)[name])"""
HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


async def test_a_call_is_watched_from_its_start_to_its_end(operator: Operator) -> None:
    page = operator.page
    number = await operator.clients.sandbox.add(
        human(
            waits(quiet_ms=400), says("Tell me more, please."), waits(quiet_ms=400), HANGS_UP,
            verdict_ms=300,
        )
    )  # fmt: skip
    call_id = await operator.call(number)
    await operator.stage("Talking")
    await operator.sees("[role=log] .turn.agent", "baking bread")
    await operator.go("#/")
    await operator.sees(".lane[aria-label=Talking] .card", "baking bread")
    await page.keyboard.press("j")
    await operator.sees(".feed", "Talking")
    await page.wait_for_selector(".lane[aria-label=Ending] .card a:focus")
    await operator.go(f"#/calls/{call_id}")
    await operator.sees(".head .status", "Ended")
    assert await page.locator(".stepper .done").count() == 5
    assert await page.locator(".turn .chip").count() >= 1
    assert await page.locator(".foot").count() == 0
    shown = await page.locator(".turn.caller .words").all_inner_texts()
    await page.reload()
    await operator.sees(".turn.caller", shown[0])
    assert await page.locator(".turn.caller .words").all_inner_texts() == shown
    await page.emulate_media(media="print", color_scheme="dark")
    assert await page.locator(".turn.caller .words").all_inner_texts() == shown
    for kept_off in ("nav", ".top", "button"):
        assert not await page.locator(kept_off).first.is_visible(), kept_off
    assert await page.evaluate(PAPER) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


async def test_words_typed_are_spoken_and_a_call_is_hung_up_after_a_question(
    operator: Operator,
) -> None:
    page = operator.page
    await operator.call(await operator.clients.sandbox.add(patient()))
    await operator.stage("Talking")
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        top, bottom, end = await page.evaluate(BAR)
        assert 0 < top < bottom <= end, (width, height)
    await page.fill("[name=words]", "Your taxi is here.")
    await page.check("[name=interrupt]")
    await page.click("text=Say")
    await operator.sees(".turn.operator .words", "Your taxi is here.")
    assert await page.input_value("[name=words]") == ""
    await page.evaluate(RENAME)
    await page.click("text=Keypad")
    await page.click("#dialog .keypad >> text=5")
    await operator.sees("#dialog", "This server cannot do that yet.")
    await page.click("#dialog >> text=Close")
    await page.click("text=Hang up")
    await operator.sees("#dialog", "Hang up on")
    await page.click("#dialog >> text=Cancel")
    await operator.stage("Talking")
    await page.click("text=Hang up")
    await page.click("#dialog .danger")
    await operator.sees(".head", "hung up from here")


async def test_another_persons_call_is_live_and_read_only_to_an_administrator(
    operator: Operator,
) -> None:
    page = operator.page
    owner = await operator.clients.sign_up()
    number = await operator.clients.sandbox.add(patient())
    call = await owner.start_call(number)
    await operator.go(f"#/calls/{call['id']}")
    await operator.stage("Talking")
    await operator.sees(".notice", "another person's call")
    await operator.sees("[role=log] .turn.agent", "tomatoes")
    assert await page.locator(".foot").count() == 0
    await operator.go("#/")
    assert await page.locator(".card").count() == 0
    await operator.go(f"#/calls/{call['id']}")
    await owner.ask("POST", f"/v1/calls/{call['id']}/hangup", {})
    await operator.sees(".head .status", "Ended")
    await operator.sees("section[aria-label=Costs]", "twilio.call")
    async with page.expect_request(f"**/v1/admin/calls?*user_id={owner.id}"):
        await operator.go(f"#/admin/calls?q={owner.id}")
    await operator.sees("tbody", number)
    await operator.go("#/admin/costs")
    await operator.sees("main", str(owner.id)[:8])
    await page.fill("[type=month]", "2025-01")
    await page.locator("[type=month]").blur()
    await operator.sees("main", "Costs of 2025-01")
    await operator.sees(".empty", "Nothing yet.")


async def test_a_link_cut_in_mid_call_comes_back_to_the_same_state(operator: Operator) -> None:
    page = operator.page
    call_id = await operator.call(await operator.clients.sandbox.add(patient()))
    await operator.stage("Talking")
    token = await page.evaluate("JSON.parse(sessionStorage['talking.session']).access_token")
    await page.context.set_offline(True)
    await operator.sees("#link", "Offline")
    await page.evaluate("location.hash = '#/numbers'")
    await operator.sees(".empty", "The server cannot be reached")
    await operator.sees("h1", "Numbers and consent")
    said = await operator.clients.http.post(
        f"{operator.clients.world.url}/v1/calls/{call_id}/say",
        json={"text": "You are still there.", "interrupt": True},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert said.status == 200
    await page.context.set_offline(False)
    await operator.sees("#link", "Live")
    await operator.sees(".panel h2", "Your own numbers and addresses")
    await page.go_back()
    await operator.sees(".turn.operator .words", "You are still there.")
    lines = await page.locator(".turn .words").all_inner_texts()
    assert len(lines) == len(set(lines))
    await page.keyboard.press("x")
    await page.click("#dialog .danger")
    await operator.sees(".head .status", "Ended")


async def test_everything_goes_by_keyboard_alone(operator: Operator) -> None:
    page = operator.page
    number = await operator.clients.sandbox.add(patient())
    press = page.keyboard.press
    await press("?")
    await operator.sees("#dialog", "Go to the newest running call")
    await press("Escape")
    await page.wait_for_selector("#dialog:not([open])", state="attached")
    await press("n")
    await page.wait_for_selector("#new-call [name=topic]:focus")
    await page.keyboard.type("nothing but xylophones")  # letters that are keys elsewhere
    await press("Tab")
    await page.keyboard.type(number)
    await press("Enter")
    await operator.stage("Talking")
    await press("g")
    await press("l")
    await operator.sees(".card", "nothing but xylophones")
    await press("j")
    await press("Enter")
    await operator.stage("Talking")
    await press("Control+k")
    await page.wait_for_selector("#dialog input:focus")
    await page.keyboard.type("new call")
    await operator.sees("#choices [aria-selected=true]", "New call")
    await press("Enter")
    await page.wait_for_selector("#new-call [name=topic]:focus")
    await press("Escape")
    await press("Control+k")
    await page.wait_for_selector("#dialog .palette input:focus")
    await page.keyboard.type("history")
    await press("Enter")
    await operator.sees("h1", "History")
    await press("g")
    await press("c")
    await operator.stage("Talking")
    await press("x")
    await operator.sees("#dialog", "Hang up on")
    await press("Enter")
    await operator.sees(".head .status", "Ended")


async def test_single_keys_do_nothing_once_they_are_switched_off(operator: Operator) -> None:
    page = operator.page
    await page.keyboard.press("?")
    await page.click("text=Switch single keys off")
    await page.keyboard.press("Escape")
    await page.wait_for_selector("#dialog:not([open])", state="attached")
    await page.keyboard.press("n")
    await page.keyboard.press("Control+k")
    await page.wait_for_selector("#dialog[open] .palette")
    assert await page.locator("#new-call").count() == 0


async def test_whatever_anybody_says_runs_nothing(operator: Operator) -> None:
    page = operator.page
    number = await operator.clients.sandbox.add(human(answers="busy"))
    await operator.call(number, HOSTILE)
    await operator.sees("h1", HOSTILE)
    await operator.go("#/")
    await operator.sees(".card h3", HOSTILE)
    await operator.go("#/events")
    await page.click("details >> nth=0")
    await operator.go("#/history")
    await operator.sees("td", HOSTILE)
    assert await page.evaluate("window.hacked") is None
    assert await page.locator("main img, main script, #dialog img").count() == 0
