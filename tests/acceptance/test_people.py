"""Everybody who can pick up the phone, called on the same evening: what each of them got.

The calls run side by side in one world; each test then looks at one of them from all sides.
"""

import asyncio
import itertools
import statistics

import pytest

from tests.acceptance.evening import Calls, Finished, whole_calls
from tests.support.client import clients_of
from tests.support.node import World
from tests.support.people import human, recording, share_heard

pytestmark = pytest.mark.timeout(300)

TOPIC = "growing tomatoes on a balcony"
PEOPLE = (
    "talker", "voicemail", "voicemail-no-beep", "busy", "no-answer", "silent", "hangs-up",
    "interrupter", "slow-carrier",
)  # fmt: skip
GREETING = (
    "Hello, this is the Talking App assistant, a computer voice. You asked for a call about "
    f"{TOPIC}. What would you like to start with?"
)
MESSAGE = (
    "Hello, this is the Talking App assistant. You asked for a call about "
    f"{TOPIC}. Please call again from the app whenever it suits you. Goodbye."
)
TALKER_SAYS = (
    "Yes, that sounds good. Tell me more about it. That is interesting. Why does it matter? "
    "I see. What would you suggest as a first step? "
    "That makes sense to me. Thank you for calling. Goodbye!"
)
INTERRUPTER_SAYS = (
    "Sorry, can I stop you there? I only have a minute. Okay. And what does that mean for me? "
    "Wait, wait. Let me say something. I think I like the idea. All right, I have to go now."
)
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


def in_order(call: Finished) -> bool:
    """Whether all the times that are known follow each other."""
    names = ("initiated_time", "ringing_time", "answered_time", "ended_time")
    known = [call.call[name] for name in names if call.call[name] is not None]
    return known == sorted(known)


def test_a_whole_conversation_is_heard_and_written_down_as_it_was_said(evening: Calls) -> None:
    call = evening["talker"]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "caller_goodbye")
    assert share_heard(TALKER_SAYS, call.said_by("caller")) > 0.9
    assert share_heard(GREETING, call.heard) > 0.9
    assert share_heard(call.said_by("agent"), call.heard) > 0.85
    assert call.turns[-1]["speaker"] == "agent"
    assert "Goodbye" in call.turns[-1]["heard"]


def test_a_whole_conversation_shows_every_status_in_order(evening: Calls) -> None:
    call = evening["talker"]
    assert call.statuses == ["initiating", "ringing", "answered", "waiting", "talking", "ended"]
    assert None not in (call.call["ringing_time"], call.call["answered_time"])
    assert in_order(call)
    talked = call.happened("ended")[0]["at_ms"] - call.happened("answered")[0]["at_ms"]
    assert abs(call.call["duration_seconds"] - talked / 1000) <= 1


def test_a_whole_conversation_is_in_the_rows(evening: Calls) -> None:
    rows = evening["talker"].rows
    assert rows.call["status"] == "ended"
    assert rows.call["twilio_call_sid"] == evening["talker"].world["sid"]
    assert (rows.waiting_room, rows.reservation, rows.calls_used) == ("completed", "committed", 1)
    assert [line["seq"] for line in rows.journal] == list(range(len(rows.journal)))
    times = [line["at"] for line in rows.journal]
    assert times == sorted(times)


def test_a_conversation_uses_the_free_call(evening: Calls) -> None:
    call = evening["talker"]
    assert (call.usage_before["used"], call.usage_before["left"]) == (0, 1)
    assert (call.usage_after["used"], call.usage_after["left"]) == (1, 0)
    assert call.usage_after["reserved"] == 0


@pytest.mark.parametrize("name", [*PEOPLE, *RECORDINGS])
def test_events_upon_a_snapshot_make_the_snapshot_that_follows(evening: Calls, name: str) -> None:
    call = evening[name]
    assert call.state_kept == call.state_fresh
    assert call.state_fresh["calls"][call.call["id"]] == call.call


@pytest.mark.parametrize("name", [*PEOPLE, *RECORDINGS])
def test_the_carrier_found_nothing_to_complain_about(evening: Calls, name: str) -> None:
    call = evening[name]
    assert call.world["alerts"] == []
    assert {webhook["fields"]["status"] for webhook in call.happened("webhook")} <= {200, 204}
    assert in_order(call)


@pytest.mark.parametrize("name", ["voicemail", "voicemail-no-beep"])
def test_a_mailbox_gets_one_message_after_its_greeting(evening: Calls, name: str) -> None:
    call = evening[name]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "voicemail")
    assert call.call["answered_by"].startswith("machine_end")
    assert call.statuses[-2:] == ["voicemail", "ended"]
    assert share_heard(MESSAGE, call.heard) > 0.9
    greeting_over = call.happened("person_speech_stopped")[-1]["at_ms"]
    assert call.happened("agent_speech_started")[0]["at_ms"] > greeting_over
    assert call.usage_after["used"] == 1


@pytest.mark.parametrize("name", ["busy", "no-answer"])
def test_a_call_nobody_takes_costs_nothing(evening: Calls, name: str) -> None:
    call = evening[name]
    assert call.call["status"] == name.replace("-", "_")
    assert call.call["answered_time"] is None
    assert call.call["duration_seconds"] == 0
    assert (call.rows.waiting_room, call.rows.reservation) == (None, "released")
    assert (call.usage_after["used"], call.usage_after["reserved"]) == (0, 0)


def test_a_silent_person_is_asked_twice_and_then_left_with_a_goodbye(evening: Calls) -> None:
    call = evening["silent"]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "silence")
    said = [turn["heard"] for turn in call.turns]
    assert said[1:] == [
        "Are you still there?", "Are you still there?",
        "I can't hear you, so I will hang up now. Goodbye.",
    ]  # fmt: skip
    assert share_heard(" ".join(said), call.heard) > 0.9


def test_hanging_up_in_mid_sentence_leaves_what_was_heard_of_it(evening: Calls) -> None:
    call = evening["hangs-up"]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "caller_hung_up")
    (turn,) = call.turns
    assert turn["spoken"] == GREETING
    assert 0 < len(turn["heard"]) < len(GREETING) / 2
    assert call.usage_after["used"] == 1


def test_an_interruption_silences_the_agent_at_once(evening: Calls) -> None:
    call = evening["interrupter"]
    both = (call, evening["another interrupter"])
    clears_ms = [
        each
        for interrupted in both
        for each in interrupted.world["latencies"]["clears_after_person_started_ms"]
    ]
    assert len(clears_ms) >= 4
    assert statistics.median(clears_ms) < 250  # each of them, were the machine ours alone
    for clear, following in zip(
        call.happened("clear"), call.happened("agent_speech_stopped"), strict=False
    ):
        assert following["at_ms"] - clear["at_ms"] < 100


def test_after_an_interruption_the_history_holds_only_what_was_heard(evening: Calls) -> None:
    call = evening["interrupter"]
    cut = [turn for turn in call.turns if turn["heard"] != turn["spoken"]]
    assert len(cut) >= 2
    assert all(turn["spoken"].startswith(turn["heard"]) for turn in cut)
    unheard = cut[0]["spoken"][len(cut[0]["heard"]) :]
    assert share_heard("You asked for a call about growing tomatoes", unheard) == 1
    assert "start with" not in call.heard
    assert share_heard(" ".join(turn["heard"] for turn in cut), call.heard) > 0.7
    assert share_heard(INTERRUPTER_SAYS, call.said_by("caller")) > 0.85


def test_a_late_verdict_only_makes_the_person_wait(evening: Calls) -> None:
    call = evening["slow-carrier"]
    assert (call.call["status"], call.call["answered_by"]) == ("ended", "human")
    verdict = call.happened("amd_verdict")[0]["at_ms"]
    assert call.happened("agent_speech_started")[0]["at_ms"] > verdict
    assert share_heard(GREETING, call.heard) > 0.9
    assert share_heard("Ah, now I can hear you. Please go on.", call.said_by("caller")) > 0.8


@pytest.mark.parametrize("name", list(RECORDINGS))
def test_a_recording_nobody_made_for_us_is_understood(evening: Calls, name: str) -> None:
    call = evening[name]
    assert call.call["status"] == "ended"
    assert share_heard(RECORDINGS[name], call.said_by("caller")) > 0.75


def test_the_first_words_follow_the_verdict_at_once(evening: Calls) -> None:
    for name in ("talker", "interrupter", "slow-carrier", "silent", "hangs-up"):
        assert evening[name].world["latencies"]["verdict_to_agent_ms"] < 500


def test_the_agent_answers_within_a_second_or_so(evening: Calls) -> None:
    turns = [message["data"] for call in evening.values() for message in call.messages
             if message.get("type") == "turn.metrics"]  # fmt: skip
    assert len(turns) >= 10
    parts = ("endpointing_ms", "recognising_ms", "thinking_ms", "speaking_ms")
    assert all(abs(sum(turn[part] for part in parts) - turn["total_ms"]) <= 2 for turn in turns)
    assert statistics.median(turn["total_ms"] for turn in turns) < 1500


def test_no_words_and_no_numbers_are_in_the_log(world: World, evening: Calls) -> None:
    log = world.node_log.read_text("utf-8")
    secrets = itertools.chain.from_iterable(
        [call.call["user_phone_number"], *(turn["spoken"] for turn in call.turns)]
        for call in evening.values()
    )
    assert [secret for secret in secrets if secret in log] == []
    assert world.auth_token not in log
