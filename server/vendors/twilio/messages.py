"""The phone company's texts through its own SDK: send one, find those that were sent. Thin.

The Messages API has no idempotency key, so what may have been sent is looked up, never repeated.
"""

import datetime as dt
from typing import Any

import msgspec

from server.core.settings.vendors import Twilio
from server.vendors.twilio.calls import RefusedError, UnknownOutcomeError, account, asked, sid_of

_PAGE = 50


class SentText(msgspec.Struct, frozen=True):
    """The carrier's record of a text we sent."""

    sid: str
    body: str
    status: str
    error_code: int | None
    created_at: dt.datetime | None


class TwilioTexts:
    """One account's texts; build it inside a running loop and close it at the end."""

    def __init__(self, settings: Twilio) -> None:
        self._http, self._client = account(settings)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send(self, *, to: str, sender: str, body: str, callback: str) -> str:
        """Send a text; its sid. Raises RefusedError (nothing was sent) or UnknownOutcomeError."""
        create = self._client.messages.create_async
        return sid_of(await asked(create(to=to, from_=sender, body=body, status_callback=callback)))

    async def sent(self, *, to: str, sender: str, since: dt.datetime) -> list[SentText]:
        """What was sent to a number at or after `since`, newest first, to find one whose answer was
        lost. Raises UnknownOutcomeError."""
        try:
            found: list[Any] = await asked(
                self._client.messages.list_async(to=to, from_=sender, limit=_PAGE)
            )
        except RefusedError as refused:
            raise UnknownOutcomeError from refused
        return [
            SentText(text.sid, text.body, str(text.status), text.error_code, text.date_created)
            for text in found
            if text.date_created is None or text.date_created >= since
        ]
