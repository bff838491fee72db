"""The console in another maker's browser: one walk through what somebody does every day, with the
accessibility checker on each screen."""

import uuid
from pathlib import Path

import pytest

from tests.browser.firefox import FirefoxPage, firefox
from tests.support.client import Clients
from tests.support.people import patient

pytestmark = pytest.mark.asyncio(loop_scope="package")

AXE = "(async () => (await axe.run()).violations.map(one => [one.id, one.nodes[0].html]))()"


async def is_well(page: FirefoxPage, axe: str) -> None:
    """Nothing is wider than the page, nothing is out of reach, and no script complained."""
    for width in (390, 1280):
        await page.size(width, 850)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.evaluate(f"(() => {{ if (!window.axe) {{ {axe} }} }})()")
    assert await page.evaluate(AXE) == []
    assert page.complaints == []


async def test_firefox_shows_the_console_as_it_is(
    clients: Clients, axe: str, tmp_path: Path
) -> None:
    who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
    async with firefox(tmp_path) as page:
        await clients.sandbox.send("POST", "/auth/v1/signup", who)
        number = await clients.sandbox.add(patient())
        await page.goto(clients.world.url)
        await page.fill("[name=email]", who["email"])
        await page.fill("[name=password]", who["password"])
        await page.press("\ue007")
        await page.sees("#link", "Live")
        await is_well(page, axe)

        await page.click(".new-call")
        await page.until("document.activeElement.name === 'topic'")
        await page.press("baking bread")
        await page.fill("#new-call [name=to]", number)
        await page.press("\ue007")
        await page.sees(".stepper .now", "Talking")
        await page.sees("[role=log] .turn.agent", "baking bread")
        await page.fill("[name=tag]", "Call back")
        await page.press("\ue007")
        await page.sees(".tag", "Call back")
        await is_well(page, axe)
        await page.click("[data-key=x]")
        await page.click("#dialog .danger")
        await page.sees(".head .status", "Ended")

        await page.click(".tag a")
        await page.sees("td", "baking bread")
        await is_well(page, axe)
