"""Calls with a model that hears and speaks itself: who has the say stays as it is.

In virtual time, by the session's real wire: an interruption, a noise, an operator, a hint, a
renewal, a service that refuses.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import msgspec

from media.agent import Agent
from media.call import Call
from media.effects import UseTool
from media.events import AiMuted, AiUnmuted, OperatorSaid, PlaybackStarted, ToolAnswered
from media.settings import Settings
from media.tools import Tool
from sandbox.core.faults import Faults, RealtimeFaults, VendorFault
from tests.bench.conversation.call import BenchCall, a_call, phrases
from tests.bench.conversation.clock import run
from tests.support.tones import GAP_SECONDS, OTHER, TALK, realtime_engines, realtime_sessions
from tests.support.vendors import Vendors

Play: TypeAlias = Callable[[BenchCall, Vendors], Awaitable[None]]
FIRST, SECOND = "I grow red beans.", "They need warm water."


def played(play: Play, settings: Settings | None = None, session_seconds: float = 3600.0) -> None:
    """A call, from the end of its greeting on."""

    async def call() -> None:
        async with a_talk(settings or Settings(conversation=TALK), session_seconds) as (one, there):
            await play(one, there)

    run(call)


@asynccontextmanager
async def a_talk(
    settings: Settings, session_seconds: float
) -> AsyncIterator[tuple[BenchCall, Vendors]]:
    async with realtime_engines(session_seconds=session_seconds) as (engines, vendors):
        prepared = await phrases(engines, settings)
        async with a_call(engines, settings=settings, prepared=prepared) as call:
            await call.phone.agent_finishes()
            yield call, vendors


async def says(call: BenchCall, vendors: Vendors, text: str) -> float:
    """The caller says this; when the agent is heard after it."""
    _, ended = await call.phone.say(vendors.speech.sound(text))
    ended -= GAP_SECONDS
    assert await call.phone.until(lambda: call.phone.first_audible(ended) is not None)
    return call.phone.first_audible(ended) or 0.0


def heard(call: BenchCall) -> list[tuple[str, str]]:
    """The history: who, and what was heard of them."""
    return [(turn.speaker, turn.heard) for turn in call.call.facts.turns]


async def held(vendors: Vendors) -> list[tuple[str, str]]:
    """The latest session that was asked: who, and what it has of them, in sound or written."""
    sessions = await realtime_sessions(vendors)
    session = [one for one in sessions if any("reply" in item["id"] for item in one["items"])][-1]
    items = [item for item in session["items"] if item["status"] != "in_progress"]
    return [(item["role"], _words(item)) for item in items][1:]  # without the topic


def _words(item: dict[str, Any]) -> str:
    content = item["content"][0]
    if item["words"]:
        return str(item["words"])
    written = content.get("text") or content.get("transcript")
    return str(written) if written else f"{item['audio_ms']} ms"


def test_who_interrupts_is_listened_to_and_history_and_session_are_what_was_heard() -> None:
    played(_interrupted)


async def _interrupted(call: BenchCall, vendors: Vendors) -> None:
    began = await says(call, vendors, FIRST)
    await call.phone.pause(0.8)
    await says(call, vendors, SECOND)
    await call.phone.agent_finishes(quiet=2.0)
    ear = call.phone.heard(began, call.phone.cleared[-1])
    history = heard(call)
    assert [who for who, _ in history] == ["agent", "caller", "agent", "caller", "agent"]
    assert history[2][1] == vendors.speech.words(ear).rsplit(" ", 1)[0]  # the last is half a word
    session = await held(vendors)
    assert [who for who, _ in session] == ["assistant", "user", "assistant", "user", "assistant"]
    assert (session[1][1], session[3][1]) == (FIRST, SECOND)
    assert abs(int(session[2][1].split()[0]) - len(ear) / 8) <= 40
    assert session[4][1] == history[4][1]


def test_after_a_noise_the_model_goes_on_in_its_own_voice() -> None:
    played(_noise)


async def _noise(call: BenchCall, vendors: Vendors) -> None:
    await says(call, vendors, FIRST)
    await call.phone.pause(0.8)
    await call.phone.say(b"\x10\x90" * 1600 + b"\xff" * 8000)  # loud, and no word
    await call.phone.agent_finishes(quiet=3.0)
    agent = [text for who, text in heard(call) if who == "agent"][1:]
    assert len(agent) == 2
    spoken = " ".join(agent)
    await says(call, vendors, SECOND)
    session = await held(vendors)
    assert session[2] == ("assistant", spoken)  # whole, as it was heard in the end
    assert call.log.published("engine.failed") == []


def test_a_muted_model_says_nothing_and_learns_what_was_said_meanwhile() -> None:
    played(_muted)


async def _muted(call: BenchCall, vendors: Vendors) -> None:
    await says(call, vendors, FIRST)
    call.runner.post(AiMuted())
    assert await call.phone.agent_finishes(quiet=1.0)
    muted_at = call.phone.now
    await call.phone.say(vendors.speech.sound(SECOND))
    await call.phone.pause(2.0)
    call.runner.post(OperatorSaid("Hold the line.", interrupt=False))
    await call.phone.agent_answers(muted_at, quiet=2.0)
    spans = [began for began, _ in call.phone.agent_spans if began > muted_at]
    assert len(spans) == 1, "the operator's words alone"
    call.runner.post(AiUnmuted())
    await says(call, vendors, "Well, let us go on then.")
    history, session = heard(call), await held(vendors)
    assert ("operator", "Hold the line.") in history
    assert ("assistant", "Hold the line.") in session
    assert ("user", SECOND) in session  # as text: nobody let the model hear it
    assert [who == "user" for who, _ in session] == [who == "caller" for who, _ in history]


def test_hints_about_time_become_the_sessions_rules() -> None:
    talk = msgspec.structs.replace(TALK, wrap_up_seconds=12.0, urgent_seconds=550.0)
    played(_hinted, Settings(conversation=talk))


async def _hinted(call: BenchCall, vendors: Vendors) -> None:
    await says(call, vendors, FIRST)
    (session,) = await realtime_sessions(vendors)
    assert "Time is nearly over" not in session["settings"]["instructions"]
    await call.phone.pause(10.0)
    await says(call, vendors, SECOND)
    (session,) = await realtime_sessions(vendors)
    assert "Time is nearly over" in session["settings"]["instructions"]


def test_a_session_is_renewed_with_all_that_was_said_before_it_ends() -> None:
    played(_renewed, session_seconds=20.0)


async def _renewed(call: BenchCall, vendors: Vendors) -> None:
    vendors.faults = Faults(realtime=RealtimeFaults(session_seconds=20))
    for number in range(12):
        await says(call, vendors, (FIRST, SECOND)[number % 2])
        await call.phone.agent_finishes(quiet=1.0)
        assert OTHER not in heard(call)[-1][1], "the session answers"
        open_ones = [one for one in await realtime_sessions(vendors) if one["is_open"]]
        assert len(open_ones) <= 2
    sessions = await realtime_sessions(vendors)
    assert len(sessions) >= 4
    said = [text for _, text in heard(call)]
    assert [text for _, text in await held(vendors)] == said


def test_a_session_that_is_to_be_renewed_says_all_of_its_reply_first() -> None:
    played(_renewed_later, session_seconds=100.0)


async def _renewed_later(call: BenchCall, vendors: Vendors) -> None:
    vendors.faults = Faults(realtime=RealtimeFaults(session_seconds=100, speed=6))
    while call.phone.now < call.phone.began + 72.0:
        await says(call, vendors, FIRST)
        await call.phone.agent_finishes(quiet=1.0)
    asked = " ".join([FIRST, SECOND] * 5)  # until it is to be renewed
    await says(call, vendors, asked)
    assert [one["is_open"] for one in await realtime_sessions(vendors)] == [True, True]
    await call.phone.say(b"\x10\x90" * 1600 + b"\xff" * 8000)  # loud, and no word
    await call.phone.agent_finishes(quiet=3.0)
    before, _ = await realtime_sessions(vendors)
    said = " ".join(text for _, text in heard(call)[-2:] if text not in asked)
    assert said == _words(before["items"][-1]).strip()
    assert said.endswith("?"), "to its end"
    assert [one["is_open"] for one in await realtime_sessions(vendors)] == [False, True]
    assert call.log.published("engine.failed") == []


def test_while_the_service_refuses_the_other_engines_answer_and_then_it_does_again() -> None:
    played(_refused)


async def _refused(call: BenchCall, vendors: Vendors) -> None:
    vendors.fail("realtime", VendorFault("close", after_messages=3))
    await says(call, vendors, FIRST)
    await call.phone.agent_finishes(quiet=1.0)
    assert heard(call)[-1] == ("agent", OTHER)
    vendors.fail("realtime", VendorFault("refuse", status=429))
    await says(call, vendors, SECOND)
    await call.phone.agent_finishes(quiet=1.0)
    assert heard(call)[-1] == ("agent", OTHER)
    vendors.fail("realtime", None)
    await call.phone.pause(12.0)  # it asks whether anybody is there meanwhile
    await says(call, vendors, "Yes, I am still here.")
    await call.phone.agent_finishes(quiet=1.0)
    assert OTHER not in heard(call)[-1][1]
    assert [text for _, text in await held(vendors)] == [text for _, text in heard(call)]
    assert len(call.log.events(PlaybackStarted)) >= 4


TOOLS = Agent(
    "a", "ann", "Ann", transfer_to=("+12125550199",), builtin_tools=("end_call", "transfer"),
    tools=(Tool("find_order", "Finds orders",
                '{"type": "object", "properties": {"id": {"type": "integer", "maximum": 99}}}'),),
)  # fmt: skip


class Shop:
    """The owner's tools."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, _call: Call, asked: UseTool) -> ToolAnswered:
        """What it gives."""
        self.asked.append(asked.call.arguments)
        return ToolAnswered(asked.number, "ok", "It ships tomorrow.")


def test_a_model_that_speaks_itself_calls_tools_by_the_same_rules() -> None:
    shop, settings = Shop(), Settings(conversation=TALK)

    async def call() -> None:
        async with realtime_engines() as (engines, vendors):
            prepared = await phrases(engines, settings)
            async with a_call(
                engines, settings=settings, prepared=prepared, agent=TOOLS, tools=shop
            ) as one:
                await one.phone.agent_finishes()
                await says(one, vendors, "Please find order 17.")
                await one.phone.agent_finishes()
                assert one.call.facts.turns[-1].heard == "It says: It ships tomorrow."
                await says(one, vendors, "Please find order 170.")
                await one.phone.agent_finishes()
                assert "Refused: `id` must be 99 at most" in one.call.facts.turns[-1].heard
                await one.phone.say(vendors.speech.sound("Please hang up."))
                assert await one.over()
            sessions = await realtime_sessions(vendors)
            kinds = [item["type"] for one in sessions for item in one["items"]]
        assert shop.asked == ['{"id": 17}'], "what the schema has not reached nobody"
        assert kinds.count("function_call") == kinds.count("function_call_output") + 1 == 3
        assert one.call.facts.turns[-1].heard == "It was good to talk. Goodbye."

    run(call)
