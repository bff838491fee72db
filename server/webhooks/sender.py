"""One attempt to deliver: resolve the name, judge the addresses, connect to one of them, post.

Nothing is followed and nothing of the answer is read but its status, or so much of it as is asked
for, so a receiver can have us ask nobody else and costs us nothing more. Knows no rows.
"""

import asyncio
import socket
import ssl
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from server.core.settings.building import Webhooks
from server.webhooks.addresses import is_allowed_literal
from server.webhooks.resolver import NotAllowedError, OwnThreads, PublicResolver

_AGENT = "Talking-App-Webhooks/1"
_MOST_WAIT_SECONDS = 86_400
_MOST_REFUSED = 10_000
_NAMES_PER_ATTEMPT = 4  # a lookup may outlast the attempts that it is for


class Outcome(msgspec.Struct, frozen=True):
    """What came back: a status, or why there is none; `wait_seconds` is what the receiver asks.
    `body` is there if it was wanted."""

    status: int | None
    error: str | None
    took_ms: int
    wait_seconds: float = 0.0
    body: bytes = b""

    @property
    def went_well(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class TooLongError(OSError):
    """More was answered than is wanted."""


class AtOnce:
    """What is being sent: so much in all, and half of it for one person, so that whose receivers
    hang holds up nobody else."""

    def __init__(self, most: int) -> None:
        self._most, self._most_of_one = most, max(1, most // 2)
        self._sending: Counter[uuid.UUID] = Counter()
        self._refused: dict[uuid.UUID, uuid.UUID] = {}  # whose the lanes are

    def may_have_place(self, lane_id: uuid.UUID) -> bool:
        """Whether the lane is worth a look just now."""
        return self._has_place(self._refused.get(lane_id))

    def begin(self, lane_id: uuid.UUID, user_id: uuid.UUID) -> bool:
        """Take a place until `end`; False when there is none for this person."""
        self._refused.pop(lane_id, None)
        if self._has_place(user_id):
            self._sending[user_id] += 1
            return True
        if len(self._refused) >= _MOST_REFUSED:
            self._refused.clear()  # only costs a look each
        self._refused[lane_id] = user_id
        return False

    def end(self, user_id: uuid.UUID) -> None:
        """Give it back."""
        self._sending -= Counter((user_id,))  # without those who have none any more

    def _has_place(self, user_id: uuid.UUID | None) -> bool:
        is_full = self._sending.total() >= self._most
        return not is_full and (user_id is None or self._sending[user_id] < self._most_of_one)


class WebhookSender:
    """A session of its own, which keeps no names, cookies or proxies."""

    def __init__(self, settings: Webhooks, resolver: AbstractResolver | None = None) -> None:
        self.at_once = AtOnce(settings.at_once)
        self._settings = settings
        self._resolver = resolver or OwnThreads(_NAMES_PER_ATTEMPT * settings.at_once)
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *,
        seconds: float | None = None, most_bytes: int = 0,
    ) -> Outcome:  # fmt: skip
        """Try once, for `seconds` at most (None: `attempt_seconds`). Of the answer up to
        `most_bytes` are read; longer is an error. Raises nothing but cancellation."""
        begun = time.monotonic()
        status, error, wait_seconds, content = None, None, 0.0, b""
        total = seconds or self._settings.attempt_seconds
        try:
            address = URL(url)
            if not self._settings.allow_private and not is_allowed_literal(address.host or ""):
                raise NotAllowedError("not in the public internet")
            async with self._opened().post(
                address, data=body, allow_redirects=False,
                headers={"Content-Type": "application/json", "User-Agent": _AGENT, **headers},
                timeout=aiohttp.ClientTimeout(total=total),
            ) as answer:  # fmt: skip
                status = answer.status
                wait_seconds = _wait_seconds(answer.headers)
                if most_bytes:
                    content = await _read(answer.content, most_bytes)
                answer.close()  # whatever the body is
        except Exception as refused:  # noqa: BLE001 - whatever a receiver does is its outcome
            error = _word_for(refused)
        took_ms = round((time.monotonic() - begun) * 1000)
        return Outcome(status, error, took_ms, wait_seconds, content)

    async def close(self) -> None:
        """Let go of what is open."""
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            plain = self._resolver
            connector = aiohttp.TCPConnector(
                resolver=plain if self._settings.allow_private else PublicResolver(plain),
                use_dns_cache=False,
                force_close=True,  # an address is judged for each attempt
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


async def _read(content: aiohttp.StreamReader, most_bytes: int) -> bytes:
    found = bytearray()
    async for chunk in content.iter_chunked(most_bytes):
        found += chunk
        if len(found) > most_bytes:
            raise TooLongError("more than is wanted")
    return bytes(found)


def _wait_seconds(headers: Mapping[str, str]) -> float:
    """Of a Retry-After: seconds, or a date, which is of the same clock as the answer's own."""
    text = headers.get("Retry-After", "")
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), _MOST_WAIT_SECONDS)
    try:
        left = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):  # neither, or one of them has no zone
        return 0.0
    return min(max(left.total_seconds(), 0.0), _MOST_WAIT_SECONDS)


def _word_for(error: BaseException | None) -> str:
    """A word for the log of deliveries, which says nothing of our network."""
    seen: BaseException | None = error
    while seen is not None:
        match seen:
            case NotAllowedError():
                return "address_not_allowed"
            case TooLongError():
                return "too_long"
            case asyncio.TimeoutError():
                return "timeout"
            case ssl.SSLError() | aiohttp.ClientSSLError():
                return "tls"
            case aiohttp.ClientConnectorDNSError() | socket.gaierror():
                inner = seen.__cause__ or seen.__context__ or getattr(seen, "os_error", None)
                return (
                    "address_not_allowed" if isinstance(inner, NotAllowedError) else "no_such_name"
                )
            case _:
                seen = seen.__cause__
    return "connection"
