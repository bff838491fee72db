"""A call's sessions: only while a person talks with the agent, and renewed before they end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from media.audio.mulaw import FRAME_BYTES
from media.call import Call
from media.engines.scripted import ScriptedDetector, ScriptedSpeechToSpeech
from media.events import AiMuted, Event, HangUpAsked, Recognised
from media.listening import Listening
from media.settings import SpeechSettings
from media.speech_to_speech.sessions import Sessions
from tests.support.script import Script

LOUD, QUIET = b"\x10" * FRAME_BYTES, b"\xff" * FRAME_BYTES


class Box:
    """A caller's ears, a play of their call, and the tasks that were started."""

    def __init__(self, engine: ScriptedSpeechToSpeech | None, group: asyncio.TaskGroup) -> None:
        self.play = Script()
        self.now = 0.0
        self._group = group
        self.jobs: dict[str, asyncio.Task[None]] = {}
        self.listening = Listening(ScriptedDetector(), SpeechSettings())
        self.sessions = Sessions(engine, self.listening, lambda: self.now, self._start, self._stop)

    @property
    def call(self) -> Call:
        return self.play.call

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        self.jobs[name] = self._group.create_task(work)

    def _stop(self, name: str) -> None:
        self.jobs.pop(name).cancel()

    async def hears(self, *events: Event) -> None:
        self.play.hears(*events)
        await self.goes_on()

    async def goes_on(self) -> None:
        self.sessions.follow(self.call)
        for _ in range(3):
            await asyncio.sleep(0)

    def speaks(self, frames: int) -> None:
        """The caller, for so many frames; what is noticed reaches the call."""
        for frame in [LOUD] * frames:
            for fact in self.listening.push(frame, self.now):
                self.play.hears(fact)
            self.sessions.heard(self.call)

    def pauses(self) -> None:
        for frame in [QUIET] * 15:
            for fact in self.listening.push(frame, self.now):
                self.play.hears(fact)
            self.sessions.heard(self.call)


async def test_it_is_opened_once_a_person_is_known_and_ends_with_the_talk() -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.waiting()
        await box.goes_on()
        assert engine.sessions == []
        box.play.talking()
        await box.goes_on()
        [session] = engine.sessions
        assert box.sessions.asked() is session
        await box.hears(HangUpAsked("test"))
        assert session.is_over
        assert box.jobs == {}


async def test_what_the_caller_says_is_fed_from_before_it_was_noticed() -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.quiet()
        await box.goes_on()
        box.speaks(30)
        [session] = engine.sessions
        assert bytes(session.heard) == LOUD * 30
        box.pauses()
        box.speaks(10)
        assert session.heard.count(LOUD) * FRAME_BYTES >= 38 * FRAME_BYTES
        await box.hears(HangUpAsked("test"))


async def test_nothing_is_fed_while_the_agent_may_not_speak() -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.quiet()
        await box.hears(AiMuted())
        box.speaks(30)
        assert bytes(engine.sessions[0].heard) == b""
        await box.hears(HangUpAsked("test"))


async def test_a_new_one_waits_until_the_caller_has_spoken() -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.quiet()
        await box.goes_on()
        box.speaks(10)
        box.now = 3600.0 - 120.0 + 1
        await box.goes_on()
        old, new = engine.sessions
        box.speaks(10)
        assert box.sessions.asked() is old
        assert bytes(old.heard) == LOUD * 20
        assert new.is_open
        assert bytes(new.heard) == b""
        await box.hears(HangUpAsked("test"))


async def test_the_services_word_on_its_end_counts() -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.quiet()
        await box.goes_on()
        first = box.sessions.asked()
        assert first is not None
        engine.sessions[0].expires_at = 100.0
        box.now = 79.0
        await box.goes_on()
        assert len(engine.sessions) == 1
        box.now = 81.0  # a fifth of its time ahead
        await box.goes_on()
        assert box.sessions.asked() is first
        await box.goes_on()  # nobody speaks
        assert box.sessions.asked() is engine.sessions[1]
        assert first.is_over
        await box.hears(HangUpAsked("test"))


@pytest.mark.parametrize(("now", "is_cut"), [(3590.0, False), (3597.0, True)])
async def test_a_reply_that_is_being_made_is_waited_for_while_there_is_time(
    now: float, *, is_cut: bool
) -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.quiet()
        await box.goes_on()
        box.now = now
        await box.goes_on()
        old, new = engine.sessions
        old.is_replying = True
        box.speaks(10)  # a noise, or an interruption: nobody knows yet
        await box.goes_on()
        assert old.is_over == is_cut
        assert (box.sessions.asked() is new) == is_cut
        old.is_replying = False
        box.pauses()
        await box.hears(Recognised(1, 1, ""))
        assert box.sessions.asked() is new
        await box.hears(HangUpAsked("test"))


@pytest.mark.parametrize("expires_at", ["2026-11-30T12:00:00Z", 90.0, 0, None, [1]])
async def test_an_end_that_cannot_be_is_none(expires_at: Any) -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.now = 100.0
        box.play.quiet()
        await box.goes_on()
        engine.sessions[0].expires_at = expires_at
        for _ in range(3):
            await box.goes_on()
        assert len(engine.sessions) == 1
        await box.hears(HangUpAsked("test"))


async def test_one_that_is_over_is_followed_by_another() -> None:
    engine = ScriptedSpeechToSpeech(["Fine."])
    async with asyncio.TaskGroup() as group:
        box = Box(engine, group)
        box.play.quiet()
        await box.goes_on()
        engine.sessions[0].is_open, engine.sessions[0].is_over = False, True
        assert box.sessions.asked() is None
        await box.goes_on()
        assert box.sessions.asked() is engine.sessions[1]
        await box.hears(HangUpAsked("test"))


async def test_an_engine_that_raises_ends_nothing() -> None:
    class Broken(ScriptedSpeechToSpeech):
        def open(self) -> None:  # type: ignore[override]
            raise RuntimeError("whatever")

    async with asyncio.TaskGroup() as group:
        box = Box(Broken([]), group)
        box.play.quiet()
        await box.goes_on()
        box.speaks(10)
        assert box.sessions.asked() is None


async def test_without_an_engine_there_are_none() -> None:
    async with asyncio.TaskGroup() as group:
        box = Box(None, group)
        box.play.quiet()
        await box.goes_on()
        box.speaks(10)
        assert box.sessions.asked() is None
