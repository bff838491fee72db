"""Dialling: nobody has picked up yet, and a dial of unknown outcome is never repeated."""

import pytest

from media.effects import Close, Dial, HangUp, LookUp, Record, Settle, Status
from media.events import (
    Answered,
    CarrierSilent,
    CarrierState,
    Dialled,
    DialRefused,
    DialUnknown,
    HangUpAsked,
)
from media.phases.dialling import Dialling
from media.phases.ending import Ended, Ending
from media.phases.waiting import Waiting
from tests.support.script import BEGAN, SID, Script, status


def test_a_call_begins_by_dialling_once() -> None:
    play = Script()
    play.expect(Dial)
    play.hears(Dialled(SID), status("initiated", 0), status("ringing", 1)).expect_no(Dial)
    assert play.row["sid"] == SID


def test_ringing_is_shown_with_the_carriers_own_time() -> None:
    play = Script().hears(Dialled(SID)).at(2.7).hears(status("ringing", 2))
    play.expect(Record(type="call.ringing", status="ringing", sid=SID, ringing_at=BEGAN + 2))


def test_a_phone_never_rang_before_it_was_dialled() -> None:
    """The carrier's times are whole seconds, cut off."""
    play = Script().hears(status("ringing", -0.4))
    assert play.row["ringing_at"] == BEGAN


@pytest.mark.parametrize("first", [Answered(SID), status("in-progress", 3)])
def test_an_answer_leads_to_the_waiting_room_however_it_is_told(
    first: Answered,
) -> None:
    Script().hears(Dialled(SID)).at(3).hears(first).is_in(Waiting)


def test_an_answer_may_come_before_the_dial_returns() -> None:
    play = Script().hears(Answered(SID))
    play.is_in(Waiting)
    assert play.row["sid"] == SID


def test_a_refused_dial_fails_the_call_and_gives_the_reservation_back() -> None:
    play = Script().hears(DialRefused(21211, "Invalid 'To' number"))
    assert play.is_in(Ended) == Ended("failed", "refused_21211")
    play.expect(Record, Settle(commit=False), Close)
    assert play.row["duration_seconds"] == 0
    assert "answered_at" not in play.row


@pytest.mark.parametrize(
    ("told", "ends"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "canceled")],
)
def test_a_call_nobody_answers_ends_as_the_carrier_says(told: CarrierState, ends: Status) -> None:
    play = Script().hears(Dialled(SID), status("ringing", 1)).at(20).hears(status(told, 20, 0))
    assert play.is_in(Ended) == Ended(ends, ends)
    assert play.row["ended_at"] == BEGAN + 20
    assert play.settled == [False]


def test_ringing_is_not_unrung_by_a_late_initiated() -> None:
    play = Script().hears(Dialled(SID), status("ringing", 1), status("initiated", 0))
    assert play.row["status"] == "ringing"


def test_an_unknown_dial_is_looked_up_and_never_repeated() -> None:
    play = Script().hears(DialUnknown())
    assert play.is_in(Dialling).unknown
    play.at(5).expect(LookUp).expect_no(Dial)
    play.at(10).expect(LookUp).expect_no(Dial)


def test_an_unknown_dial_that_rings_after_all_is_an_ordinary_call() -> None:
    play = Script().hears(DialUnknown()).at(3).hears(status("ringing", 3))
    assert not play.is_in(Dialling).unknown
    play.at(8).expect_nothing()
    assert play.row["sid"] == SID


def test_a_look_up_that_finds_the_call_gives_it_its_sid() -> None:
    play = Script().hears(DialUnknown()).at(5).hears(Dialled(SID))
    play.expect(Record(type="call.updated", sid=SID))
    assert not play.is_in(Dialling).unknown


def test_a_call_the_carrier_does_not_have_is_given_up_only_after_several_looks() -> None:
    play = Script().hears(DialUnknown())
    for seconds in (5, 10, 15):
        play.at(seconds).hears(CarrierSilent(answered=True)).is_in(Dialling)
    play.at(20).hears(CarrierSilent(answered=True))
    assert play.is_in(Ended) == Ended("failed", "not_placed")
    assert play.settled == [False]


def test_a_silent_carrier_loses_the_call_in_the_end() -> None:
    play = Script().hears(DialUnknown())
    for seconds in (5, 10, 15, 20, 25):
        play.at(seconds).hears(CarrierSilent(answered=False)).is_in(Dialling)
    play.at(30)
    assert play.is_in(Ended) == Ended("lost", "carrier_silent")


def test_a_phone_that_rings_for_ever_is_looked_up_then_hung_up() -> None:
    play = Script().hears(Dialled(SID), status("ringing", 1))
    play.at(90).expect(LookUp).is_in(Dialling)
    play.at(90 + 5 * 5).expect(HangUp)
    assert play.is_in(Ending).reason == "carrier_silent"


def test_hanging_up_before_the_sid_is_known_waits_for_the_sid() -> None:
    play = Script().hears(HangUpAsked("user")).expect_no(HangUp)
    play.hears(Dialled(SID)).expect(HangUp)
    play.hears(status("canceled", 1, 0))
    assert play.is_in(Ended) == Ended("canceled", "user")


def test_hanging_up_a_call_that_is_then_refused_cancels_it() -> None:
    play = Script().hears(HangUpAsked("user"), DialRefused(13224, "not allowed"))
    assert play.is_in(Ended) == Ended("canceled", "user")
