"""The carrier: its calls, the people it can reach and everything calls and messages share.

Holds state and starts work; how a call goes is in `voice.lifecycle`, how a message
goes in `messages.lifecycle`. Requests to the product go through here so that faults apply in one
place. Knows no routes.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog

from sandbox.core.channel.settings import PERFECT, LineSettings
from sandbox.core.faults import (
    CreateFault,
    Faults,
    Kind,
    call_rng,
    create_fault,
    delivery_delays_ms,
    message_rng,
)
from sandbox.core.settings import Settings
from sandbox.people.person import Person
from sandbox.people.text_to_speech import TextToSpeech
from sandbox.twilio.call import Call, CallRequest, Fetch
from sandbox.twilio.phone import Phone
from sandbox.twilio.record import Record
from sandbox.twilio.webhooks import Reply, Webhooks, split_overrides

log = structlog.get_logger(__name__)


class Carrier:
    """One account at the carrier. Build it inside a running loop; `close` ends every call."""

    def __init__(
        self, settings: Settings, people: dict[str, Person], group: asyncio.TaskGroup
    ) -> None:
        self.settings = settings
        self.people = people
        self.phones: dict[str, Phone] = {}
        self.faults = Faults()
        self.calls: dict[str, Call] = {}
        self.text_to_speech = TextToSpeech()
        self.webhooks = Webhooks(settings.auth_token)
        self._group = group
        self._tasks: set[asyncio.Task[None]] = set()
        self._made_since_faults_set: Counter[Kind] = Counter()
        self._create_faults_used: Counter[tuple[Kind, str]] = Counter()

    def set_faults(self, faults: Faults) -> None:
        """Switch faults on or off; their random numbers start afresh."""
        self.faults = faults
        self._made_since_faults_set.clear()
        self._create_faults_used.clear()

    def faults_to(self, number: str) -> Faults:
        """The faults of calls to a number: their person's own, or those switched on for all."""
        person = self.people.get(number)
        return self.faults if person is None or person.spec.faults is None else person.spec.faults

    def line_to(self, number: str) -> LineSettings:
        """The telephone line of a number: the one switched on for all, or their person's own."""
        person = self.people.get(number)
        return self.faults_to(number).line or (person.spec.line if person else PERFECT)

    def take_create_fault(self, kind: Kind, number: str) -> CreateFault:
        """The fault of this request to call or text a number."""
        faults = self.faults_to(number)
        fault = create_fault(faults, kind)
        key = kind, "" if faults is self.faults else number
        if self._create_faults_used[key] >= fault.times:
            return CreateFault()
        self._create_faults_used[key] += 1
        return fault

    def take_rng(self, kind: Kind, number: str) -> random.Random:
        """The random numbers of one more call or message to a number."""
        make_rng = call_rng if kind == "call" else message_rng
        rng = make_rng(self.faults_to(number), self._made_since_faults_set[kind])
        self._made_since_faults_set[kind] += 1
        return rng

    def new_call(self, request: CallRequest) -> Call:
        """Take a request on; nothing happens to the call yet."""
        person, phone = self.people.get(request.party), self.phones.get(request.party)
        call = Call(self.settings.account_sid, request, person, phone)
        call.rng = self.take_rng("call", request.party)
        self.calls[call.sid] = call
        return call

    def spawn(self, record: Record, work: Coroutine[Any, Any, None]) -> None:
        """Run some work of a call or message beside everything else."""
        task = self._group.create_task(self._guarded(record, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # cancelled before it began, it never ran

    def notify(self, record: Record, to: Fetch, params: Mapping[str, str]) -> None:
        """Send a callback whose answer does not matter, as the faults allow."""
        for delay_ms in delivery_delays_ms(self.faults_to(record.party), record.rng):
            self.spawn(record, self._notify(record, to, params, delay_ms))

    async def request(self, record: Record, to: Fetch, params: Mapping[str, str]) -> Reply:
        """Ask the product something and note it down."""
        started_ms = record.timeline.now_ms()
        reply = await self.webhooks.send(to.url, to.method, params)
        record.timeline.add(
            "webhook",
            started_ms,
            url=split_overrides(to.url)[0],
            status=reply.status,
            elapsed_ms=reply.elapsed_ms,
            attempts=reply.attempts,
            params=dict(params),
        )
        return reply

    async def close(self) -> None:
        """Drop every call and message where it is and let everything go."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.text_to_speech.close()
        await self.webhooks.close()

    async def _notify(
        self, record: Record, to: Fetch, params: Mapping[str, str], delay_ms: float
    ) -> None:
        await asyncio.sleep(delay_ms / 1000)
        reply = await self.request(record, to, params)
        if reply.error:
            code = reply.error if reply.status == 0 else 15003
            record.alert(code, f"Callback failed with HTTP status {reply.status}")

    async def _guarded(self, record: Record, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # a fault in one call or message must end no other
            log.exception("sandbox record failed", sid=record.sid)
            record.timeline.add("sandbox_error", error=repr(error))
            if not record.ended:
                record.finish("failed")
