"""The other screens: texts, e-mails, and that all of them can be read by everybody, everywhere."""

import uuid
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.operator import Operator
from tests.support.people import human, patient

pytestmark = pytest.mark.asyncio(loop_scope="package")

SCREENS = (
    "#/", "#/?view=table", "#/messages", "#/messages/new", "#/emails", "#/emails/new?by=template",
    "#/plan", "#/pictures", "#/numbers", "#/history", "#/history?kind=emails", "#/sandbox",
    "#/events", "#/more", "#/privacy", "#/build", "#/agents", "#/scheduled",
    "#/admin/users", "#/admin/audit", "#/admin/audit-log", "#/admin/costs", "#/admin/nodes",
)  # fmt: skip
AT_REST = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(
() => Promise.allSettled(document.getAnimations().filter(each => each instanceof CSSTransition)
.map(each => each.finished)))"""
TOMORROW = """() => { const at = new Date(Date.now() + 864e5);
at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
return at.toISOString().slice(0, 16); }"""
MAKE_A_KEY = """async () => (await fetch("/v1/keys", { method: "POST",
headers: { "Content-Type": "application/json",
Authorization: "Bearer " + JSON.parse(sessionStorage["talking.session"]).access_token },
body: JSON.stringify({ name: "Day shift", scopes: ["read"] }) })).ok"""
# Numbers and states of a row that is a grid reach into no other cell.
CUT_OFF = """[...document.querySelectorAll('.lively td > span')].filter(one =>
one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right - 8)
.map(one => one.textContent)"""
# Each scheme at one width: colours know no width, and all else no scheme.
WIDTHS = {1280: "light", 900: "", 800: "", 400: "dark", 320: ""}


async def test_a_text_conversation_is_begun_followed_paused_and_ended(operator: Operator) -> None:
    page = operator.page
    number = await operator.clients.sandbox.number_of("texter")
    await operator.go("#/messages/new")
    await page.fill("[name=topic]", "baking bread")
    await page.fill("[name=to]", number)
    await page.fill("[name=consent]", "Yes, text me.")
    await page.click("main >> text=Text >> nth=-1")
    await operator.sees(".bubble.theirs", "Hi! Yes, I have a moment.")
    await operator.sees(".bubble.ours .tick-line", "delivered")
    await page.click("text=Pause agent")
    await operator.sees(".facts", "Paused")
    await page.fill("[name=words]", "It is me now. ж")
    await operator.sees(".counter", "UCS-2, 1 part")
    await page.click("text=Send")
    await operator.sees(".bubble.ours", "It is me now.")
    await expect(page.locator("[name=words]")).to_have_value("")  # once the command is answered
    await page.click("text=Resume agent")
    await operator.sees(".facts", "Active")
    await page.click(".panel .danger")
    await page.click("#dialog .danger")
    await operator.sees(".detail", "This conversation is over.")


async def test_an_email_by_words_is_sent_and_a_template_is_seen_before(operator: Operator) -> None:
    page = operator.page
    await operator.go("#/emails/new?by=template")
    await page.fill("[name=topic]", "baking bread")
    await page.click("text=Preview")
    await operator.sees("figcaption", "")
    frame = page.frame_locator(".preview iframe")
    await frame.locator("body").get_by_text("baking bread").first.wait_for()
    letter = frame.locator("body > div").first
    await expect(letter).to_have_css("border-radius", "8px")  # as the mail has it
    await operator.go("#/emails/new?by=words")
    await page.fill("[name=topic]", "baking bread")
    await page.fill("[name=subject]", "Flour")
    await page.fill("[name=content]", "Use <b>much</b> of it.")
    await page.click("main >> text=Send")
    await operator.sees(".letter", "Use <b>much</b> of it.")
    await operator.sees(".facts", "Delivered")


async def test_a_call_for_later_is_listed_and_called_off(operator: Operator) -> None:
    page = operator.page
    number = await operator.clients.sandbox.add(human())
    await operator.go("#/")
    await page.click(".new-call")
    await page.fill("#dialog [name=topic]", "baking bread")
    await page.fill("#dialog [name=to]", number)
    await page.fill("#dialog [name=when]", await page.evaluate(TOMORROW))
    await page.click("#dialog button.primary")
    await operator.sees("tbody", "Scheduled")
    await operator.sees("tbody", number)
    await page.click("tbody >> text=Call off")
    await page.click("#dialog .danger")
    await operator.sees("tbody", "Canceled")
    assert await page.locator("tbody tr").count() == 1
    assert await operator.clients.sandbox.calls_to(number) == []


async def test_usage_and_plans_are_shown_and_a_purchase_without_stripe_is_refused_kindly(
    operator: Operator,
) -> None:
    page = operator.page
    await operator.go("#/plan")
    await operator.sees(".meter", "0 of 1 used")
    await page.click(".offer [data-interval=monthly] >> nth=0")
    await operator.sees(".fault-bar", "Plans cannot be bought just now")
    operator.complaints.clear()  # the browser itself reports the 503
    await page.goto(f"{operator.clients.world.url}/?checkout=done#/plan")
    await operator.sees(".said", "the payment went through")
    await operator.sees("h1", "Usage and plan")
    await operator.go("#/history")
    await expect(page.locator(".said")).to_have_count(0)


async def test_a_refusal_is_told_once_at_its_field_and_leads_on(operator: Operator) -> None:
    page = operator.page
    await operator.go("#/messages/new")
    await page.fill("[name=topic]", "baking bread")
    await page.fill("[name=to]", "+4930901820")
    await page.click("main >> text=Text >> nth=-1")
    await page.wait_for_selector("[name=to][aria-invalid=true]:focus")
    await operator.sees(".field .fault", "United States and Canada")
    assert await page.locator(".fault-bar").count() == 0
    await operator.go("#/numbers")
    await page.fill("[name=to]", await operator.clients.sandbox.number_of("texter"))
    await page.click("text=Send a code")
    await page.fill("[name=code]", "000000")
    await page.keyboard.press("Enter")
    await operator.sees(".field .fault", "This is not the code")
    operator.complaints.clear()  # the browser itself reports the 422


async def test_every_screen_is_accessible_and_fits_every_width(
    operator: Operator, axe: str
) -> None:
    page = operator.page
    token = await page.evaluate("JSON.parse(sessionStorage['talking.session']).access_token")
    http, url = operator.clients.http, operator.clients.world.url
    headers = {"Authorization": f"Bearer {token}"}
    texter = await operator.clients.sandbox.number_of("texter")
    topic = "a very long topic about " + "bread" * 20
    for path, body in (
        ("calls", {"topic": topic, "to": "+12125559999"}),
        ("conversations", {"topic": topic, "phone_number": texter, "consent": "Yes"}),
        ("emails", {"topic": topic, "type": "custom", "subject": "Flour", "content": "Much."}),
    ):
        answer = await http.post(f"{url}/v1/{path}", json=body, headers=headers)
        assert answer.status == 201, await answer.text()
    await page.emulate_media(reduced_motion="reduce")
    await operator.sees(".lane[aria-label=Ending] .card", "bread")
    ids = await page.evaluate("[...document.querySelectorAll('.card')].map(one => one.dataset.id)")
    await operator.go("#/messages")
    thread = await page.locator(".items a").first.get_attribute("href")
    await operator.go("#/emails")
    letter = await page.locator(".items a").first.get_attribute("href")
    await page.evaluate(f"() => {{ {axe} }}")
    for screen in (*SCREENS, f"#/calls/{ids[0]}", thread, letter):
        await page.set_viewport_size({"width": max(WIDTHS), "height": 850})
        await operator.go(screen)
        for width, scheme in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": 850})
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (screen, width, wide)
            assert await page.evaluate(CUT_OFF) == [], (screen, width)
            if scheme:
                await page.emulate_media(color_scheme=scheme)
                await page.evaluate(AT_REST)
                found = await page.evaluate("async () => (await axe.run()).violations")
                assert [_told(one) for one in found] == [], (screen, width)


def _told(violation: Any) -> tuple[str, list[str]]:
    return violation["id"], [node["html"][:200] for node in violation["nodes"]]


async def test_a_key_is_made_shown_once_and_revoked(operator: Operator) -> None:
    page = operator.page
    await operator.go("#/build")
    await page.fill("#new-key [name=name]", "Night shift")
    await page.dblclick("text=Make a key")
    await operator.sees("pre", "tk_")
    await expect(page.locator("#new-key [name=name]")).to_have_value("")  # not made once more
    key = str(await page.locator("pre").text_content())
    await operator.sees("[aria-label='API keys'] tbody", key[-4:])
    assert await page.locator("[aria-label='API keys'] tbody tr").count() == 1
    await page.click("text=Revoke")
    await page.click("#dialog .danger")
    await operator.sees("[aria-label='API keys'] tbody", "Revoked")
    await page.fill("#new-webhook [name=url]", "https://hooks.example.com/talking")
    await page.click("text=Make a webhook")
    await operator.sees(".panel:has(#new-webhook) pre", "whsec_")
    await page.click("text=Test >> nth=-1")
    await page.click("[aria-label='Webhooks'] a")
    await operator.sees("[aria-label='What was sent'] tbody", "webhook.test")
    await operator.go("#/history")
    await page.evaluate(MAKE_A_KEY)  # as from another page
    await operator.go("#/build")
    await operator.sees("[aria-label='API keys'] tbody", "Day shift")


async def test_an_operator_writes_an_agent_and_tries_it_out(operator: Operator, axe: str) -> None:
    page, clients = operator.page, operator.clients
    token = await page.evaluate("JSON.parse(sessionStorage['talking.session']).access_token")
    async with clients.http.get(
        f"{clients.world.url}/v1/me", headers={"Authorization": f"Bearer {token}"}
    ) as answer:
        me = await answer.json()
    rights = {"app_metadata": {"role": "operator"}}
    await clients.sandbox.send("PUT", f"/world/users/{me['id']}", rights)
    await page.evaluate("sessionStorage.clear()")
    await operator.sign_in()
    slug = f"a{uuid.uuid4().hex[:12]}"
    await operator.go("#/agents/new")
    await page.fill("[name=slug]", slug)
    await page.fill("[name=name]", "Ann of Town")
    await page.fill("[name=greeting]", "Good day, Ann speaking.")
    await page.fill("[name=instructions]", "\u202e")
    await page.click("main >> text=Save")
    await operator.sees(".field .fault", "It needs 1 to 8000 printable characters")
    await page.fill("[name=instructions]", "Be kind.\nBe brief.")
    await page.fill("[name=limit_seconds]", "60")
    await page.fill("[name=call_budget]", "0.5")
    await page.click("main >> text=Save")
    await operator.sees(".panel h2", "Ann of Town")
    await page.evaluate(f"() => {{ {axe} }}")
    found = await page.evaluate("async () => (await axe.run()).violations")
    assert [_told(one) for one in found] == []
    await _tries_a_tool(operator)
    await page.fill("[name=greeting]", "")
    await page.check("[name=silent]")
    await page.click("main >> text=Save")
    await expect(page.locator("[name=greeting]")).to_have_value("")
    await expect(page.locator("[name=silent]")).to_be_checked()
    await expect(page.locator("[name=may-end_call]")).to_be_checked()
    await expect(page.locator("[name=limit_seconds]")).to_have_value("60")
    await expect(page.locator("[name=call_budget]")).to_have_value("0.5")
    await page.click("text=Try it")
    await expect(page.locator("#new-call [name=agent]")).to_have_value(slug)
    await page.fill("#new-call [name=topic]", "roses")
    await page.fill("#new-call [name=to]", await clients.sandbox.add(patient()))
    await page.keyboard.press("Enter")
    await operator.stage("Talking")
    await page.click("text=Hang up")
    await page.click("#dialog .danger")
    await operator.go("#/agents")
    await page.click("text=Ann of Town")
    await page.click("main >> text=Delete")
    await page.click("#dialog .danger")
    await operator.sees("main", "Who may talk")
    await expect(page.locator("main", has_text="Ann of Town")).to_have_count(0)
    operator.complaints.clear()  # the browser itself reports the 400


async def _tries_a_tool(operator: Operator) -> None:
    """One of ours is switched on, one of the operator's own refused and taken out again."""
    page = operator.page
    await page.check("[name=may-end_call]")
    await page.click("text=Add a tool of your own")
    await page.fill("[name=tool-0-name]", "find_order")
    await page.fill("[name=tool-0-description]", "Finds an order.")
    await page.fill("[name=tool-0-url]", "https://shop.example.com/orders")
    await page.fill("[name=tool-0-parameters]", "{")
    await page.click("main >> text=Save")
    await expect(page.locator("[name=tool-0-parameters]:invalid")).to_have_count(1)
    await page.fill("[name=tool-0-parameters]", '{"type": "object"}')
    await page.click("main >> text=Save")
    await operator.sees("body", "a host not in tools.allowed_hosts")
    await page.click("text=Remove this tool")


async def test_history_is_filtered_by_the_server(operator: Operator) -> None:
    page = operator.page
    busy = await operator.clients.sandbox.add(human(answers="busy"))
    await operator.call(busy, "growing beans")
    await operator.sees(".facts", "Busy")
    await page.fill("[name=tag]", "Call back")
    await page.keyboard.press("Enter")
    await operator.sees(".tag", "Call back")
    await page.fill("[name=text]", "Was busy.\nTry in May.")
    await page.click("text=Write it down")
    await page.click(".notes >> text=Change")
    await page.fill(".notes [name=text]", "Try in June.")
    await page.click("text=Save")
    await operator.sees(".notes .words", "Try in June.")
    await operator.go("#/history")
    await operator.sees("table", "growing beans")
    async with page.expect_request(lambda one: "/v1/calls?" in one.url) as asking:
        await page.select_option("[aria-label=State]", "ended")
    asked = await asking.value
    assert "status=ended" in asked.url
    await operator.sees("main", "Nothing matches.")
    await page.select_option("[aria-label=State]", "busy")
    await operator.sees("table", "growing beans")
    await page.click("text=Show all")
    await operator.sees("table", "growing beans")
    async with page.expect_request(lambda one: "tag=Call+back" in one.url):
        await page.select_option("[aria-label=Tag]", "Call back")
    await operator.sees("table", "growing beans")
    async with page.expect_request(lambda one: "search=xylophones" in one.url):
        await page.fill("[aria-label=Search]", "xylophones")
    await operator.sees("main", "Nothing that was read matches.")


async def test_who_signs_out_leaves_nothing_to_the_next_one(operator: Operator) -> None:
    page = operator.page
    await operator.call(await operator.clients.sandbox.add(patient()), "only mine")
    await operator.stage("Talking")
    async with page.expect_websocket(lambda socket: socket.url.endswith("/audio")) as opening:
        await page.click("text=Listen")
    audio = await opening.value
    await operator.sees(".foot", "Stop listening")
    await operator.go("#/history")
    await operator.sees("table", "only mine")
    await operator.go("#/more")
    async with audio.expect_event("close"):
        await page.click("text=Sign out")
    someone = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
    await operator.clients.sandbox.send("POST", "/auth/v1/signup", someone)
    await operator.enter(someone)
    await operator.sees("h1", "More")
    await operator.go("#/history")
    await operator.sees("main", "No calls yet.")
    await _is_asked_for_a_second_factor(operator, someone)


async def _is_asked_for_a_second_factor(operator: Operator, someone: dict[str, str]) -> None:
    """Somebody sets one up, and signs in by it from then on."""
    page = operator.page
    secret = await operator.sets_up_a_second_factor()
    await operator.go("#/more")
    await page.click("text=Sign out")
    await operator.enter(someone)
    await page.fill("[name=code]", "000000")
    await page.keyboard.press("Enter")
    await operator.sees(".fault", "This is not the code")
    assert await page.evaluate("sessionStorage.getItem('talking.session')") is None
    await operator.enter_code(secret)
    await operator.sees("h1", "More")
    operator.complaints.clear()  # the browser itself reports the 422


async def test_places_are_found_as_they_were_left_with_what_is_new_or_are_said_not_to_be(
    operator: Operator,
) -> None:
    page = operator.page
    await operator.go("#/history")
    await operator.sees(".empty", "No calls yet.")
    await operator.call(await operator.clients.sandbox.number_of("busy"), "bread\u00a0again")
    await operator.go("#/history")
    await operator.sees("td", "bread again")
    await page.set_viewport_size({"width": 400, "height": 300})
    await page.evaluate("scrollTo(0, 100)")
    await operator.go("#/more")
    assert await page.evaluate("scrollY") == 0
    await page.go_back()
    await page.wait_for_function("() => scrollY === 100")
    for nowhere in ("#/history?from=never", "#/history?kind=constructor"):
        await operator.go(nowhere)
        await operator.sees("h1", "There is no such page")
    assert operator.complaints
    operator.complaints.clear()
