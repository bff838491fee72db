"""Events sent to webhook endpoints: signed, one after the other, tried again.

Stripe promises neither order nor a single copy; this sends in order until a fault is switched on
or an endpoint fails. Durations are real time, not the movable clock's, and so is the signature's
timestamp.
"""

import hashlib
import hmac
import random

import aiohttp
import msgspec
import structlog

from sandbox.core.clock import utc_now
from sandbox.core.faults import event_delays_ms
from sandbox.core.http_post import post
from sandbox.core.scheduler import Scheduler
from sandbox.stripe.core.account import Account, Object

ANSWER_SECONDS = 10.0

log = structlog.get_logger(__name__)


def signature(body: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over time and raw body (Stripe, "Verify webhook
    signatures manually")."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"


class Delivery:
    """Sends what is enqueued. Build it inside a running loop; `run` until cancelled, `close`
    then. `retry_seconds` are the waits before each further try."""

    def __init__(self, account: Account, retry_seconds: tuple[float, ...]) -> None:
        self._account = account
        self._retry_seconds = retry_seconds
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            headers={"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
        )
        self._scheduler: Scheduler[str] = Scheduler()
        self._rng = random.Random(account.faults.seed)  # noqa: S311 # repeatable, not secret
        for one in account.all("delivery"):
            left = len(one["attempts"]) <= len(retry_seconds)
            if left and not one["delivered"] and not one["lost"]:
                self._scheduler.add(one["id"], 0.0)

    def reset_rng(self) -> None:
        """Random numbers start afresh with other faults."""
        self._rng = random.Random(self._account.faults.seed)  # noqa: S311

    def enqueue(self, events: list[Object]) -> None:
        """Send events to every endpoint that wants them."""
        for event in events:
            for endpoint in self._account.all("webhook_endpoint"):
                wanted = {"*", event["type"]} & set(endpoint["enabled_events"])
                if endpoint["status"] == "enabled" and wanted:
                    self._enqueue(event, endpoint)

    async def run(self) -> None:
        """Send things as they become due."""
        while True:
            for delivery_id in await self._scheduler.due():
                await self._send(delivery_id)

    async def close(self) -> None:
        """Close the connections; what is not delivered is sent by the next process."""
        await self._session.close()

    def _enqueue(self, event: Object, endpoint: Object) -> None:
        delays_ms = event_delays_ms(self._account.faults, self._rng)
        one = self._account.put(
            {
                "id": f"{event['id']}/{endpoint['id']}",
                "object": "delivery",
                "event": event["id"],
                "endpoint": endpoint["id"],
                "delivered": False,
                "lost": not delays_ms,
                "attempts": [],
            }
        )
        for delay_ms in delays_ms:
            self._scheduler.add(one["id"], delay_ms / 1000)

    async def _send(self, delivery_id: str) -> None:
        one = self._account.find("delivery", delivery_id)
        if one is None:  # its endpoint was deleted
            return
        endpoint = self._account.get("webhook_endpoint", one["endpoint"])
        event = {**self._account.get("event", one["event"]), "pending_webhooks": 1}
        body = msgspec.json.format(msgspec.json.encode(event), indent=2)
        status = await self._post(endpoint, body)
        taken = 200 <= status < 300
        # The delivery may have been forgotten, or its duplicate sent, while the endpoint answered.
        one = self._account.find("delivery", delivery_id)
        if one is None:
            return
        tries = len(one["attempts"])
        attempts = [*one["attempts"], {"at": utc_now().isoformat(), "status": status}]
        self._account.put({**one, "attempts": attempts, "delivered": one["delivered"] or taken})
        if not taken:
            log.warning("event was not taken", kind=event["type"], status=status)
            if tries < len(self._retry_seconds):
                self._scheduler.add(delivery_id, self._retry_seconds[tries])

    async def _post(self, endpoint: Object, body: bytes) -> int:
        """The answer's status, 0 when there was none."""
        secret = self._account.facts(endpoint["id"])["secret"]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret, int(utc_now().timestamp())),
        }
        return await post(self._session, endpoint["url"], data=body, headers=headers)
