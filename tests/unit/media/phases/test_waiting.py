"""The AMD waiting room: verdict, sound stream and patience in every order lead to one outcome."""

from itertools import permutations

import pytest
from msgspec import to_builtins

from media.effects import OpenMic, Prepare, Publish, Record, Say, Settle
from media.events import (
    AmdVerdict,
    Answered,
    AnsweredBy,
    Event,
    HangUpAsked,
    OperatorSaid,
    Recognised,
    SpeechBegan,
    StreamStarted,
    StreamStopped,
    Tick,
    ToneHeard,
)
from media.phases.ending import Ended, Ending
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting
from media.settings import AmdSettings, Settings
from tests.support.script import BEGAN, SID, STREAM, Script, status

MACHINES: list[AnsweredBy] = [
    "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other",
]  # fmt: skip


def test_the_answer_is_recorded_and_the_greeting_prepared_meanwhile() -> None:
    play = Script().at(4.2).waiting()
    play.expect(
        Record(type="call.answered", status="answered", sid=SID, answered_at=BEGAN + 4.2),
        Record(type="call.waiting", status="waiting", waiting_room="waiting"),
        Prepare,
    )
    play.expect_no(Say, OpenMic)


def test_a_human_verdict_opens_the_conversation_and_counts_the_call() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).expect(OpenMic).expect_no(Say)
    play.at(2).hears(AmdVerdict("human", took_ms=1800))
    play.expect(Record(answered_by="human", waiting_room="processing"), Say, Settle(commit=True))
    play.is_in(Talking)
    assert to_builtins(play.published("call.amd.result")[0].event)["took_ms"] == 1800
    assert play.row["waiting_room"] == "completed"


def test_a_verdict_before_the_stream_is_kept_and_used() -> None:
    play = Script().waiting().hears(AmdVerdict("human")).expect_no(Say).at(1)
    play.is_in(Waiting)
    play.hears(StreamStarted(STREAM)).expect(Say)
    play.is_in(Talking)


def test_a_verdict_before_the_answer_is_kept_too() -> None:
    play = Script().hears(AmdVerdict("machine_end_beep"), Answered(SID), StreamStarted(STREAM))
    play.is_in(Voicemail)


@pytest.mark.parametrize("verdict", ["human", "unknown", *MACHINES, "fax"])
def test_the_order_of_answer_verdict_and_stream_changes_nothing(verdict: AnsweredBy) -> None:
    facts: list[Event] = [Answered(SID), StreamStarted(STREAM), AmdVerdict(verdict)]
    ends = set()
    for order in permutations(facts):
        play = Script().hears(*order)
        ends.add((type(play.call.phase), play.row["status"], tuple(play.settled)))
    assert len(ends) == 1


@pytest.mark.parametrize("verdict", MACHINES)
def test_a_machine_gets_a_message_and_no_conversation(verdict: AnsweredBy) -> None:
    Script().voicemail(verdict).is_in(Voicemail)


def test_a_fax_is_hung_up_on_and_costs_nothing() -> None:
    play = Script().voicemail("fax")
    assert play.is_in(Ending).reason == "fax"
    play.hears(status("completed", 5, 3))
    assert play.settled == [False]


def test_an_unknown_answer_is_treated_as_a_human() -> None:
    play = Script().talking("unknown")
    assert not play.is_in(Talking).assumed


def test_without_a_verdict_patience_takes_whoever_it_is_for_a_human() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).at(9.9)
    play.is_in(Waiting)
    play.at(10).expect(Publish, Say, Settle(commit=True))
    assert play.is_in(Talking).assumed
    assert to_builtins(play.published("call.amd.result")[0].event) == {
        "answered_by": None, "assumed": "human", "took_ms": 10_000, "verdict": "silence",
    }  # fmt: skip
    assert "answered_by" not in play.row


def test_a_second_verdict_changes_nothing() -> None:
    play = Script().waiting().hears(AmdVerdict("human"))
    play.hears(AmdVerdict("human")).expect_nothing()
    play.hears(AmdVerdict("machine_start")).expect_nothing()
    play.hears(StreamStarted(STREAM)).is_in(Talking)
    assert play.row["answered_by"] == "human"


def test_an_operator_may_say_who_it_is() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM), AmdVerdict("human", by="operator"))
    play.is_in(Talking)
    assert to_builtins(play.published("call.amd.result")[0].event)["by"] == "operator"


def test_a_verdict_after_the_end_changes_nothing() -> None:
    play = Script().waiting().hears(status("completed", 3, 2)).hears(AmdVerdict("human"))
    play.expect_nothing()
    assert "answered_by" not in play.row


def test_a_call_without_any_sound_is_hung_up() -> None:
    play = Script().waiting().at(10)
    assert play.is_in(Waiting).assumed
    play.at(15)
    assert play.is_in(Ending).reason == "no_media"
    play.hears(status("completed", 16, 15))
    assert play.settled == [False]


def test_a_known_human_without_any_sound_is_hung_up_too() -> None:
    play = Script().waiting().hears(AmdVerdict("human")).at(14.9)
    play.is_in(Waiting)
    assert play.at(15).is_in(Ending).reason == "no_media"


def test_sound_that_stops_may_come_back() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).at(8).hears(StreamStopped(STREAM))
    play.at(10)
    assert play.is_in(Waiting).assumed
    play.at(20).hears(StreamStarted(STREAM)).is_in(Talking)


def test_sound_that_stays_away_ends_the_wait_counted_from_the_stop() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).at(8).hears(StreamStopped(STREAM))
    play.at(22.9).is_in(Waiting)
    assert play.at(23).is_in(Ending).reason == "no_media"


def test_a_noisy_place_without_words_is_talked_with_when_patience_ends() -> None:
    """What sounds like speech there never pauses, and nothing of it is understood."""
    play = Script().waiting().hears(StreamStarted(STREAM), SpeechBegan(1))
    play.at(3).hears(Recognised(1, -1, ""), AmdVerdict("human")).is_in(Waiting)
    _ticks_to(play, Talking)


def test_a_lone_beep_of_who_knows_whom_is_a_mailbox_when_patience_ends() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).at(1)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).at(3).hears(AmdVerdict("unknown"))
    play.is_in(Waiting)
    _ticks_to(play, Voicemail)


def _ticks_to(play: Script, phase: type[Talking | Voicemail]) -> None:
    """Deadlines alone lead there, each later than the one before."""
    before = play.now
    while isinstance(play.call.phase, Waiting):
        assert play.call.phase.deadline > before
        before = play.now = play.call.phase.deadline
        play.hears(Tick())
    play.is_in(phase)


def test_the_answer_is_told_once_however_often_it_is_heard() -> None:
    play = Script().waiting().hears(Answered(SID), Answered(SID)).expect_nothing()
    play.hears(status("ringing", 1)).expect_nothing()


def test_a_caller_who_hangs_up_in_the_waiting_room_costs_nothing() -> None:
    play = Script().waiting().at(2).hears(status("completed", 2, 1))
    assert play.is_in(Ended) == Ended("ended", "caller_hung_up")
    assert play.row["waiting_room"] == "completed"
    assert play.settled == [False]


def test_hanging_up_works_in_the_waiting_room() -> None:
    assert Script().waiting().hears(HangUpAsked("user")).is_in(Ending).reason == "user"


def test_nobody_is_spoken_to_before_the_room_opens() -> None:
    Script().waiting().hears(OperatorSaid("Hello?", interrupt=True)).expect_nothing()


def test_a_message_of_no_words_means_that_machines_are_hung_up_on() -> None:
    settings = Settings(amd=AmdSettings(voicemail_message=""))
    play = Script(settings).voicemail()
    assert play.is_in(Ending).reason == "voicemail"
    assert play.row["status"] == "voicemail"
