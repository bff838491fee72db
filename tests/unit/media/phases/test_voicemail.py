"""Voicemail: one message, after the greeting, and then goodbye."""

import pytest
from msgspec import to_builtins

from media.effects import EndTurn, HangUp, Recognise, Record, Say, Settle
from media.events import (
    AmdVerdict,
    AnsweredBy,
    EngineFailed,
    HangUpAsked,
    Recognised,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending
from media.phases.voicemail import Voicemail
from media.settings import AmdSettings, Settings
from tests.support.script import STREAM, TOPIC, Script, status

MESSAGE = AmdSettings().voicemail_message.format(topic=TOPIC)


@pytest.mark.parametrize("verdict", ["machine_end_beep", "machine_end_silence"])
def test_after_the_greeting_the_message_is_said_at_once(verdict: AnsweredBy) -> None:
    play = Script().voicemail(verdict)
    play.expect(Record, Say(0, MESSAGE), EndTurn(0), Settle(commit=True))
    assert play.row["status"] == "voicemail"


def test_a_greeting_is_heard_out_before_the_message() -> None:
    play = Script().voicemail("machine_start").expect_no(Say)
    play.hears(SpeechBegan(1)).at(6).expect_no(Say)
    play.hears(SpeechPaused(1, 1, play.now - 0.3)).expect(Recognise).expect_no(Say)
    play.at(7.1).expect_no(Say)
    play.at(7.2).expect(Say(0, MESSAGE))


def test_a_pause_between_two_sentences_of_a_greeting_is_not_its_end() -> None:
    play = Script().voicemail("machine_start").hears(SpeechBegan(1)).at(3)
    play.hears(SpeechPaused(1, 1, play.now - 0.3)).at(3.6).hears(SpeechBegan(1))
    play.at(9).expect_nothing()
    play.hears(SpeechPaused(1, 2, play.now - 0.3)).at(10.2).expect(Say)


def test_a_machine_that_says_nothing_gets_the_message_soon() -> None:
    Script().voicemail("machine_start").at(1.5).expect(Say(0, MESSAGE))


def test_a_greeting_without_end_gets_no_message_and_costs_nothing() -> None:
    play = Script().voicemail("machine_start").hears(SpeechBegan(1)).at(30)
    play.expect(HangUp).expect_no(Say)
    play.hears(status("completed", 31, 30))
    assert play.settled == [False]


def test_the_call_ends_when_the_message_was_played() -> None:
    play = Script().voicemail().at(9).hears(TurnPlayed(0, MESSAGE, MESSAGE)).expect(HangUp)
    play.hears(status("completed", 9, 8))
    assert play.is_in(Ended) == Ended("ended", "voicemail")
    assert play.settled == [True]
    assert to_builtins(play.published("transcript.final")[0].event)["heard"] == MESSAGE


def test_a_beep_while_the_message_is_said_does_not_repeat_it() -> None:
    play = Script().voicemail().hears(SpeechBegan(1), SpeechPaused(1, 1, 0.0)).expect_no(Say)
    play.hears(AmdVerdict("machine_end_beep"), AmdVerdict("human")).expect_nothing()
    play.is_in(Voicemail)


def test_a_message_that_cannot_be_spoken_ends_the_call() -> None:
    Script().voicemail().hears(EngineFailed("voice", 0)).expect(HangUp).is_in(Ending)


def test_the_failure_of_something_given_up_before_changes_nothing() -> None:
    play = Script().voicemail("machine_start")
    play.hears(EngineFailed("thinker", 1), EngineFailed("voice", 1)).expect_nothing()
    play.is_in(Voicemail)


def test_a_message_that_never_finishes_is_cut_off() -> None:
    play = Script().voicemail().at(29.9)
    play.is_in(Voicemail)
    assert play.at(30).is_in(Ending).reason == "voicemail"


def test_a_lost_stream_ends_the_call() -> None:
    play = Script().voicemail().hears(StreamStopped(STREAM)).expect(HangUp)
    play.hears(StreamStarted(STREAM)).expect_nothing()


def test_hanging_up_works_during_the_message() -> None:
    assert Script().voicemail().hears(HangUpAsked("user")).is_in(Ending).reason == "user"


def test_a_message_need_not_count_against_the_plan() -> None:
    play = Script(Settings(amd=AmdSettings(count_voicemail=False))).voicemail()
    play.hears(TurnPlayed(0, MESSAGE, MESSAGE)).hears(status("completed", 9, 8))
    assert play.settled == [False]


FULL = "The mailbox of Anna is full and cannot accept any messages. Goodbye."


def test_a_mailbox_that_is_full_gets_no_message_and_costs_nothing() -> None:
    play = Script().voicemail("machine_start").hears(SpeechBegan(1)).at(6)
    play.hears(SpeechPaused(1, 1, play.now - 0.3)).hears(Recognised(1, 1, FULL))
    play.expect(HangUp).expect_no(Say)
    assert play.is_in(Ending).reason == "mailbox_full"
    assert play.hears(status("completed", 9, 8)).settled == [False]


def test_a_mailbox_known_to_be_full_beforehand_gets_none_either() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).caller_begins().later(3.3)
    play.caller_pauses(FULL).expect(HangUp).expect_no(Say)
    play.hears(status("completed", 9, 8))
    assert play.row["end_reason"] == "mailbox_full"
