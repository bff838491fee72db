"""Requests the carrier makes to a product: form-encoded, signed, timed and retried as Twilio does.

The URL's fragment may override the timeouts and the retry policy (Twilio, "Webhooks: Connection
Overrides") and is neither sent nor signed. Knows no calls; what an answer means is up to the
caller.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import aiohttp
import msgspec
import yarl
from twilio.request_validator import RequestValidator

MAX_BODY_BYTES = 64 * 1024  # Twilio error 11750: response body too large


class Policy(msgspec.Struct, frozen=True):
    """Timeouts in milliseconds and what is tried again."""

    connect_ms: int = 5000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})


class Reply(msgspec.Struct, frozen=True):
    """What came back. `error` is 0 or Twilio's code: 11200 unusable answer, 11205 no connection,
    11750 too large. `status` is 0 when there was no answer."""

    status: int
    content_type: str
    body: bytes
    error: int
    attempts: int
    elapsed_ms: float


def split_overrides(url: str) -> tuple[str, Policy]:
    """A URL as it will be sent, and its policy; overrides out of range are clamped."""
    parts = urlsplit(url)
    given = {key: values[-1] for key, values in parse_qs(parts.fragment).items()}

    def number(key: str, default: int, least: int, most: int) -> int:
        text = given.get(key, "")
        return min(most, max(least, int(text))) if text.isdecimal() else default

    words = frozenset(given.get("rp", "ct").split(","))
    policy = Policy(
        connect_ms=number("ct", 5000, 100, 10_000),
        read_ms=number("rt", 15_000, 100, 15_000),
        total_ms=number("tt", 15_000, 100, 15_000),
        retries=number("rc", 1, 0, 5),
        retry_on=frozenset({"ct", "rt", "4xx", "5xx"}) if "all" in words else words,
    )
    return urlunsplit(parts._replace(fragment="")), policy


class Webhooks:
    """The carrier's way out. Use inside a running loop and close it."""

    def __init__(self, auth_token: str) -> None:
        self._validator = RequestValidator(auth_token)
        # Every request has its own connection, as from a fleet of senders.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    def signature(self, url: str, params: Mapping[str, str]) -> str:
        """The `X-Twilio-Signature` for a URL and POST fields."""
        return str(self._validator.compute_signature(url, dict(params)))

    async def send(self, url: str, method: str, params: Mapping[str, str]) -> Reply:
        """Send one webhook, retries included; never raises for what the far side does."""
        url, policy = split_overrides(url)
        if method == "GET":
            url += ("&" if urlsplit(url).query else "?") + urlencode(params)
        fields = params if method == "POST" else {}
        headers = {
            "X-Twilio-Signature": self.signature(url, fields),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            "User-Agent": "TwilioProxy/1.1",
        }
        started, attempts = time.monotonic(), 0
        status, kind, content_type, body = 0, "rt", "", b""
        try:
            async with asyncio.timeout(policy.total_ms / 1000):
                while attempts == 0 or (attempts <= policy.retries and kind in policy.retry_on):
                    attempts += 1
                    status, kind, content_type, body = 0, "rt", "", b""
                    status, kind, content_type, body = await self._try(
                        method, url, fields, headers, policy
                    )
        except TimeoutError:
            kind = kind if status else "rt"
        error = {"": 0, "ct": 11205, "big": 11750}.get(kind, 11200)
        elapsed_ms = round((time.monotonic() - started) * 1000, 1)
        return Reply(status, content_type, body, error, attempts, elapsed_ms)

    async def _try(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str],
        headers: Mapping[str, str],
        policy: Policy,
    ) -> tuple[int, str, str, bytes]:
        """Status, what was wrong in the words of a retry policy, content type and body."""
        limits = aiohttp.ClientTimeout(
            total=None, sock_connect=policy.connect_ms / 1000, sock_read=policy.read_ms / 1000
        )
        try:
            async with self._session.request(
                method,
                yarl.URL(url, encoded=True),
                data=dict(fields) if method == "POST" else None,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
            ) as response:
                body = await response.content.read(MAX_BODY_BYTES + 1)
                while not response.content.at_eof() and len(body) <= MAX_BODY_BYTES:
                    body += await response.content.read(MAX_BODY_BYTES + 1 - len(body))
                kind = "" if 200 <= response.status < 300 else f"{response.status // 100}xx"
                if len(body) > MAX_BODY_BYTES:
                    kind = kind or "big"
                return response.status, kind, response.headers.get("Content-Type", ""), body
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return 0, "ct", "", b""
        except (aiohttp.ClientError, TimeoutError):
            return 0, "rt", "", b""
