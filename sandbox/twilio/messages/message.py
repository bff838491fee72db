"""One message at the carrier: what it says, where it stands, and its REST representation.

State and small changes of it only; `lifecycle` moves it along. The JSON follows the Message
resource of Twilio's 2010-04-01 API: numbers are strings, but for the error's, and times are RFC
2822.
"""

import secrets
from datetime import datetime
from typing import Any, Literal

from sandbox.core.clock import iso8601, rfc2822, utc_now
from sandbox.twilio.messages.params import MessageRequest
from sandbox.twilio.messages.segments import count_segments
from sandbox.twilio.record import API_VERSION, Record

Direction = Literal["outbound-api", "outbound-reply", "inbound", "carrier"]

_FINAL = frozenset({"delivered", "undelivered", "failed", "received"})
_FIRST = {"inbound": "received", "carrier": "delivered"}
_PRICE_PER_SEGMENT = 0.0079
_ERRORS = {
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}


class Message(Record):
    """A message and everything that happens to it. One of the direction "carrier" is the carrier's
    own word to a person; the account never sees it."""

    def __init__(self, account_sid: str, request: MessageRequest, direction: Direction) -> None:
        party = request.from_ if direction == "inbound" else request.to
        sid = ("MM" if request.media else "SM") + secrets.token_hex(16)
        super().__init__(sid, account_sid, party)
        self.request = request
        self.direction = direction
        self.segments = count_segments(request.body)
        self.status = _FIRST.get(direction, "queued")
        self.error_code: int | None = None
        self.redacted = False
        self.sent_at: datetime | None = None if self.status == "queued" else self.created_at
        self.timeline.add("status", status=self.status)

    @property
    def ended(self) -> bool:
        """Whether its status is final."""
        return self.status in _FINAL

    @property
    def leaving(self) -> bool:
        """Whether it has yet to be sent."""
        return self.status in ("queued", "sending")

    def finish(self, status: str) -> None:
        """The end."""
        self.set_status(status)

    def set_status(self, status: str, error_code: int | None = None) -> None:
        """Move on."""
        self.status, self.error_code, self.updated_at = status, error_code, utc_now()
        if status == "sent":
            self.sent_at = self.updated_at
        self.timeline.add("status", status=status)

    def redact(self) -> None:
        """Forget the text, as far as the account can see."""
        self.redacted, self.updated_at = True, utc_now()

    def as_seen_by_its_phone(self) -> dict[str, Any]:
        """What a phone shows of it."""
        return {
            "id": self.sid,
            "mine": self.direction == "inbound",
            "from": self.request.from_,
            "body": self.request.body,
            "media": len(self.request.media),
            "at": iso8601(self.created_at),
        }

    def resource(self) -> dict[str, Any]:
        """The Message resource."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        price = self.sent_at and f"{-self.segments * _PRICE_PER_SEGMENT:.5f}"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "messaging_service_sid": None,
            "to": self.request.to,
            "from": self.request.from_,
            "body": "" if self.redacted else self.request.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": str(self.segments),
            "num_media": str(len(self.request.media)),
            "error_code": self.error_code,
            "error_message": self.error_code and _ERRORS.get(self.error_code),
            "price": price,
            "price_unit": "USD",
            "date_created": rfc2822(self.created_at),
            "date_sent": self.sent_at and rfc2822(self.sent_at),
            "date_updated": rfc2822(self.updated_at),
            "api_version": API_VERSION,
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }
