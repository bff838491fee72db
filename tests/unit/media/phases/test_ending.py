"""Ending and Ended: the carrier is asked until it says so, and what is over stays over."""

from collections.abc import Callable
from itertools import permutations

import pytest
from msgspec import to_builtins

from media.effects import Close, HangUp, LookUp, Record, Settle, Status
from media.events import (
    AmdVerdict,
    Answered,
    Broken,
    CarrierSilent,
    CarrierState,
    Dialled,
    Event,
    GenerationFinished,
    HangUpAsked,
    Recognised,
    Sentence,
    SpeechBegan,
    StreamStarted,
    StreamStopped,
    Tick,
    TurnPlayed,
)
from media.phases.ending import NODE_LOST, Ended, Ending
from tests.support.script import BEGAN, SID, STREAM, Script, row, status


def hung_up(reason: str = "user") -> Script:
    return Script().quiet().hears(HangUpAsked(reason))


def test_the_carriers_word_ends_the_call_with_our_reason() -> None:
    play = hung_up().expect(HangUp).at(3).hears(status("completed", 3, 2))
    assert play.is_in(Ended) == Ended("ended", "user")
    play.expect(Record, Close).expect_no(Settle)
    assert play.row["duration_seconds"] == 2
    assert play.row["ended_at"] == BEGAN + 3


def test_a_carrier_that_says_nothing_is_asked_again_then_given_up() -> None:
    play = hung_up()
    for seconds in (5, 10, 15):
        play.at(seconds).expect(HangUp, LookUp)
    play.at(20)
    assert play.is_in(Ended) == Ended("lost", "user")
    assert play.settled == [True]


def test_a_carrier_without_such_a_call_is_believed_when_asked_twice() -> None:
    play = hung_up().hears(CarrierSilent(answered=True))
    play.is_in(Ending)
    play.at(5).hears(CarrierSilent(answered=False)).is_in(Ending)
    play.hears(CarrierSilent(answered=True))
    assert play.is_in(Ended) == Ended("ended", "user")


def test_a_second_wish_to_hang_up_changes_nothing() -> None:
    hung_up().hears(HangUpAsked("server_stopping")).expect_nothing()


def test_nobody_is_talked_to_while_the_call_ends() -> None:
    play = hung_up().hears(
        SpeechBegan(1), Recognised(1, 1, "wait"), Sentence(2, "Yes?"), GenerationFinished(2)
    )
    play.expect_nothing()


def test_what_was_still_heard_is_in_the_transcript() -> None:
    play = Script().talking().hears(HangUpAsked("user"))
    play.hears(TurnPlayed(1, "Hello there", "Hello", cut=True), StreamStopped(STREAM))
    assert to_builtins(play.published("transcript.final")[0].event)["heard"] == "Hello"


def test_a_call_whose_node_died_is_lost_though_the_carrier_completes_it() -> None:
    play = hung_up(NODE_LOST).hears(status("completed", 9, 8))
    assert play.is_in(Ended) == Ended("lost", NODE_LOST)


@pytest.mark.parametrize("told", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_terminal_state_is_never_left(told: CarrierState) -> None:
    play = Script().hears(Dialled(SID), status("no-answer", 20, 0))
    late: list[Event] = [
        status(told, 25, 3), Dialled(SID), Answered(SID), AmdVerdict("human"), Broken(),
        StreamStarted(STREAM), HangUpAsked("user"), CarrierSilent(answered=True), Tick(),
    ]  # fmt: skip
    for event in late:
        play.hears(event).expect_nothing()
    assert play.is_in(Ended) == Ended("no_answer", "no_answer")
    assert play.row["ended_at"] == BEGAN + 20


def test_times_that_come_after_the_end_still_reach_the_row() -> None:
    play = Script().hears(status("completed", 30, 25))
    play.hears(status("in-progress", 5)).expect(
        Record(type="call.updated", sid=SID, answered_at=BEGAN + 5)
    )
    play.hears(status("ringing", 2))
    assert (play.row["ringing_at"], play.row["answered_at"]) == (BEGAN + 2, BEGAN + 5)
    assert play.row["status"] == "ended"


def test_every_order_of_the_carriers_callbacks_gives_the_same_row() -> None:
    told = [
        status("queued", 0), status("initiated", 0), status("ringing", 2),
        status("in-progress", 5), status("completed", 30, 25),
    ]  # fmt: skip
    rows = []
    for order in permutations([*told, told[2]]):
        play = Script().hears(Dialled(SID), *order)
        rows.append({k: v for k, v in row(play.all).items() if k != "waiting_room"})
    assert all(each == rows[0] for each in rows)
    assert rows[0] == {
        "status": "ended", "sid": SID, "ringing_at": BEGAN + 2, "answered_at": BEGAN + 5,
        "ended_at": BEGAN + 30, "duration_seconds": 25, "end_reason": "caller_hung_up",
    }  # fmt: skip


def test_the_first_word_on_each_time_stays() -> None:
    play = Script().hears(status("ringing", 2), status("in-progress", 5))
    play.hears(status("ringing", 4), status("in-progress", 9)).expect_nothing()
    play.hears(status("completed", 30, 25))
    assert (play.row["ringing_at"], play.row["answered_at"]) == (BEGAN + 2, BEGAN + 5)


def test_without_the_carriers_word_the_length_is_counted_from_the_answer() -> None:
    play = Script().hears(Dialled(SID)).at(3).hears(status("in-progress"), StreamStarted(STREAM))
    play.hears(AmdVerdict("human")).at(20).hears(HangUpAsked("user")).at(41)
    assert play.row["status"] == "lost"
    assert play.row["duration_seconds"] == 37


def test_no_call_ends_before_it_was_answered() -> None:
    play = Script().at(3.4).waiting().hears(status("completed", 3, 0))
    assert play.row["ended_at"] == play.row["answered_at"] == BEGAN + 3.4


@pytest.mark.parametrize(
    ("scene", "counts"),
    [
        (Script.waiting, [False]),
        (Script.talking, [True]),
        (Script.voicemail, [True]),
    ],
)
def test_broken_code_ends_the_call_as_lost_and_settles_once(
    scene: Callable[[Script], Script], counts: list[bool]
) -> None:
    play = scene(Script())
    play.hears(Broken()).expect(Record, Close)
    assert play.is_in(Ended) == Ended("lost", "internal_error")
    assert play.settled == counts


def test_status_names_are_ours_in_the_row_and_the_carriers_in_events() -> None:
    names: dict[CarrierState, Status] = {"no-answer": "no_answer", "completed": "ended"}
    for theirs, ours in names.items():
        assert Script().hears(status(theirs, 1, 0)).row["status"] == ours


@pytest.mark.parametrize("told_at", [0, -1])
def test_a_busy_line_ends_when_that_was_heard_though_the_carrier_tells_whole_seconds(
    told_at: int,
) -> None:
    play = Script().hears(Dialled(SID)).at(0.8).hears(status("busy", told_at))
    assert play.is_in(Ended).status == "busy"
    assert play.row["ended_at"] == BEGAN + 0.8
