"""The mail of a world: people who send, and what the sandbox's mail company got and did."""

import asyncio
import base64
import io
import time
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key

from db.accounts import users
from sandbox.core.settings import SENDGRID_PRIVATE_KEY
from tests.support.client import Answer, Clients, Json, User
from tests.support.node import INBOUND_KEY
from tests.support.patience import patience

POLL_SECONDS = 0.03
GIVEN = {"topic": "sourdough", "type": "custom", "subject": "Bread", "content": "Feed it."}


class Post:
    """Everything a test of e-mails does from outside."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.world = clients.world
        self.sandbox = clients.sandbox

    async def user(self, plan: str = "free", phone: str = "") -> User:
        """Somebody new on a plan, perhaps with a phone of their own."""
        who = {"email": f"{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
        session = await self.sandbox.send("POST", "/auth/v1/signup", {**who, "phone": phone})
        user = User(self.clients.http, self.world, session)
        if plan != "free":
            await user.get("/v1/me")
            async with self.world.rows() as connection:
                await users.give_plan(connection, user.id, plan)
        return user

    async def send(self, user: User, **body: Any) -> Json:
        """Have an e-mail sent, with given words unless told otherwise."""
        answer = await user.ask("POST", "/v1/emails", {**GIVEN, **body})
        assert answer.status == 201, answer
        email: Json = answer.body
        return email

    async def until(self, user: User, email: Json, *deliveries: str) -> Json:
        """The e-mail once it got so far."""

        async def read() -> Json:
            found: Json = await user.get(f"/v1/emails/{email['id']}")
            return found

        found: Json = await until(read, lambda now: now["delivery"] in deliveries)
        return found

    async def sent(self, email: Json) -> list[Json]:
        """What the mail company took for this e-mail."""
        mails: list[Json] = await self.sandbox.get("/world/mails")
        return [one for one in mails if one["custom_args"].get("email_id") == email["id"]]

    async def faults(self, **faults: Any) -> None:
        """Misfortunes from now on."""
        await self.sandbox.send("PUT", "/world/faults", faults)

    async def press(self, mail: Json, deed: str, **form: str) -> None:
        """What its reader does in the mailbox."""
        url = f"{self.world.sandbox_url}/mail/{mail['id']}/{deed}"
        async with self.clients.http.post(url, data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()

    async def events(
        self, events: Any, *, key: Any = None, at: float | None = None,
        signature: str | None = None,
    ) -> Answer:  # fmt: skip
        """Post events as the mail company does; well signed unless told otherwise."""
        body = events if isinstance(events, bytes) else msgspec.json.encode(events)
        timestamp = str(int(time.time() if at is None else at))  # noqa: TID251 - signed by the world's clock
        headers = {
            "X-Twilio-Email-Event-Webhook-Signature": signature or sign(body, timestamp, key),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }
        return await self.raw("/webhooks/sendgrid", body, headers)

    async def raw(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Any POST to the node."""
        url = f"{self.world.url}{path}"
        async with self.clients.http.post(url, data=io.BytesIO(body), headers=headers) as answer:
            return Answer(answer.status, await answer.read(), dict(answer.headers))

    async def inbound(self, fields: dict[str, str], key: str = INBOUND_KEY) -> Answer:
        """Post a mail as Inbound Parse does."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return await self.raw(f"/webhooks/sendgrid/inbound?key={key}", body, headers)

    async def letters(self, user: User) -> list[Json]:
        """The answers the user got."""
        found: list[Json] = (await user.get("/v1/emails"))["emails"]
        return [one for one in found if one["in_reply_to"]]


async def until(read: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """What is read, once it is wanted."""
    async with patience():
        while True:
            found = await read()
            if wanted(found):
                return found
            await asyncio.sleep(POLL_SECONDS)  # polls a condition with a deadline


def sign(body: bytes, timestamp: str, key: Any = None) -> str:
    """The signature of a batch, with the sandbox's key or another."""
    chosen = key or load_der_private_key(base64.b64decode(SENDGRID_PRIVATE_KEY), None)
    assert isinstance(chosen, ec.EllipticCurvePrivateKey)
    signed = chosen.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(signed).decode()


def event(email: Json, kind: str, **fields: Any) -> Json:
    """One event about an e-mail, with an id of its own."""
    return {
        "email": email["recipient_email"], "timestamp": 1, "event": kind,
        "sg_event_id": uuid.uuid4().hex, "sg_message_id": "x.recvd-1", "email_id": email["id"],
        **fields,
    }  # fmt: skip
