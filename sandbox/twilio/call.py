"""One call at the carrier: what was asked for, where it stands, and its REST representation.

State and small changes of it only; `voice.lifecycle` moves it along. The JSON follows the Call
resource of Twilio's 2010-04-01 API: everything is a string or null, times are RFC 2822.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from sandbox.core.clock import rfc2822, utc_now
from sandbox.core.line import Line
from sandbox.people.person import Person
from sandbox.twilio.phone import Phone
from sandbox.twilio.record import API_VERSION, Record

TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
_PRICE_PER_MINUTE = 0.014
_SUBRESOURCES = (
    "events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions",
    "user_defined_message_subscriptions", "user_defined_messages",
)  # fmt: skip


class Inline(msgspec.Struct, frozen=True):
    """TwiML given in a request."""

    twiml: str


class Fetch(msgspec.Struct, frozen=True):
    """TwiML to be fetched."""

    url: str
    method: str = "POST"


Source = Inline | Fetch


class CallRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A validated request to place a call, or what is known of one that somebody makes to us;
    `stir_verstat` is what their network says of their number."""

    to: str
    from_: str
    source: Source
    fallback: Fetch | None = None
    status_callback: Fetch | None = None
    status_callback_events: frozenset[str] = frozenset({"completed"})
    send_digits: str = ""
    timeout_seconds: int = 60
    time_limit_seconds: int = 14_400
    machine_detection: str = ""
    machine_detection_timeout_seconds: int = 30
    async_amd: bool = False
    async_amd_callback: Fetch | None = None
    direction: Literal["outbound-api", "inbound", "outbound-dial"] = "outbound-api"
    stir_verstat: str = ""

    @property
    def party(self) -> str:
        """The number at the far end."""
        return self.from_ if self.direction == "inbound" else self.to


class Call(Record):
    """A call and everything that happens to it."""

    def __init__(
        self,
        account_sid: str,
        request: CallRequest,
        person: Person | None,
        phone: Phone | None = None,
    ) -> None:
        super().__init__("CA" + secrets.token_hex(16), account_sid, request.party)
        self.request = request
        self.person = person
        self.phone = phone
        self.status = "queued"
        self.answered_by: str | None = None
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.duration_seconds: int | None = None
        self.fallback = request.fallback
        self.status_callback = request.status_callback
        self.status_callback_events = request.status_callback_events
        self.next_sequence_number = 0
        self.line = Line(self.timeline)
        self.ending = asyncio.Event()
        self.answered = asyncio.Event()
        self.rejected: Literal["", "busy", "no-answer"] = ""
        self.redirects: asyncio.Queue[Source] = asyncio.Queue()
        self.press: Callable[[str], None] | None = None
        self.greeting_ended = asyncio.Event()
        self.verdict_known = asyncio.Event()
        self.broken: set[str] = set()  # faults of streams that have happened
        self.parent_sid: str | None = None
        self.children: list[Call] = []
        self._answered_ms: float | None = None
        self.timeline.add("queued")

    @property
    def ended(self) -> bool:
        """Whether its status is final."""
        return self.status in TERMINAL

    def hang_up(self, reason: str) -> None:
        """Ask for the end; the first reason is the one that counts."""
        if not self.ending.is_set():
            self.timeline.add("hang_up", reason=reason)
            self.ending.set()

    def press_key(self, digit: str) -> None:
        """The person pressed a key; only a connected stream is sent it."""
        self.timeline.add("key_pressed", digit=digit, connected=self.press is not None)
        if self.press:
            self.press(digit)

    def dial_on(self, number: str) -> "Call":
        """The call to whom this one is connected, which is talking at once."""
        asked = msgspec.structs.replace(self.request, to=number, direction="outbound-dial")
        child = Call(self.account_sid, asked, None)
        child.parent_sid = self.sid
        child.answer()
        self.children.append(child)
        return child

    def answer(self) -> None:
        """The person picked up, or the product's instructions answered theirs."""
        self.answered.set()
        self._answered_ms = self.timeline.add("answered")
        self.set_status("in-progress")

    def finish(self, status: str) -> None:
        """The end; whole seconds are counted from the answer and rounded up."""
        ended_ms = self.timeline.add("ended", status=status)
        talked_ms = 0.0 if self._answered_ms is None else ended_ms - self._answered_ms
        self.duration_seconds = int(-(-talked_ms // 1000))
        self.ended_at = utc_now()
        self.set_status(status)

    def set_status(self, status: str) -> None:
        """Move on; a final status never changes."""
        if not self.ended:
            self.status, self.updated_at = status, utc_now()

    def resource(self) -> dict[str, Any]:
        """The Call resource."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        to, from_ = self.request.to, self.request.from_
        minutes = -(-(self.duration_seconds or 0) // 60)
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "parent_call_sid": self.parent_sid,
            "phone_number_sid": None,
            "to": to,
            "to_formatted": to,
            "from": from_,
            "from_formatted": from_,
            "status": self.status,
            "start_time": self.started_at and rfc2822(self.started_at),
            "end_time": self.ended_at and rfc2822(self.ended_at),
            "duration": None if self.duration_seconds is None else str(self.duration_seconds),
            "price": f"{-minutes * _PRICE_PER_MINUTE:.5f}" if minutes else None,
            "price_unit": "USD",
            "direction": self.request.direction,
            "answered_by": self.answered_by,
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "annotation": None,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.updated_at),
            "uri": f"{uri}.json",
            "subresource_uris": {name: f"{uri}/{_path(name)}.json" for name in _SUBRESOURCES},
        }


def _path(subresource: str) -> str:
    return "".join(part.capitalize() for part in subresource.split("_"))
