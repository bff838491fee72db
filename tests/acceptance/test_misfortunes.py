"""A carrier on a bad day: callbacks twice, late and in the wrong order, lost replies, dead lines.

Whatever it does, people are called once, hear what they should, and the rows end up right. Each
misfortune strikes the calls to one person, so all of them happen at the same time.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.acceptance.evening import Calls, Finished, Rows, read_rows, whole_calls
from tests.support.client import Clients, Json, clients_of
from tests.support.node import World, running_world
from tests.support.people import HANGS_UP, after, brief, human, says, share_heard, waits

pytestmark = pytest.mark.timeout(180)

TOPIC = "the weather"
GREETING = "Hello, this is a computer voice. You asked for a call about {topic}."
SAID = GREETING.format(topic=TOPIC)
LINE_BACK = "Sorry, the line was gone for a moment. Please go on."
ROUGH = [f"rough-{number}" for number in range(4)]
# Which of the two depends on how well the last word was understood.
CALLER_ENDED_IT = {"caller_goodbye", "caller_hung_up"}
LOST_REPLIES = ["429", "500_after_commit", "timeout_after_commit"]


class BadDay(msgspec.Struct, frozen=True):
    """The calls by name, all that were really placed to the same number, and the last rows."""

    world: World
    calls: Calls
    placed: dict[str, list[Json]]
    rows: dict[str, Rows]


def people() -> dict[str, Json]:
    """Who is called on that day, and what befalls the calls to each."""
    callbacks = {"duplicate_callbacks": 1.0, "reorder_callbacks": 0.6}
    reset = [
        after(300), says("Hello?"), waits(quiet_ms=4000),
        says("Yes, I am still here. That was strange. Goodbye!"), waits(patience_ms=6000), HANGS_UP,
    ]  # fmt: skip
    listener = [waits(), says("Thank you, that is all. Goodbye!"), waits(), HANGS_UP]
    refuser = [after(600), says("No thanks."), HANGS_UP]
    left_out = {"drop_amd": True, "skip_ringing": True, "drop_stop": True}
    return {
        "calm": brief(),
        **{
            name: {**brief(), "faults": {**callbacks, "seed": seed, "callback_delay_ms": [0, 1200]}}
            for seed, name in enumerate(ROUGH)
        },
        **{fault: human(*refuser, faults={"create_call": fault}) for fault in LOST_REPLIES},
        "refused": human(*refuser, faults={"create_call": "429", "create_call_times": 50}),
        "reset": human(*reset, faults={"reset_stream_after_ms": 3500}),
        "left-out": {**brief(lines=0), "faults": left_out},
        "early-verdict": human(*listener, faults={"amd_before_stream": True}),
    }


@pytest.fixture(scope="module")
def day() -> Iterator[BadDay]:
    """All of it, in a world where the carrier has little time and greetings are short."""
    with running_world(
        TWILIO__TIMEOUT_SECONDS="1.5", AMD__PATIENCE_SECONDS="4", CONVERSATION__GREETING=GREETING,
    ) as world:  # fmt: skip
        yield asyncio.run(_day(world))


async def _day(world: World) -> BadDay:
    async with clients_of(world) as clients:
        numbers = {name: await clients.sandbox.add(each) for name, each in people().items()}
        calls = await whole_calls(clients, numbers, TOPIC)
        for name in ROUGH:
            await every_callback_arrived(clients, calls[name])
        placed = {name: await clients.sandbox.calls_to(to) for name, to in numbers.items()}
        async with world.rows() as connection:
            rows = {
                name: await read_rows(connection, call.call["id"]) for name, call in calls.items()
            }
    return BadDay(world, calls, placed, rows)


async def every_callback_arrived(clients: Clients, call: Finished) -> None:
    """Four statuses and a verdict, each of them twice."""
    async with asyncio.timeout(20):
        while True:
            seen = await clients.sandbox.call(call.world["sid"])
            hooks = [each["fields"] for each in seen["timeline"] if each["event"] == "webhook"]
            if sum("/status/" in hook["url"] or "/amd/" in hook["url"] for hook in hooks) == 10:
                assert {hook["status"] for hook in hooks} <= {200, 204}
                return
            await asyncio.sleep(0.1)


def normalised(rows: Rows) -> dict[str, Any]:
    """The final rows without what differs between any two calls."""
    names = ("initiated_time", "ringing_time", "answered_time", "ended_time")
    times = [rows.call[name] for name in names]
    assert None not in times
    assert times == sorted(times)
    assert rows.call["end_reason"] in CALLER_ENDED_IT
    kept = ("topic", "status", "answered_by", "dial_state")
    return {
        **{name: rows.call[name] for name in kept},
        "waiting_room": rows.waiting_room,
        "reservation": rows.reservation,
        "calls_used": rows.calls_used,
    }


@pytest.mark.parametrize("name", ROUGH)
def test_callbacks_twice_late_and_out_of_order_change_nothing(day: BadDay, name: str) -> None:
    call, rows = day.calls[name], day.rows[name]
    assert normalised(rows) == normalised(day.rows["calm"])
    assert rows.call["twilio_call_sid"] == call.world["sid"]
    assert abs(rows.call["duration_seconds"] - call.world["duration_seconds"]) <= 1
    assert share_heard(SAID, call.heard) > 0.9
    repeated = day.world.logged("webhook_repeated", call_id=call.call["id"])
    assert len(repeated) == 5


@pytest.mark.parametrize("fault", LOST_REPLIES)
def test_a_lost_reply_never_makes_a_second_call(day: BadDay, fault: str) -> None:
    call = day.calls[fault]
    assert [real["sid"] for real in day.placed[fault]] == [call.call["twilio_call_sid"]]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "caller_hung_up")
    assert call.rows.call["dial_state"] == "known"
    assert call.rows.reservation in {"committed", "released"}
    assert call.usage_after["reserved"] == 0


def test_a_carrier_that_keeps_refusing_is_not_called_a_success(day: BadDay) -> None:
    call = day.calls["refused"]
    assert (call.call["status"], call.call["end_reason"]) == ("failed", "refused_20429")
    assert call.call["twilio_call_sid"] is None
    assert day.placed["refused"] == []
    assert (call.rows.reservation, call.usage_after["left"]) == ("released", 1)


def test_a_line_that_dies_in_the_middle_comes_back(day: BadDay) -> None:
    call = day.calls["reset"]
    assert len(call.happened("stream_reset")) == 1
    assert [alert["fields"]["code"] for alert in call.world["alerts"]] == [31903]
    assert call.call["status"] == "ended"
    assert call.call["end_reason"] in CALLER_ENDED_IT
    assert share_heard("for a moment. Please go on.", call.heard) > 0.8
    assert share_heard("Yes, I am still here. That was strange.", call.said_by("caller")) > 0.8
    cut, back = call.turns[:2]
    assert cut["spoken"].startswith(cut["heard"])
    assert len(cut["heard"]) < len(cut["spoken"])
    assert back["heard"] == LINE_BACK
    assert call.statuses.count("talking") == 1


def test_what_the_carrier_leaves_out_is_not_missed(day: BadDay) -> None:
    call = day.calls["left-out"]
    assert call.call["status"] == "ended"
    assert call.call["end_reason"] in CALLER_ENDED_IT
    assert (call.call["answered_by"], call.call["ringing_time"]) == (None, None)
    (verdict,) = [message for message in call.messages if message.get("type") == "call.amd.result"]
    assert (verdict["data"]["answered_by"], verdict["data"]["assumed"]) == (None, "human")
    assert (call.rows.waiting_room, call.rows.reservation) == ("completed", "committed")
    assert share_heard(SAID, call.heard) > 0.9


def test_a_verdict_before_the_sound_waits_for_it(day: BadDay) -> None:
    call = day.calls["early-verdict"]
    assert (call.call["status"], call.call["answered_by"]) == ("ended", "human")
    assert call.happened("amd_verdict")[0]["at_ms"] < call.happened("stream_started")[0]["at_ms"]
    assert share_heard(SAID, call.heard) > 0.9
