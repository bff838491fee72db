"""Speech to speech over the Realtime wire: what was heard is the history, and no turn is lost.

In virtual time: the real runner and the real session talk with the stand-in over a socket of
loopback. What is said are tones, a word as long as its characters, so that it is exact what was
heard: at the ear, in our history, and in the session.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import groupby

import msgspec
import pytest

from media.engines.base import Engines
from media.events import TurnPlayed
from media.settings import Settings
from sandbox.core.audio import RATE
from sandbox.core.faults import Faults, RealtimeFaults, VendorFault
from tests.acceptance.conversation import Finished, whole_call
from tests.acceptance.test_operators import BECKETT, CALLER, taken_over
from tests.bench.conversation.call import BenchCall, a_call, phrases
from tests.bench.conversation.clock import run
from tests.bench.machine import percentile, say
from tests.soak.test_engines import PATIENT, TOPIC
from tests.soak.test_failing_engines import FORGET_SECONDS
from tests.support.client import Json, clients_of
from tests.support.node import World, running_world
from tests.support.people import HANGS_UP, after, human, says, share_heard, waits
from tests.support.tones import (
    GAP_SECONDS,
    OTHER,
    TALK,
    Words,
    realtime_engines,
    realtime_sessions,
)
from tests.support.vendors import ToneWords, Vendors

pytestmark = pytest.mark.timeout(1200)

BARGE_INS, PER_CALL = 100, 10
FAULTS = 100
NETWORK_SECONDS = 0.06
SPEEDS = (1.3, 4.0, 20.0)  # of a reply that is being made, against its playback
LINES = (
    "I grow red beans.",
    "They need warm water.",
    "My roses look yellow.",
    "We have snails here.",
)


class Found(msgspec.Struct):
    """What came of all calls so far."""

    calls: int = 0
    lost: int = 0
    turns: int = 0
    right: int = 0
    cut: int = 0
    off_ms: list[float] = []
    waits: list[float] = []
    wrong: list[str] = []
    renewed: int = 0
    struck: Counter[str] = msgspec.field(default_factory=Counter)


async def talk(engines: Engines) -> dict[str, bytes]:
    """Our own sentences, spoken in advance."""
    return dict(await phrases(engines, Settings(conversation=TALK)))


def test_history_is_what_was_heard_at_each_of_a_hundred_barge_ins() -> None:
    found = run(partial(_interrupted, random.Random(7)))
    off = [abs(ms) for ms in found.off_ms]
    say(
        f"N = {found.turns} barge-ins, {found.cut} between words of an answer: history equals what "
        f"was heard at {found.right}; the session's sound ends {percentile(off, 0.5):.0f} ms from "
        f"where the ear's did (median), {max(off):.0f} ms (most); first sound after the caller's "
        f"last, virtual time: median {percentile(found.waits, 0.5):.2f} s, "
        f"most {max(found.waits):.2f} s"
    )
    for wrong in found.wrong:
        say(wrong)
    assert found.turns >= BARGE_INS
    assert found.right == found.turns
    assert not found.wrong
    assert max(off) <= 40.0
    assert not found.lost


async def _interrupted(chance: random.Random) -> Found:
    found = Found()
    async with realtime_engines(found.struck) as (made, vendors):
        prepared = await talk(made)
        while found.turns < BARGE_INS:
            await _interrupted_call(made, prepared, vendors, chance, found)
    return found


async def _interrupted_call(
    made: Engines, prepared: dict[str, bytes], vendors: Vendors, chance: random.Random, found: Found
) -> None:
    """Somebody who lets the agent say a part of each answer."""
    found.calls += 1
    vendors.faults = Faults(realtime=RealtimeFaults(speed=chance.choice(SPEEDS)))
    speech = vendors.speech
    assert isinstance(speech, Words)
    settings = Settings(conversation=TALK)
    async with a_call(
        made, settings=settings, prepared=prepared, network_seconds=NETWORK_SECONDS
    ) as call:
        await call.phone.agent_finishes()
        cuts: list[tuple[float, int]] = []
        for number in range(PER_CALL + 1):
            line = speech.sound(LINES[number % len(LINES)])
            _, ended = await call.phone.say(line)
            ended -= GAP_SECONDS
            await call.phone.until(lambda: call.phone.first_audible(ended) is not None)  # noqa: B023
            began = call.phone.first_audible(ended)
            assert began is not None, call.log.journal[-12:]
            found.waits.append(began - ended)
            if number == PER_CALL:
                break
            await call.phone.pause(chance.uniform(0.0, 1.8))
            cuts.append((began, len(call.phone.cleared)))
        await call.phone.agent_finishes(quiet=2.0)
        await _judge(call, vendors, cuts, found)
        found.lost += call.is_over


async def _judge(
    call: BenchCall, vendors: Vendors, cuts: list[tuple[float, int]], found: Found
) -> None:
    """Each answer that was cut off: the ear's sound of it, the history, and the session's item."""
    speech = vendors.speech
    assert isinstance(speech, Words)
    (session, *_) = reversed(await realtime_sessions(vendors))
    kept = [item for item in session["items"] if item["status"] != "in_progress"][1:]
    history = [turn.speaker for turn in call.call.facts.turns]
    if [item["role"] == "user" for item in kept] != [who == "caller" for who in history]:
        found.wrong.append(f"the session has {kept} of {call.call.facts.turns}")
    items = iter([item for item in kept if item["id"].startswith("reply_")])
    cut = [event for event in call.log.events(TurnPlayed) if event.cut]
    assert len(cut) == len(cuts)
    for (began, cleared), turn in zip(cuts, cut, strict=True):
        found.turns += 1
        ear = call.phone.heard(began, call.phone.cleared[cleared])
        fits = speech.whole(ear, turn.text.split())
        is_right = len(turn.heard.split()) in fits and turn.text.startswith(turn.heard)
        found.right += is_right
        found.cut += "" < turn.heard != turn.text
        if turn.heard:
            whole = speech.sound(turn.text) if turn.heard == turn.text else ear
            ear_ms = min(len(ear), len(whole)) / RATE * 1000
            found.off_ms.append(next(items)["audio_ms"] - ear_ms)
        if not is_right:
            found.wrong.append(f"{turn.heard!r} of {turn.text!r}, heard for {len(ear) / RATE:.2f}")


def test_a_hundred_failures_lose_no_call_and_no_turn() -> None:
    found = run(partial(_failing, random.Random(11)))
    by = ", ".join(f"{what} {number}" for what, number in sorted(found.struck.items()))
    waits = [percentile(found.waits, share) for share in (0.5, 0.9)]
    say(
        f"N = {sum(found.struck.values())} failures: {by}; {found.calls} calls, {found.lost} lost; "
        f"{found.turns} turns, {len(found.wrong)} lost, misheard or said twice, {found.right} "
        f"answered by the session; first sound after the caller's last, virtual time: median "
        f"{waits[0]:.2f} s, 90 % {waits[1]:.2f} s, most {max(found.waits):.2f} s"
    )
    for wrong in found.wrong:
        say(wrong)
    assert sum(found.struck.values()) >= FAULTS
    assert not found.lost
    assert not found.wrong
    assert found.right


async def _failing(chance: random.Random) -> Found:
    found = Found()
    async with realtime_engines(found.struck) as (made, vendors):
        prepared = await talk(made)
        fillers = {text: vendors.speech.sound(text) for text in TALK.fillers}
        while sum(found.struck.values()) < FAULTS:
            await _failing_call(made, {**prepared, **fillers}, vendors, chance, found)
    return found


def _fault(chance: random.Random) -> Faults:
    """One of the socket, or a response that the rate limit forbids."""
    if chance.random() < 0.2:
        return Faults(realtime=RealtimeFaults(is_limited=True))
    kind = chance.choice(("refuse", "hang", "close", "garbage"))
    after = chance.randrange(1, 16)
    fault = VendorFault(kind, status=429, after_messages=after)  # type: ignore[arg-type]
    return Faults(providers={"realtime": fault})


async def _failing_call(
    made: Engines, prepared: dict[str, bytes], vendors: Vendors, chance: random.Random, found: Found
) -> None:
    """Four turns; in each but the first something fails, if the session is there by then."""
    found.calls += 1
    speech, said = vendors.speech, []
    async with a_call(made, settings=Settings(conversation=TALK), prepared=prepared) as call:
        await call.phone.agent_finishes()
        for number, text in enumerate(LINES):
            if number:
                vendors.faults = _fault(chance)
            if vendors.faults.realtime.is_limited:
                found.struck["realtime limited"] += 1
            _, ended = await call.phone.say(speech.sound(text))
            ended -= GAP_SECONDS
            await call.phone.agent_answers(ended, quiet=4.0, patience=30)
            said.append((text, ended, vendors.faults))
            vendors.faults = Faults()
            await call.phone.pause(chance.choice((1.0, 12.0)))
        _judge_turns(call, speech, said, found)
        found.lost += call.is_over
    await call.phone.pause(FORGET_SECONDS)


def _judge_turns(
    call: BenchCall, speech: ToneWords, said: list[tuple[str, float, Faults]], found: Found
) -> None:
    """Each line is a turn of the caller's, in order, with one answer, whose words were heard."""
    turns = [turn for turn in call.call.facts.turns if turn.heard.strip()]
    if [turn.heard for turn in turns if turn.speaker == "caller"] != [text for text, *_ in said]:
        found.wrong.append(f"{turns}")
    for text, ended, faults in said:
        found.turns += 1
        heard_at = call.phone.first_audible(ended)
        if heard_at is None:
            found.wrong.append(f"{text} was answered with silence: {faults}")
        else:
            found.waits.append(heard_at - ended)
    answers = [
        turn.heard for turn in turns if turn.speaker == "agent" and "Still" not in turn.heard
    ][1:]
    found.right += sum(OTHER not in answer for answer in answers)
    if any("Sorry" in answer for answer in answers) or len(answers) != len(said):
        found.wrong.append(f"{answers}: {said}")
    spoken = [turn.heard for turn in turns if turn.speaker == "agent"]
    words = [word for word in " ".join(spoken).split() if word not in TALK.fillers]
    ear = speech.words(bytes(call.phone.ear)).split()
    ear = [word for word in ear if word not in TALK.fillers]
    if abs(len(ear) - len(words)) > len(said):  # where one voice goes on, it may cut a word
        found.wrong.append(f"{words} were heard as {ear}: {said}")


REALTIME = {
    "SPEECH__REALTIME": "openai", "OPENAI__API_KEY": "a-key",
    "OPENAI__REALTIME_FIRST_SECONDS": "20", "CONVERSATION__FILLER_SECONDS": "20", **PATIENT,
}  # fmt: skip
INTERRUPTIONS = (
    "Sorry, can I stop you there? I only have a minute.",
    "Wait, let me ask something else first.",
    "Hold on, that is not what I wanted to know.",
)


def interrupter() -> Json:
    """Somebody who interrupts each answer of the model, and says goodbye."""
    asks = [says("Yes, I would like to talk about that.")]
    for text in INTERRUPTIONS:
        asks += [{"interrupt_after_ms": 1500}, says(text)]
    return human(
        after(300), says("Hello?"), waits(), *asks, waits(patience_ms=20_000),
        says("Thank you, that is all. Goodbye!"), waits(patience_ms=20_000), HANGS_UP,
    )  # fmt: skip


def test_whole_calls_are_interrupted_taken_over_and_renewed_in_real_voices() -> None:
    with running_world(**REALTIME) as world:
        call, said, sessions = asyncio.run(_whole_calls(world))
        failed = world.logged("engine_failed_over", engine="speech_to_speech")
    mine = [one for one in sessions if TOPIC in str(one["items"][:1])]
    cut = [turn for turn in call.turns if len(turn["heard"]) < len(turn["spoken"])]
    heard = {
        "what the caller said": share_heard(" ".join(INTERRUPTIONS), call.said_by("caller")),
        "what the agent said": share_heard(call.said_by("agent"), call.heard),
        "what was heard": share_heard(call.heard, call.said_by("agent")),
        "the operator": share_heard(BECKETT, said["operator"]),
        "the caller meanwhile": share_heard(CALLER, said["caller"]),
    }
    ears = ", ".join(f"{what} {share:.2f}" for what, share in heard.items())
    say(
        f"N = 2 calls in real voices, {len(mine)} sessions in the first: {ears}; {len(cut)} "
        f"interrupted, {len(failed)} failed over"
    )
    assert not failed
    assert len(cut) >= len(INTERRUPTIONS) - 1
    assert len(mine) >= 2
    assert min(heard.values()) > 0.8, (call.turns, call.heard, said)
    history = _sides(turn["speaker"] == "caller" for turn in call.turns)
    for one in mine:
        held = _sides(item["role"] == "user" for item in one["items"][1:])
        assert held == history[: len(held)], (call.turns, one["items"])


def _sides(callers: Iterable[bool]) -> list[bool]:
    """Who spoke in turn; a caller's turn may be two pieces of sound."""
    return [side for side, _ in groupby(callers)]


async def _whole_calls(world: World) -> tuple[Finished, dict[str, str], list[Json]]:
    async with clients_of(world) as clients:
        short = {"realtime": {"session_seconds": 30}}
        await clients.sandbox.send("PUT", "/world/faults", short)
        number = await clients.sandbox.add(interrupter())
        call, said = await whole_call(clients, number, TOPIC), await taken_over(world)
        sessions: list[Json] = await clients.sandbox.get("/world/realtime")
        return call, said, sessions
