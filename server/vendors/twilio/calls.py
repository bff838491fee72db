"""The phone company through its own SDK: place, look up, hand on and end calls. Decides nothing.

The SDK has no base address and no time limit of its own, so its HTTP client gets both here.
A refusal raises `RefusedError`. Anything that leaves the outcome open raises
`UnknownOutcomeError`: the Calls API has no idempotency key, and no call may be placed twice.
"""

import asyncio
import base64
import datetime as dt
import re
from typing import Any

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.twiml.voice_response import Dial, VoiceResponse

from server.core.measures import vendor_request
from server.core.settings.vendors import Twilio
from server.vendors.outcome import RefusedError as RefusedError
from server.vendors.outcome import UnknownOutcomeError as UnknownOutcomeError

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_ODD = (ValueError, TypeError, KeyError, AttributeError, RecursionError)  # of the SDK: an odd body
_NOT_FOUND = 20404  # the carrier's own word; any server has a 404 for an address it does not know
_TIMEOUT = 408
_RETRY_SECONDS = (0.5, 1.0, 2.0)  # a 429 was never processed, so it is safe to repeat


class HttpClient(AsyncTwilioHttpClient):  # type: ignore[misc] # the SDK ships no types
    """The SDK's HTTP client with our base address and time limit."""

    def __init__(self, base_url: str, timeout_seconds: float) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds

    async def request(
        self, method: str, url: str, *, headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None, **kwargs: Any,
    ) -> Response:  # fmt: skip
        path = url.split("/", 3)[3]
        if auth is not None:  # as a header, because aiohttp is giving up on its own way
            basic = base64.b64encode(":".join(auth).encode()).decode()
            headers = {**(headers or {}), "Authorization": f"Basic {basic}"}
        with vendor_request("twilio") as asked_for:
            async with asyncio.timeout(self._timeout_seconds):
                reply = await super().request(
                    method, f"{self._base_url}/{path}", headers=headers, **kwargs
                )
            asked_for.status = reply.status_code
        return reply


def account(settings: Twilio) -> tuple[HttpClient, Client]:
    """The account as the SDK sees it, and its connections, which are to be closed at the end."""
    http = HttpClient(settings.base_url, settings.timeout_seconds)
    token = settings.auth_token.reveal()
    return http, Client(settings.account_sid, token, http_client=http, region="", edge="")


class TwilioCalls:
    """One account's calls; build it inside a running loop and close it at the end."""

    def __init__(self, settings: Twilio) -> None:
        self._http, self._client = account(settings)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def create(self, **fields: Any) -> str:
        """Place a call; returns its sid. Raises RefusedError or UnknownOutcomeError."""
        for pause in (*_RETRY_SECONDS, None):
            try:
                return sid_of(await asked(self._client.calls.create_async(**fields)))
            except RefusedError as refused:
                if refused.status != 429 or pause is None:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def fetch(self, sid: str) -> CallInstance | None:
        """The carrier's record of a call, None if it has none. Raises UnknownOutcomeError."""
        try:
            return await asked(self._client.calls(sid).fetch_async())
        except RefusedError as refused:
            if refused.code == _NOT_FOUND:
                return None
            raise UnknownOutcomeError from refused

    async def placed_since(self, to: str, from_: str, since: dt.datetime) -> list[CallInstance]:
        """Calls that were placed from a number of ours to another at or after `since`, to find one
        whose answer was lost; none that a live call was connected to the number by.

        Raises UnknownOutcomeError.
        """
        try:
            found: list[CallInstance] = await asked(
                self._client.calls.list_async(to=to, from_=from_, limit=50)
            )
        except RefusedError as refused:
            raise UnknownOutcomeError from refused
        return [
            call
            for call in found
            if (call.date_created is None or call.date_created >= since)
            and not call.parent_call_sid
        ]

    async def dial_on(
        self, sid: str, to: str, keys: str, caller_id: str, limit_seconds: int
    ) -> None:
        """Connect a live call to another number for a while (Twilio, "Modify calls in progress"),
        and press keys there, if any.

        Raises RefusedError or UnknownOutcomeError; it is never asked twice.
        """
        reply, dial = VoiceResponse(), Dial(caller_id=caller_id, time_limit=limit_seconds)
        dial.number(to, **({"send_digits": keys} if keys else {}))
        reply.append(dial)
        await self.run_twiml(sid, str(reply))

    async def is_dialled_on(self, sid: str) -> bool:
        """Whether a call was connected to another number, by a call of that number that has this
        one for its parent. Raises UnknownOutcomeError."""
        try:
            return bool(await asked(self._client.calls.list_async(parent_call_sid=sid, limit=1)))
        except RefusedError as refused:
            raise UnknownOutcomeError from refused

    async def run_twiml(self, sid: str, twiml: str) -> None:
        """Have a live call go on with these instructions; its stream is ended by that.

        Raises RefusedError or UnknownOutcomeError.
        """
        await asked(self._client.calls(sid).update_async(twiml=twiml))

    async def complete(self, sid: str) -> None:
        """End a call; one that is gone already is success. Raises UnknownOutcomeError."""
        try:
            await asked(self._client.calls(sid).update_async(status="completed"))
        except RefusedError as refused:
            if refused.code not in {_NOT_FOUND, 21220}:
                raise UnknownOutcomeError from refused


async def asked(request: Any) -> Any:
    """The SDK's answer. Raises RefusedError, or UnknownOutcomeError for whatever is no clear no."""
    try:
        return await request
    except TwilioRestException as error:
        if 400 <= error.status < 500 and error.status != _TIMEOUT:
            raise RefusedError(error.code or 0, error.status) from error
        raise UnknownOutcomeError from error
    except (TwilioException, aiohttp.ClientError, TimeoutError, *_ODD) as error:
        raise UnknownOutcomeError from error


def sid_of(made: Any) -> str:
    """The sid of what was made. The SDK takes any body of a 2xx for success, so raises
    UnknownOutcomeError when it has none."""
    sid = made.sid
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        raise UnknownOutcomeError
    return sid
