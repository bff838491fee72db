"""The mail service as one running thing: mails, their events, and suppressed recipients.

Joins requests and actions of recipients with deliveries that are due; knows no routes. Everything
is in memory and gone with the process.
"""

import asyncio
import itertools
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp
import msgspec

from sandbox.core.clock import utc_now
from sandbox.core.faults import Faults
from sandbox.core.scheduler import Scheduler
from sandbox.core.settings import Settings
from sandbox.sendgrid.delivery_outcomes import Step, outcome_of
from sandbox.sendgrid.errors import MailError, Problem
from sandbox.sendgrid.event_webhook import EventPoster
from sandbox.sendgrid.events import Event, event_of, suppresses
from sandbox.sendgrid.inbound_parse import InboundMail, InboundPoster
from sandbox.sendgrid.mail import Mail, mails_of
from sandbox.sendgrid.payload import Payload
from sandbox.sendgrid.validation import problems

ANSWER_SECONDS = 10.0


class OneClick(msgspec.Struct, frozen=True):
    """A press of the mail program's unsubscribe button; `status` is 0 without an answer."""

    at: datetime
    recipient: str
    url: str
    status: int


class _Delivery(msgspec.Struct, frozen=True):
    """A mail on its way to somebody; no steps means that it has not been sent yet."""

    mail: Mail
    recipient: str
    steps: tuple[Step, ...] = ()


class MailService:
    """Build it inside a running loop; `run` until cancelled, `close` then."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS), cookie_jar=aiohttp.DummyCookieJar()
        )
        self.poster = EventPoster(
            self.http,
            settings.sendgrid_webhook_url,
            settings.sendgrid_retry_seconds,
            settings.sendgrid_batch_seconds,
        )
        self.inbound = InboundPoster(
            self.http, settings.inbound_parse_url, settings.sendgrid_retry_seconds
        )
        self.mails: dict[str, Mail] = {}
        self.inbound_mails: dict[str, InboundMail] = {}
        self.suppressed: dict[str, set[str]] = {}
        self.one_clicks: dict[str, list[OneClick]] = {}
        self.faults = Faults()
        self._events: dict[str, list[Event]] = {}
        self._numbers = itertools.count(secrets.randbelow(10**8))
        self._scheduler: Scheduler[_Delivery] = Scheduler()
        self._send_faults_left = 0

    def set_faults(self, faults: Faults) -> None:
        """Switch faults on or off; their random numbers start afresh."""
        self.faults = faults
        self._send_faults_left = faults.mail_send_times if faults.mail_send else 0
        self.poster.set_faults(faults)

    def take_send_fault(self) -> str:
        """The fault of the next request to send; "" is none."""
        if self._send_faults_left == 0:
            return ""
        self._send_faults_left -= 1
        return self.faults.mail_send

    def check(self, payload: Payload) -> None:
        """Raises MailError 400 for a bad mail, 403 for a sender nobody has verified."""
        found = problems(payload, utc_now())
        if found:
            raise MailError(400, *found)
        if payload.from_.email.lower() not in map(str.lower, self.settings.verified_senders):
            reason = (
                "The from address does not match a verified Sender Identity. Mail cannot be sent "
                "until this error is resolved. Visit https://sendgrid.com/docs/for-developers/"
                "sending-email/sender-identity/ to see the Sender Identity requirements"
            )
            raise MailError(403, Problem(reason, "from"))

    def accept(self, payload: Payload) -> str:
        """Take a checked mail; its message id."""
        message_id, now = secrets.token_urlsafe(16), utc_now()
        for mail in mails_of(payload, message_id, now):
            self.mails[mail.id] = mail
            self._events[mail.id] = []
            wait = (mail.begins_at - now).total_seconds()
            for recipient in mail.recipients:
                self._scheduler.add(_Delivery(mail, recipient), wait)
        return message_id

    def record_event(
        self, mail: Mail, recipient: str, kind: str, fields: Mapping[str, Any] | None = None
    ) -> None:
        """Record an event of a mail and send it to the product."""
        number, now = next(self._numbers), utc_now()
        event = event_of(mail, recipient, kind, fields or {}, number=number, now=now)
        self._events[mail.id].append(event)
        if listed := suppresses(event):
            self.suppressed.setdefault(recipient.lower(), set()).add(listed)
        self.poster.enqueue(event)

    def events_of(self, mail: Mail) -> list[Event]:
        """What has happened to a mail, in order."""
        return self._events[mail.id]

    def receive(self, inbound_mail: InboundMail) -> None:
        """A mail comes in for the product."""
        self.inbound_mails[inbound_mail.id] = inbound_mail
        self.inbound.enqueue(inbound_mail)

    async def run(self) -> None:
        """Do what is due, and post events and inbound mail to the product."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_deliveries())
            group.create_task(self.poster.run())
            group.create_task(self.inbound.run())

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close()

    async def _run_deliveries(self) -> None:
        while True:
            for delivery in await self._scheduler.due():
                mail, recipient, steps = delivery.mail, delivery.recipient, delivery.steps
                if steps:
                    self.record_event(mail, recipient, steps[0].kind, steps[0].fields)
                    steps = steps[1:]
                else:
                    listed = self.suppressed.get(recipient.lower(), set())
                    steps = outcome_of(mail, recipient, listed)
                if steps:
                    wait = steps[0].after * self.settings.mail_pace
                    self._scheduler.add(_Delivery(mail, recipient, steps), wait)
