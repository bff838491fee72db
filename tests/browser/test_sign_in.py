"""Who has no account makes one at the page, and who forgot the password sets another by a link."""

import uuid
from typing import Any

import pytest

from sandbox.core.settings import SECRET_KEY
from tests.browser.operator import Operator
from tests.support.client import Clients

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def _is_accessible(page: Any, axe: str) -> None:
    await page.evaluate(f"() => {{ {axe} }}")
    found = await page.evaluate("async () => (await axe.run()).violations")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


async def _sent(page: Any, button: str, clients: Clients) -> str:
    async with page.expect_response(lambda answer: "/recover" in answer.url):
        await page.click(button)
    return await _link(clients)


async def _link(clients: Clients) -> str:
    messages = await clients.sandbox.send("GET", "/world/sign_in_messages", {})
    return str(messages[-1]["link"])


async def test_an_account_is_made_and_its_password_set_anew_by_a_link(
    browser: Any, clients: Clients, axe: str
) -> None:
    who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": "short"}
    context = await browser.new_context(viewport={"width": 400, "height": 850})
    page = await context.new_page()
    person = Operator(page, clients, who)
    await page.goto(clients.world.url)
    await page.wait_for_selector("#sign-in")
    await _is_accessible(page, axe)
    await page.click("text=Create an account")
    await person.sees("h2", "Create an account")
    await person.enter(who)
    await page.wait_for_selector("[name=password][aria-invalid=true]:focus")
    await person.sees(".field .fault", "at least 6 characters")
    await _is_accessible(page, axe)
    await person.enter({**who, "password": "long enough"})
    await person.sees(".lanes", "Ringing")
    await person.go("#/more")
    await person.sees("main", who["email"])
    await page.click("text=Sign out")
    await page.click("text=Create an account")
    await person.sees("h2", "Create an account")
    await person.enter({**who, "password": "long enough"})
    await person.sees(".field .fault", "There is an account with this address already.")
    await page.click("text=Back to signing in")
    await page.click("text=Forgot the password?")
    await person.sees("h2", "Set a new password")
    assert await page.input_value("[name=email]") == who["email"]
    link = await _sent(page, "text=Send a link", clients)
    await person.sees("[role=status]", who["email"])
    await _is_accessible(page, axe)
    elsewhere = await browser.new_context()
    other = await elsewhere.new_page()
    await other.goto(link)
    await other.locator(".fault", has_text="works only in the browser").wait_for()
    await elsewhere.close()
    tab = await context.new_page()
    await tab.goto(await _sent(page, "text=Send it again", clients))
    await tab.wait_for_selector("[name=password]")
    await _is_accessible(tab, axe)
    await tab.fill("[name=password]", "another one")
    await tab.keyboard.press("Enter")
    await tab.locator(".lanes").wait_for()
    assert "code=" not in tab.url
    await page.reload()
    await person.enter({**who, "password": "long enough"})
    await person.sees(".fault", "not the e-mail address and password")
    await person.enter({**who, "password": "another one"})
    await person.sees("h1", "More")
    await context.close()


async def test_an_address_is_confirmed_by_a_link_and_a_new_password_needs_the_second_factor(
    browser: Any, clients: Clients
) -> None:
    who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": "long enough"}
    context = await browser.new_context()
    await context.request.post(  # as an administrator of the sign-in makes one, not confirmed yet
        f"{clients.world.sandbox_url}/auth/v1/admin/users", data=who,
        headers={"apikey": SECRET_KEY, "Authorization": f"Bearer {SECRET_KEY}"},
    )  # fmt: skip
    page = await context.new_page()
    person = Operator(page, clients, who)
    await page.goto(clients.world.url)
    await person.enter(who)
    await person.sees(".fault", "Follow the link")
    async with page.expect_response(lambda answer: "/signup" in answer.url):
        await page.click("text=Send the mail again")
    await person.sees("h2", "A mail is on its way")
    await page.goto(await _link(clients))
    await person.sees(".lanes", "Ringing")
    secret = await person.sets_up_a_second_factor()
    await person.go("#/more")
    await page.click("text=Sign out")
    await page.click("text=Forgot the password?")
    await person.sees("h2", "Set a new password")
    await page.fill("[name=email]", who["email"])
    await page.goto(await _sent(page, "text=Send a link", clients))
    await person.enter_code(secret)
    await page.fill("[name=password]", "another one")
    await page.keyboard.press("Enter")
    await person.sees(".lanes", "Ringing")
    await context.close()
