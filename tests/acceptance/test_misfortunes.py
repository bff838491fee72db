"""A carrier on a bad day: callbacks twice, late and in the wrong order, lost replies, dead lines.

Whatever it does, people are called once, hear what they should, and the rows end up right.
"""

import asyncio
from typing import Any

import pytest

from tests.acceptance.bad_day import TOPIC, BadDay, bad_day
from tests.acceptance.conftest import GREETING
from tests.acceptance.conversation import Rows
from tests.support.node import World
from tests.support.people import share_heard

pytestmark = pytest.mark.timeout(240)

SAID = GREETING.format(topic=TOPIC)
LINE_RESUMED = "Sorry, I was gone for a moment."
# Which of the two depends on how well the last word was understood.
CALLER_ENDED_IT = {"caller_goodbye", "caller_hung_up"}
CALLED = (
    "calm", "rough-0", "timeout_after_commit", "refused", "reset", "left-out", "early-verdict",
)  # fmt: skip


@pytest.fixture(scope="module")
def day(doomed: World) -> BadDay:
    """All of them, while nothing has happened to the node yet."""
    return asyncio.run(bad_day(doomed, CALLED))


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


def check_that_callbacks_changed_nothing(day: BadDay, name: str) -> None:
    """Callbacks that came twice, late and out of order led to the rows of a calm call."""
    call, rows = day.calls[name], day.rows[name]
    assert normalised(rows) == normalised(day.rows["calm"])
    assert rows.call["twilio_call_sid"] == call.world["sid"]
    assert abs(rows.call["duration_seconds"] - call.world["duration_seconds"]) <= 1
    assert share_heard(SAID, call.heard) > 0.9
    repeated = day.world.logged("webhook_repeated", call_id=call.call["id"])
    assert len(repeated) == 5


def check_that_nobody_was_called_twice(day: BadDay, fault: str) -> None:
    """The reply to the request for a call was lost, the call was not."""
    call = day.calls[fault]
    assert [real["sid"] for real in day.placed[fault]] == [call.call["twilio_call_sid"]]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "caller_hung_up")
    assert call.rows.call["dial_state"] == "known"
    assert call.rows.reservation in {"committed", "released"}
    assert call.usage_after["reserved"] == 0


def test_callbacks_twice_late_and_out_of_order_change_nothing(day: BadDay) -> None:
    check_that_callbacks_changed_nothing(day, "rough-0")


def test_a_lost_reply_never_makes_a_second_call(day: BadDay) -> None:
    check_that_nobody_was_called_twice(day, "timeout_after_commit")


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
    assert share_heard("I was gone for a moment", call.heard) > 0.8
    assert share_heard("Yes, I am still here. That was strange.", call.said_by("caller")) > 0.8
    said = [turn["heard"].startswith(LINE_RESUMED) for turn in call.turns]
    back = said.index(True)
    for cut in call.turns[:back]:  # none if the line died before a word was heard
        assert cut["spoken"].startswith(cut["heard"])
        assert len(cut["heard"]) < len(cut["spoken"])
    assert call.statuses.count("talking") == 1


def test_what_the_carrier_leaves_out_is_not_missed(day: BadDay) -> None:
    call = day.calls["left-out"]
    assert call.call["status"] == "ended"
    assert call.call["end_reason"] in CALLER_ENDED_IT
    assert (call.call["answered_by"], call.call["ringing_time"]) == ("human", None)
    (verdict,) = [message for message in call.messages if message.get("type") == "call.amd.result"]
    assert verdict["data"]["verdict"] == "human"  # by what was heard
    assert (call.rows.waiting_room, call.rows.reservation) == ("completed", "committed")
    assert share_heard(SAID, call.heard) > 0.9


def test_a_verdict_before_the_sound_waits_for_it(day: BadDay) -> None:
    call = day.calls["early-verdict"]
    assert (call.call["status"], call.call["answered_by"]) == ("ended", "human")
    assert call.happened("amd_verdict")[0]["at_ms"] < call.happened("stream_started")[0]["at_ms"]
    assert share_heard(SAID, call.heard) > 0.9
