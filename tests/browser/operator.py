"""An operator at the page: what a person does there, in their words. Judges nothing."""

from typing import Any

from sandbox.core.clock import utc_now
from sandbox.supabase import totp
from tests.support.client import Clients, Json

PATIENCE_MS = 60_000
# Goes to a place, and waits until the page has drawn what it has of it.
MOVED = """place => new Promise((drawn) => {
  if (location.hash === place) return drawn();
  const next = (then) => () => requestAnimationFrame(then);
  addEventListener("hashchange", next(next(() => drawn())), { once: true });
  location.hash = place;
})"""
EXPECTED = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection")  # a link that we cut ourselves


class Operator:
    """One signed-in page."""

    def __init__(self, page: Any, clients: Clients, who: Json) -> None:
        self.page = page
        self.clients = clients
        self.complaints: list[str] = []
        self._who = who
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not any(each in message.text for each in EXPECTED):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    async def sign_in(self) -> None:
        await self.page.goto(self.clients.world.url)
        await self.enter(self._who)
        await self.page.wait_for_selector(".lanes")

    async def enter(self, who: Json) -> None:
        """Fill the form that is there."""
        await self.page.fill("[name=email]", who["email"])
        await self.page.fill("[name=password]", who["password"])
        await self.page.keyboard.press("Enter")

    async def go(self, place: str) -> None:
        """Another screen, settled."""
        await self.page.evaluate(MOVED, place)
        await self.page.wait_for_function("() => !document.querySelector('.loading')")
        await self.page.wait_for_selector("h1")

    async def call(self, number: str, topic: str = "baking bread") -> str:
        """Place a call by the dialog; its id, once its page is there."""
        await self.page.click("text=New call")
        await self.page.fill("#new-call [name=topic]", topic)
        await self.page.fill("#new-call [name=to]", number)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector(".stepper")
        return str(await self.page.evaluate("location.hash.split('/').pop()"))

    async def sees(self, selector: str, text: str) -> None:
        """Wait until it is on the page."""
        await self.page.locator(selector, has_text=text).first.wait_for()

    async def stage(self, name: str) -> None:
        """Wait until the call is there."""
        await self.sees(".stepper .now", name)

    async def sets_up_a_second_factor(self) -> str:
        """Their sign-in asks for a code from now on; the secret that codes are made of."""
        await self.go("#/privacy")
        await self.page.click("text=Set it up")
        secret = str(await self.page.locator("[aria-label=Key]").text_content())
        async with self.page.expect_event("load"):
            await self.enter_code(secret)
        await self.sees("main", "Signing in asks for a code of yours.")
        return secret

    async def enter_code(self, secret: str) -> None:
        """That of the moment."""
        await self.page.fill("[name=code]", totp.code_at(secret, utc_now().timestamp()))
        await self.page.keyboard.press("Enter")
