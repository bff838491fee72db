"""Everybody who can pick up the phone, called on the same evening: what each of them got.

The calls run side by side in one world; each test then looks at one of them from all sides.
"""

import asyncio
import itertools

import pytest

from tests.acceptance.conversation import Calls, Finished, whole_calls
from tests.support.client import clients_of
from tests.support.node import World
from tests.support.people import share_heard

pytestmark = pytest.mark.timeout(300)

TOPIC = "growing tomatoes on a balcony"
PEOPLE = (
    "talker",
    "voicemail",
    "busy",
    "no-answer",
    "silent",
    "hangs-up",
    "interrupter",
    "slow-carrier",
)
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


@pytest.fixture(scope="module")
def evening(world: World) -> Calls:
    """All of them, by name."""
    return asyncio.run(_evening(world))


async def _evening(world: World) -> Calls:
    async with clients_of(world) as clients:
        numbers = {name: await clients.sandbox.number_of(name) for name in PEOPLE}
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


def test_events_upon_a_snapshot_make_the_snapshot_that_follows(evening: Calls) -> None:
    for name, call in evening.items():
        assert call.state_kept == call.state_fresh, name
        assert call.state_fresh["calls"][call.call["id"]] == call.call, name


def test_the_carrier_found_nothing_to_complain_about(evening: Calls) -> None:
    for name, call in evening.items():
        assert call.world["alerts"] == [], name
        statuses = {webhook["fields"]["status"] for webhook in call.happened("webhook")}
        assert statuses <= {200, 204}, name
        assert in_order(call), name


def test_a_mailbox_gets_one_message_after_its_greeting(evening: Calls) -> None:
    check_that_one_message_was_left(evening["voicemail"])


def check_that_one_message_was_left(call: Finished) -> None:
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


def test_an_interruption_silences_the_agent(evening: Calls) -> None:
    call = evening["interrupter"]
    assert len(call.world["latencies"]["clears_after_person_started_ms"]) >= 2
    assert len(call.happened("agent_speech_stopped")) >= len(call.happened("clear"))


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


def test_nobody_who_said_hello_waits_for_a_late_verdict(evening: Calls) -> None:
    call = evening["slow-carrier"]
    assert (call.call["status"], call.call["answered_by"]) == ("ended", "human")
    verdict = call.happened("amd_verdict")[0]["at_ms"]
    assert call.happened("agent_speech_started")[0]["at_ms"] < verdict
    assert share_heard("Ah, now I can hear you. Please go on.", call.said_by("caller")) > 0.8


def test_the_parts_of_a_replys_time_make_the_whole(evening: Calls) -> None:
    turns = [message["data"] for call in evening.values() for message in call.messages
             if message.get("type") == "turn.metrics"]  # fmt: skip
    assert len(turns) >= 5
    parts = ("endpointing_ms", "recognising_ms", "thinking_ms", "speaking_ms")
    assert all(abs(sum(turn[part] for part in parts) - turn["total_ms"]) <= 2 for turn in turns)


def test_no_words_and_no_numbers_are_in_the_log(world: World, evening: Calls) -> None:
    log = world.node_log.read_text("utf-8")
    secrets = itertools.chain.from_iterable(
        [call.call["user_phone_number"], *(turn["spoken"] for turn in call.turns)]
        for call in evening.values()
    )
    assert [secret for secret in secrets if secret in log] == []
    assert world.auth_token not in log
