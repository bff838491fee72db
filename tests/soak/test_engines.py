"""Whole calls through every engine of another maker, by the sandbox's stand-in for it.

Alone, each has a call with an interruption, which our own ears hear, and one that an operator takes
over. With offline engines after it, a connection that closes in the middle and HTTP 429 for a whole
call are not noticed.
"""

import asyncio
from collections.abc import Mapping
from itertools import pairwise

import msgspec
import pytest

from tests.acceptance.conftest import UNHURRIED
from tests.acceptance.conversation import Finished, whole_call
from tests.acceptance.test_operators import BECKETT, CALLER, taken_over
from tests.bench.machine import say
from tests.support.client import Clients, Json, clients_of
from tests.support.node import World, running_world
from tests.support.people import HANGS_UP, after, human, says, share_heard, waits

pytestmark = pytest.mark.timeout(600)

TOPIC = "growing tomatoes on a balcony"
STOPS, ASKS = "Sorry, can I stop you there? I only have a minute.", "What would you do first?"
LINES = ("Yes, I would like to talk about that.", "I water them in the evening.",
         "The leaves are yellow.", "Thank you, that is all. Goodbye!")  # fmt: skip
PATIENT = {"SPEECH__THINK_TIMEOUT_SECONDS": "20", **UNHURRIED}
BREAKS = ("Sorry, I lost you", "something is wrong on my side")


class Trio(msgspec.Struct, frozen=True):
    """One engine of each kind, of three vendors."""

    ears: str
    voice: str
    llm: str
    more: Mapping[str, str] = {}

    @property
    def vendors(self) -> tuple[str, str, str]:
        """Of ears, voice and language model."""
        return self.ears, self.voice, self.llm


TRIOS = {
    "nova-elevenlabs-openai": Trio("deepgram", "elevenlabs", "openai"),
    "flux-cartesia-anthropic": Trio(
        "deepgram", "cartesia", "anthropic", {"DEEPGRAM__STT_MODEL": "flux-general-en"}
    ),
    "assemblyai-openai-anthropic": Trio("assemblyai", "openai", "anthropic"),
    "openai-deepgram-anthropic": Trio("openai", "deepgram", "anthropic"),
}


def configured(trio: Trio, *, is_alone: bool) -> dict[str, str]:
    """Settings of a node with these engines, alone or with offline ones after them."""
    kinds = {
        "SPEECH__RECOGNISER": (trio.ears, "moonshine"),
        "SPEECH__VOICE": (trio.voice, "hibari"),
        "THINKER__ENGINE": (trio.llm, "offline"),
    }
    lists = {key: ",".join(names[: 1 if is_alone else 2]) for key, names in kinds.items()}
    keys = {f"{vendor.upper()}__API_KEY": "a-key" for vendor in trio.vendors}
    return {**lists, **keys, "THINKER__API_KEY": "a-key", **trio.more}


def interrupter() -> Json:
    """Somebody who stops the greeting, asks one thing and says goodbye."""
    return human(
        after(300), says("Hello?"), {"interrupt_after_ms": 2500}, says(STOPS), waits(),
        says(ASKS), waits(), says(LINES[-1]), waits(patience_ms=8000), HANGS_UP,
    )  # fmt: skip


def talker() -> Json:
    """Somebody who waits each time, and says each line once."""
    lines = [step for line in LINES for step in (says(line), waits(patience_ms=8000))]
    return human(after(300), says("Hello?"), waits(), *lines, HANGS_UP)


@pytest.mark.parametrize("name", TRIOS)
def test_each_alone_is_interrupted_and_taken_over(name: str) -> None:
    with running_world(**configured(TRIOS[name], is_alone=True), **PATIENT) as world:
        call, said = asyncio.run(_interrupted_and_taken_over(world))
        failed = [line["engine"] for line in world.logged("engine_failed")]
    assert set(failed) <= {"recogniser"}  # late: the stand-in's ears are this machine's
    assert call.call["end_reason"] in {"caller_goodbye", "caller_hung_up"}
    heard = {
        "what the caller said": share_heard(f"{STOPS} {ASKS}", call.said_by("caller")),
        "what the agent said": share_heard(call.said_by("agent"), call.heard),
        "the operator": share_heard(BECKETT, said["operator"]),
        "the caller meanwhile": share_heard(CALLER, said["caller"]),
    }
    cut = [turn for turn in call.turns if len(turn["heard"]) < len(turn["spoken"])]
    ears = ", ".join(f"{what} {share:.2f}" for what, share in heard.items())
    say(
        f"{name}: alone, N = 2 calls, heard right: {ears}; {len(cut)} interrupted, "
        f"{len(failed)} times late"
    )
    assert cut
    assert call.happened("clear")
    assert min(heard.values()) > 0.8, (call.turns, call.heard, said)


async def _interrupted_and_taken_over(world: World) -> tuple[Finished, dict[str, str]]:
    async with clients_of(world) as clients:
        number = await clients.sandbox.add(interrupter())
        return await asyncio.gather(whole_call(clients, number, TOPIC), taken_over(world))


@pytest.mark.parametrize("name", TRIOS)
def test_with_others_after_it_nobody_notices_a_close_or_a_refusal(name: str) -> None:
    trio = TRIOS[name]
    with running_world(**configured(trio, is_alone=False), **PATIENT) as world:
        for fault in (
            {"kind": "close", "after_messages": 2, "times": 1},
            {"kind": "refuse", "status": 429},
        ):
            before = len(world.logged("engine_failed_over"))
            call = asyncio.run(_struck(world, trio, fault))
            struck = world.logged("engine_failed_over")[before:]
            check_that_nobody_noticed(f"{name}: {fault['kind']}", call, struck)
            assert {line["name"] for line in struck} >= set(trio.vendors)


async def _struck(world: World, trio: Trio, fault: Json) -> Finished:
    """A call in which all three services have this fault once the agent talks."""
    async with clients_of(world) as clients:
        number = await clients.sandbox.add(talker())
        async with asyncio.TaskGroup() as group:
            calling = group.create_task(whole_call(clients, number, TOPIC))
            await _talking(clients, number)
            await _strike(clients, dict.fromkeys(set(trio.vendors), fault))
        await _strike(clients, {})
        return calling.result()


async def _talking(clients: Clients, number: str) -> None:
    """Until the agent's first word to this number."""
    async with asyncio.timeout(60):
        while True:
            for placed in await clients.sandbox.calls_to(number):
                seen = await clients.sandbox.call(placed["sid"])
                if any(each["event"] == "agent_speech_started" for each in seen["timeline"]):
                    return
            await asyncio.sleep(0.1)  # polls a condition with a deadline


async def _strike(clients: Clients, faults: Mapping[str, Json]) -> None:
    await clients.sandbox.send("PUT", "/world/faults", {"providers": faults})


def check_that_nobody_noticed(what: str, call: Finished, struck: list[Json]) -> None:
    """Every turn was heard once, answered once, and nothing was apologised for."""
    agent = [turn["heard"] for turn in call.turns if turn["speaker"] == "agent"]
    right = share_heard(" ".join(LINES), call.said_by("caller"))
    heard = share_heard(" ".join(agent), call.heard)
    reasons = sorted({f"{line['name']} {line['reason']}" for line in struck})
    say(f"{what}: N = 1 call, caller {right:.2f}, agent {heard:.2f}; {'; '.join(reasons)}")
    assert call.call["end_reason"] in {"caller_goodbye", "caller_hung_up"}
    assert not any(words in text for text in agent for words in BREAKS)
    assert not any(first == second for first, second in pairwise(agent))
    assert right > 0.8, call.turns
    assert heard > 0.8, (agent, call.heard)
