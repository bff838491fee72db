"""More people who pick up, and how quickly they are answered: figures for a machine of our own."""

import asyncio
import statistics

import pytest

from tests.acceptance.conversation import Calls, whole_calls
from tests.acceptance.test_people import TOPIC, check_that_one_message_was_left
from tests.bench.machine import say
from tests.support.client import clients_of
from tests.support.node import World
from tests.support.people import human, recording, share_heard

pytestmark = pytest.mark.timeout(300)

PEOPLE = ("talker", "voicemail-no-beep", "silent", "hangs-up", "interrupter", "slow-carrier")
RECORDINGS = {
    "two-cities": (
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was "
        "the age of foolishness, it was the epoch of belief, it was the epoch of incredulity."
    ),
    "beckett": "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.",
}


@pytest.fixture(scope="module")
def evening(world: World) -> Calls:
    """All of them, by name."""
    return asyncio.run(_evening(world))


async def _evening(world: World) -> Calls:
    async with clients_of(world) as clients:
        numbers = {name: await clients.sandbox.number_of(name) for name in PEOPLE}
        two_cities = human(wav=recording("two_cities.wav", 16_000, start=0.6, end=13.0))
        numbers["two-cities"] = await clients.sandbox.add(two_cities)
        beckett = human(wav=recording("beckett.wav", 8000))
        numbers["beckett"] = await clients.sandbox.add(beckett)
        numbers["another interrupter"] = numbers["interrupter"]
        return await whole_calls(clients, numbers, TOPIC)


def test_a_mailbox_without_a_beep_gets_one_message_too(evening: Calls) -> None:
    check_that_one_message_was_left(evening["voicemail-no-beep"])


@pytest.mark.parametrize("name", list(RECORDINGS))
def test_a_recording_nobody_made_for_us_is_understood(evening: Calls, name: str) -> None:
    call = evening[name]
    assert call.call["status"] == "ended"
    assert share_heard(RECORDINGS[name], call.said_by("caller")) > 0.75


def test_an_interruption_silences_the_agent_at_once(evening: Calls) -> None:
    both = (evening["interrupter"], evening["another interrupter"])
    clears_ms = [
        each
        for interrupted in both
        for each in interrupted.world["latencies"]["clears_after_person_started_ms"]
    ]
    silent_ms = [
        stopped["at_ms"] - clear["at_ms"]
        for clear, stopped in zip(
            both[0].happened("clear"), both[0].happened("agent_speech_stopped"), strict=False
        )
    ]
    say(f"cleared {clears_ms} ms after the person began, silent {silent_ms} ms after that")
    assert len(clears_ms) >= 4
    assert statistics.median(clears_ms) < 250
    assert statistics.median(silent_ms) < 100


def test_the_first_words_follow_the_verdict_at_once(evening: Calls) -> None:
    names = ("talker", "interrupter", "silent", "hangs-up")
    waits_ms = [evening[name].world["latencies"]["verdict_to_agent_ms"] for name in names]
    say(f"first words {waits_ms} ms after the verdict")
    assert max(waits_ms) < 500


def test_the_agent_answers_within_a_second_or_so(evening: Calls) -> None:
    totals_ms = [message["data"]["total_ms"] for call in evening.values()
                 for message in call.messages if message.get("type") == "turn.metrics"]  # fmt: skip
    say(f"{len(totals_ms)} replies, median {statistics.median(totals_ms)} ms")
    assert len(totals_ms) >= 10
    assert statistics.median(totals_ms) < 1500
