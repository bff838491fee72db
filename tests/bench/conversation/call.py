"""One call in virtual time: the real runner, its journal, a carrier and a telephone with a line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from media.agent import Agent
from media.call import Call, begin
from media.effects import Publish
from media.engines.base import Engines
from media.events import AmdVerdict, Answered, Dialled, Event, HangUpAsked, Requested
from media.phases.ending import Ended
from media.ports import Tools
from media.runner import CallRunner
from media.settings import Settings
from sandbox.core.channel.channel import Channel
from tests.bench.conversation.telephone import Telephone
from tests.support.script import SID
from tests.unit.media.runner_harness import EventLog, ScriptedCarrier

HUMAN = AmdVerdict("human")
E = TypeVar("E", bound=Event)
LONGEST_SECONDS = 600.0  # no figure's call is longer


class Log(EventLog):
    """The journal, with waiting that is patient in the call's own time."""

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not happened():
                self._news.clear()
                await self._news.wait()

    def times(self, kind: type[Event]) -> list[float]:
        """When events of a kind were journalled."""
        return [at for at, event in self.journal if isinstance(event, kind)]

    def events(self, kind: type[E]) -> list[E]:
        """The events of a kind, in order."""
        return [event for _, event in self.journal if isinstance(event, kind)]

    def published(self, type_: str) -> list[dict[str, object]]:
        """What dashboards were told of a type."""
        return [
            msgspec.to_builtins(told.event)
            for told in self.emitted
            if isinstance(told, Publish) and told.event.type == type_
        ]


class BenchCall(msgspec.Struct):
    """A running call and what is around it."""

    runner: CallRunner
    log: Log
    carrier: ScriptedCarrier
    phone: Telephone
    task: asyncio.Task[None]

    @property
    def call(self) -> Call:
        """As it is now."""
        return self.runner.call

    @property
    def is_over(self) -> bool:
        """Whether the product has ended it, or lost it."""
        return self.task.done() or isinstance(self.call.phase, Ended)

    async def over(self, patience: float = LONGEST_SECONDS) -> bool:
        """Wait until it is over, or for so long; whether it is."""
        await asyncio.wait([self.task], timeout=patience)
        return self.task.done()


async def phrases(engines: Engines, settings: Settings) -> Mapping[str, bytes]:
    """Our fixed sentences spoken in advance, as a node does when it starts: the `talk` settings
    that are whole sentences."""
    talk = msgspec.structs.asdict(settings.conversation)
    texts = [text for text in talk.values() if isinstance(text, str) and "{" not in text]
    return {text: await _spoken(engines, text) for text in texts}


async def _spoken(engines: Engines, text: str) -> bytes:
    return b"".join([chunk async for chunk in engines.text_to_speech.speak(text)])


@asynccontextmanager
async def a_call(
    engines: Engines,
    *,
    settings: Settings | None = None,
    channel: Channel | None = None,
    topic: str = "roses",
    verdict: AmdVerdict | None = HUMAN,
    verdict_seconds: float = 0.0,
    prepared: Mapping[str, bytes] | None = None,
    network_seconds: float = 0.0,
    agent: Agent | None = None,
    tools: Tools | None = None,
) -> AsyncIterator[BenchCall]:
    """A call that was answered just now; ended by us when the caller of this has seen enough.

    `verdict` is the carrier's, so long after the answer; None is a carrier that says nothing.
    """
    loop, settings = asyncio.get_running_loop(), settings or Settings()
    requested = Requested(topic, agent=agent)
    first, effects = begin(settings, requested, loop.time())
    log, carrier = Log(), ScriptedCarrier(Dialled(SID))
    log.journal.append((loop.time(), requested))
    runner = CallRunner(first, engines, carrier, log, loop.time, dict(prepared or {}), tools=tools)
    carrier.post = runner.post
    async with asyncio.TaskGroup() as group:
        task = group.create_task(runner.run(effects))
        await log.sees(Dialled)
        runner.post(Answered(SID))
        phone = Telephone(runner, channel or Channel(), network_seconds)
        ringing = group.create_task(phone.run())
        if verdict is not None:
            loop.call_later(verdict_seconds, runner.post, verdict)
        try:
            yield BenchCall(runner, log, carrier, phone, task)
        finally:
            if not task.done():
                runner.post(HangUpAsked("bench"))
                await asyncio.wait([task], timeout=LONGEST_SECONDS)
            ringing.cancel()
