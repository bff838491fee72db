"""Events posted to the product: batched in arrays, signed, posted again until accepted.

SendGrid promises neither order nor a single copy; this sends in order until a fault is switched on
or the product fails. An array that was not accepted is posted again as it was, with a new
signature.
"""

import base64
import random

import aiohttp
import msgspec
import structlog
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sandbox.core.clock import iso8601, utc_now
from sandbox.core.faults import Faults, event_delays_ms
from sandbox.core.http_post import post
from sandbox.core.scheduler import Scheduler
from sandbox.core.settings import SENDGRID_PRIVATE_KEY
from sandbox.sendgrid.events import Event

log = structlog.get_logger(__name__)


class Attempt(msgspec.Struct, frozen=True):
    """One post; `status` is 0 when there was no answer."""

    at: str
    status: int


class _Batch(msgspec.Struct, frozen=True):
    events: tuple[Event, ...]
    tries: int = 0


def sign(body: bytes, timestamp: str) -> str:
    """The signature header: ECDSA P-256 with SHA-256 over time and raw body, DER in base64
    (SendGrid, "Event Webhook Security Features")."""
    key = load_der_private_key(base64.b64decode(SENDGRID_PRIVATE_KEY), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the sandbox's key is not one of an elliptic curve")
    signed = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(signed).decode()


class EventPoster:
    """Posts what is enqueued, in the order it is due; `run` until cancelled. `attempts` and
    `lost` are by event id."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        retry_seconds: tuple[float, ...],
        batch_seconds: float,
    ) -> None:
        self._http, self._url = http, url
        self._retry_seconds, self._batch_seconds = retry_seconds, batch_seconds
        self._scheduler: Scheduler[_Batch] = Scheduler()
        self.attempts: dict[str, list[Attempt]] = {}
        self.lost: set[str] = set()
        self.set_faults(Faults())

    def set_faults(self, faults: Faults) -> None:
        """Switch faults on or off; their random numbers start afresh."""
        self._faults = faults
        self._rng = random.Random(faults.seed)  # noqa: S311 # repeatable, not secret

    def enqueue(self, event: Event) -> None:
        """Send an event, if there is anywhere to send it to."""
        if not self._url:
            return
        delays_ms = event_delays_ms(self._faults, self._rng)
        if not delays_ms:
            self.lost.add(event.id)
        for delay_ms in delays_ms:
            self._scheduler.add(_Batch((event,)), delay_ms / 1000)

    async def run(self) -> None:
        """Post things as they become due."""
        while True:
            due = await self._scheduler.due(self._batch_seconds)
            fresh = tuple(event for one in due if one.tries == 0 for event in one.events)
            again = [one for one in due if one.tries]
            for batch in [_Batch(fresh), *again] if fresh else again:
                await self._send(batch)

    async def _send(self, batch: _Batch) -> None:
        body = (
            b"[" + b",\r\n".join(msgspec.json.encode(one.body) for one in batch.events) + b"]\r\n"
        )
        status = await self._post(body)
        attempt = Attempt(iso8601(utc_now()), status)
        for event in batch.events:
            self.attempts.setdefault(event.id, []).append(attempt)
        if not 200 <= status < 300:
            log.warning("mail events were not taken", count=len(batch.events), status=status)
            if batch.tries < len(self._retry_seconds):
                wait = self._retry_seconds[batch.tries]
                self._scheduler.add(_Batch(batch.events, batch.tries + 1), wait)

    async def _post(self, body: bytes) -> int:
        timestamp = str(int(utc_now().timestamp()))
        headers = {
            "Content-Type": "application/json;charset=utf-8",
            "User-Agent": "SendGrid Event API",
            "X-Twilio-Email-Event-Webhook-Signature": sign(body, timestamp),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }
        return await post(self._http, self._url, data=body, headers=headers)
