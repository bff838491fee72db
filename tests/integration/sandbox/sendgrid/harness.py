"""A running sandbox, its mail service by the official SDK, and a product that takes what it posts.

The product verifies every signature with the SDK's own code before it believes a word.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import sendgrid
from aiohttp import web
from python_http_client.exceptions import HTTPError
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import Content, Email, Mail, To

from sandbox.core.settings import SENDGRID_KEY, SENDGRID_PUBLIC_KEY, VERIFIED_SENDERS
from tests.integration.sandbox.world import sandbox
from tests.support.patience import patience
from tests.support.processes import free_port
from tests.support.web_server import serving

SENDER = VERIFIED_SENDERS[0]
QUICK: dict[str, Any] = {
    "mail_pace": 0.01, "sendgrid_batch_seconds": 0.05, "sendgrid_retry_seconds": (0.05, 0.1),
}  # fmt: skip


class Product:
    """What the mail service posts to; `status` is how it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.batches: list[list[dict[str, Any]]] = []
        self.refused: list[list[dict[str, Any]]] = []
        self.letters: list[dict[str, str]] = []
        self.unsubscribes: list[tuple[str, dict[str, str], str]] = []
        self.changed = asyncio.Condition()

    async def events(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        verified = EventWebhook(SENDGRID_PUBLIC_KEY).verify_signature(
            body,
            request.headers["X-Twilio-Email-Event-Webhook-Signature"],
            request.headers["X-Twilio-Email-Event-Webhook-Timestamp"],
        )
        assert verified
        async with self.changed:
            (self.batches if self.status == 200 else self.refused).append(json.loads(body))
            self.changed.notify_all()
        return web.Response(status=self.status)

    async def inbound(self, request: web.Request) -> web.Response:
        assert request.content_type == "multipart/form-data"
        fields = {name: str(value) for name, value in (await request.post()).items()}
        async with self.changed:
            self.letters.append(fields)
            self.changed.notify_all()
        return web.Response(status=self.status)

    async def unsubscribe(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        self.unsubscribes.append((request.path_qs, fields, request.headers.get("Cookie", "")))
        return web.Response()

    def heard(self, recipient: str) -> list[dict[str, Any]]:
        return [one for batch in self.batches for one in batch if one["email"] == recipient]

    def kinds(self, recipient: str) -> list[str]:
        return [one["event"] for one in self.heard(recipient)]

    async def wait(self, condition: Callable[[], bool]) -> None:
        async with patience(), self.changed:
            await self.changed.wait_for(condition)

    async def until(self, recipient: str, kind: str, count: int = 1) -> dict[str, Any]:
        """The last of `count` events of a kind, once they have come."""
        await self.wait(lambda: self.kinds(recipient).count(kind) >= count)
        return [one for one in self.heard(recipient) if one["event"] == kind][count - 1]


class SendGridHarness:
    """Everything a test needs: SDK, plain HTTP, the product."""

    def __init__(self, base_url: str, origin: str, http: aiohttp.ClientSession) -> None:
        self.base_url, self.origin, self.http = base_url, origin, http
        self.product = Product()
        self.client = sendgrid.SendGridAPIClient(SENDGRID_KEY, host=base_url)

    async def send(self, message: Any, client: Any = None) -> str:
        """Send by the SDK; the message id. Raises the SDK's HTTPError."""
        response = await asyncio.to_thread((client or self.client).send, message)
        assert (response.status_code, response.body) == (202, b"")
        return str(response.headers["X-Message-Id"])

    async def refused(self, message: Any, client: Any = None) -> tuple[int, list[Any], Any]:
        """Status, errors and headers of a mail that is not taken."""
        try:
            await self.send(message, client)
        except HTTPError as error:
            return error.status_code, json.loads(error.body)["errors"], error.headers
        raise AssertionError("it was taken")

    async def json(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        async with self.http.request(method, f"{self.base_url}{path}", json=body) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def faults(self, **faults: Any) -> None:
        await self.json("PUT", "/world/faults", **faults)

    async def mail_to(self, recipient: str, status: str) -> Any:
        """The last mail to somebody as the world shows it, once it has got so far."""
        async with patience():
            while True:
                for kept in reversed(await self.json("GET", "/world/mails")):
                    if kept["status"].get(recipient) == status:
                        return kept
                await asyncio.sleep(0.01)  # polls a condition with a deadline

    async def posted(self) -> Any:
        """The last mail to the product as the world shows it, once its fate is known."""
        async with patience():
            while True:
                letter = (await self.json("GET", "/world/inbound_mails"))[-1]
                if letter["outcome"] != "waiting":
                    return letter
                await asyncio.sleep(0.01)  # polls a condition with a deadline

    async def page(self, path: str, **query: str) -> str:
        async with self.http.get(f"{self.base_url}{path}", params=query) as response:
            assert response.status == 200
            return await response.text()

    async def press(self, mail_id: str, action: str, **fields: str) -> tuple[int, str, str]:
        """Post a page's form; status, where it leads, and the text."""
        url = f"{self.base_url}/mail/{mail_id}/{action}"
        async with self.http.post(url, data=fields, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()


def mail(to: str, **changes: Any) -> Any:
    """A mail of the SDK's helper with both parts, as a dictionary."""
    made = Mail(
        from_email=Email(SENDER, "Talking App"),
        to_emails=To(to),
        subject="Your call",
        plain_text_content=Content("text/plain", "You talked for 3 minutes. http://product.test/c"),
        html_content=Content("text/html", "<p>You <a href='http://product.test/c'>talked</a></p>"),
    ).get()
    return {**made, **changes}


@contextlib.asynccontextmanager
async def harness(data: Path, **changes: Any) -> AsyncIterator[SendGridHarness]:
    """A sandbox whose mail service is in a hurry, and a product it posts to."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    settings = {
        **QUICK, "sendgrid_webhook_url": f"{origin}/events",
        "inbound_parse_url": f"{origin}/inbound", **changes,
    }  # fmt: skip
    async with sandbox(data, **settings) as base_url, aiohttp.ClientSession() as http:
        made = SendGridHarness(base_url, origin, http)
        app = web.Application()
        app.router.add_post("/events", made.product.events)
        app.router.add_post("/inbound", made.product.inbound)
        app.router.add_post("/unsubscribe", made.product.unsubscribe)
        async with serving(app, port):
            yield made
