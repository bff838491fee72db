"""A carrier on a bad day: callbacks twice, late and in the wrong order, lost replies, dead lines.

Whatever it does, people are called once, hear what they should, and the rows end up right.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.acceptance.evening import Finished, Rows, read_rows, whole_call
from tests.support.client import Clients, Json, clients_of
from tests.support.node import World, running_world
from tests.support.people import HANGS_UP, after, brief, human, says, share_heard, waits

pytestmark = pytest.mark.timeout(180)

TOPIC = "the weather"
GREETING = "Hello, this is a computer voice. You asked for a call about {topic}."
LINE_BACK = "Sorry, the line was gone for a moment. Please go on."


@pytest.fixture(scope="module")
def bad_world() -> Iterator[World]:
    """A world of its own, for the carrier's faults strike everybody in it."""
    with running_world(
        TWILIO__TIMEOUT_SECONDS="1.5", AMD__PATIENCE_SECONDS="4", CONVERSATION__GREETING=GREETING,
    ) as started:  # fmt: skip
        yield started


@pytest.fixture
async def clients(bad_world: World) -> AsyncIterator[Clients]:
    """Clients of that world, and no faults left behind."""
    async with clients_of(bad_world) as opened:
        yield opened
        await faults(opened)


async def faults(clients: Clients, **chosen: Any) -> None:
    await clients.sandbox.send("PUT", "/world/faults", chosen)


def normalised(rows: Rows) -> Json:
    """The final rows without what differs between any two calls."""
    names = ("initiated_time", "ringing_time", "answered_time", "ended_time")
    times = [rows.call[name] for name in names]
    assert None not in times
    assert times == sorted(times)
    kept = ("topic", "status", "answered_by", "end_reason", "dial_state")
    return {
        **{name: rows.call[name] for name in kept},
        "waiting_room": rows.waiting_room,
        "reservation": rows.reservation,
        "calls_used": rows.calls_used,
    }


async def test_callbacks_twice_late_and_out_of_order_change_nothing(
    clients: Clients, world: World
) -> None:
    person = brief()
    number = await clients.sandbox.add(person)
    await faults(
        clients, seed=7, duplicate_callbacks=1.0, reorder_callbacks=0.6,
        callback_delay_ms=[0, 1200],
    )  # fmt: skip
    async with clients_of(world) as others:  # another world, where all is well
        await others.sandbox.add(person)
        calm, *rough = await asyncio.gather(
            whole_call(others, number, TOPIC),
            *(whole_call(clients, number, TOPIC) for _ in range(4)),
        )
    for call in rough:
        await every_callback_arrived(clients, call)
        async with clients.world.rows() as connection:
            rows = await read_rows(connection, call.call["id"])
        assert normalised(rows) == normalised(calm.rows)
        assert abs(rows.call["duration_seconds"] - call.world["duration_seconds"]) <= 1
        assert rows.call["twilio_call_sid"] == call.world["sid"]
        assert share_heard(GREETING.format(topic=TOPIC), call.heard) > 0.9
    assert len(clients.world.logged("webhook_repeated")) >= 4 * 4


async def every_callback_arrived(clients: Clients, call: Finished) -> None:
    """Four statuses and a verdict, each of them twice."""
    async with asyncio.timeout(20):
        while True:
            seen = await clients.sandbox.call(call.world["sid"])
            hooks = [each for each in seen["timeline"] if each["event"] == "webhook"]
            callbacks = [
                hook
                for hook in hooks
                if "/status/" in hook["fields"]["url"] or "/amd/" in hook["fields"]["url"]
            ]
            if len(callbacks) == 10:
                assert {hook["fields"]["status"] for hook in hooks} <= {200, 204}
                return
            await asyncio.sleep(0.1)


async def placed(clients: Clients, fault: str, **more: Any) -> tuple[Finished, list[Json]]:
    """One call under a fault of the create request, and all that were really placed."""
    number = await clients.sandbox.add(human(after(600), says("No thanks."), HANGS_UP))
    await faults(clients, create_call=fault, **more)
    finished = await whole_call(clients, number, TOPIC)
    await faults(clients)
    return finished, await clients.sandbox.calls_to(number)


@pytest.mark.parametrize("fault", ["429", "500_after_commit", "timeout_after_commit"])
async def test_a_lost_reply_never_makes_a_second_call(clients: Clients, fault: str) -> None:
    finished, real = await placed(clients, fault)
    assert [call["sid"] for call in real] == [finished.call["twilio_call_sid"]]
    assert finished.call["status"] == "ended"
    assert finished.call["end_reason"] == "caller_hung_up"
    assert finished.rows.call["dial_state"] == "known"
    assert finished.rows.reservation in {"committed", "released"}
    assert finished.usage_after["reserved"] == 0


async def test_a_carrier_that_keeps_refusing_is_not_called_a_success(clients: Clients) -> None:
    number = await clients.sandbox.add(human())
    await faults(clients, create_call="429", create_call_times=50)
    user = await clients.sign_up()
    async with user.live() as dashboard:
        call = await user.start_call(number)
        over = await dashboard.until_over(call["id"])
    assert (over["status"], over["end_reason"]) == ("failed", "refused_20429")
    assert over["twilio_call_sid"] is None
    assert await clients.sandbox.calls_to(number) == []
    assert (await user.get("/v1/usage"))["calls"]["left"] == 1


async def test_a_line_that_dies_in_the_middle_comes_back(clients: Clients) -> None:
    person = human(
        after(300), says("Hello?"), waits(quiet_ms=4000),
        says("Yes, I am still here. That was strange. Goodbye!"),
        waits(patience_ms=6000), HANGS_UP,
    )  # fmt: skip
    number = await clients.sandbox.add(person)
    await faults(clients, reset_stream_after_ms=3500)
    call = await whole_call(clients, number, TOPIC)
    assert len(call.happened("stream_reset")) == 1
    assert [alert["fields"]["code"] for alert in call.world["alerts"]] == [31903]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "caller_goodbye")
    assert share_heard("for a moment. Please go on.", call.heard) > 0.8
    assert [turn["heard"] for turn in call.turns[1:2]] == [LINE_BACK]
    assert share_heard("Yes, I am still here. That was strange.", call.said_by("caller")) > 0.8
    cut = call.turns[0]
    assert cut["spoken"].startswith(cut["heard"])
    assert len(cut["heard"]) < len(cut["spoken"])
    assert call.statuses.count("talking") == 1


async def test_what_the_carrier_leaves_out_is_not_missed(clients: Clients) -> None:
    number = await clients.sandbox.add(brief(lines=0))
    await faults(clients, drop_amd=True, skip_ringing=True, drop_stop=True)
    call = await whole_call(clients, number, TOPIC)
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "caller_goodbye")
    assert (call.call["answered_by"], call.call["ringing_time"]) == (None, None)
    (verdict,) = [message for message in call.messages if message.get("type") == "call.amd.result"]
    assert (verdict["data"]["answered_by"], verdict["data"]["assumed"]) == (None, "human")
    assert (call.rows.waiting_room, call.rows.reservation) == ("completed", "committed")
    assert share_heard(GREETING.format(topic=TOPIC), call.heard) > 0.9


async def test_a_verdict_before_the_sound_waits_for_it(clients: Clients) -> None:
    steps = [waits(), says("Thank you, that is all. Goodbye!"), waits(patience_ms=6000), HANGS_UP]
    number = await clients.sandbox.add(human(*steps))
    await faults(clients, amd_before_stream=True)
    call = await whole_call(clients, number, TOPIC)
    assert (call.call["status"], call.call["answered_by"]) == ("ended", "human")
    assert call.happened("amd_verdict")[0]["at_ms"] < call.happened("stream_started")[0]["at_ms"]
    assert share_heard(GREETING.format(topic=TOPIC), call.heard) > 0.9
