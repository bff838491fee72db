"""Who picked up is asked again after the verdict: a mailbox after all, or a person after all."""

import pytest

from media.effects import PressKeys, Recognise, Record, Say, StopPlayback
from media.events import AmdVerdict, ToneHeard, TurnPlayed
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting
from tests.support.script import Script
from tests.unit.media.phases.test_waiting_ears import (
    GREETING,
    INTRODUCTION,
    MESSAGE,
    SCREENING,
    heard,
    says,
)


def test_a_person_who_picks_up_during_the_message_gets_the_greeting() -> None:
    play = Script().voicemail().later(2.0).expect_no(StopPlayback)
    says(play, "Hello? Who is this?").expect(StopPlayback, Say).is_in(Talking)
    assert play.settled == [True]
    assert play.row["status"] == "talking"


def test_a_mailbox_that_goes_on_is_no_person() -> None:
    play = Script().voicemail("machine_start")
    says(play, "Hello.").is_in(Voicemail)
    says(play, GREETING, 3.0).is_in(Voicemail)


def test_somebody_taken_for_human_turns_out_a_machine() -> None:
    play = says(heard(), "Hello?").later(1.0)
    play.is_in(Talking)
    says(play, GREETING, 3.0).expect(StopPlayback, Record(answered_by="machine_start",
                                                         waiting_room="processing"))  # fmt: skip
    play.later(0.5).hears(ToneHeard("beep", 1000, 400, play.now)).later(0.3).expect(Say)
    assert play.call.facts.turns == ()


def test_what_was_said_before_a_late_machine_verdict_was_its_greeting() -> None:
    play = says(heard(), "This is Anna.").later(2.0)
    play.is_in(Talking)
    says(play, "I am out of the office this week.").later(1.0)
    play.hears(AmdVerdict("machine_end_beep")).is_in(Voicemail)


def test_who_answers_us_is_a_person_whatever_the_carrier_says_later() -> None:
    play = says(heard(), "Hello?").later(1.0).agent_finishes().caller_says("About my roses.")
    play.hears(AmdVerdict("machine_end_beep")).is_in(Talking)


def test_a_person_who_talks_about_mailboxes_stays_one() -> None:
    play = says(heard(), "Hello, who is this?").later(1.0).agent_finishes()
    play.caller_says("My voicemail says please leave a message after the tone.").is_in(Talking)


def test_a_phone_that_screens_after_all_is_told_who_calls() -> None:
    play = says(heard(), "Hi.").later(1.2)
    play.is_in(Talking)
    says(play, SCREENING, 3.0).expect(StopPlayback, Say(2, INTRODUCTION)).is_in(Waiting)
    says(play.later(4.0).hears(TurnPlayed(2, INTRODUCTION, INTRODUCTION)), "Hello?").later(1.2)
    assert play.is_in(Talking).turn == 3
    assert play.settled == [True]


def test_a_greeting_that_nobody_goes_on_with_is_a_mailbox() -> None:
    play = says(heard(), "We have gone to the big dance in town.", 3.5).later(2.0).agent_finishes()
    play.is_in(Talking)
    play.later(7.9).expect_no(Say).later(0.2).expect(Say(2, MESSAGE)).is_in(Voicemail)


def test_who_said_hello_and_is_silent_is_asked_whether_they_are_there() -> None:
    play = says(heard(), "Hello?").later(1.0).agent_finishes().later(8.1)
    play.expect(Say).is_in(Talking)


def test_a_beep_and_no_answer_are_a_mailbox_whatever_its_words_were() -> None:
    play = says(heard(), "Hey, it's me.").later(1.0)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).is_in(Talking)
    play.later(1.9).is_in(Talking)
    play.later(0.2).expect(StopPlayback, Say(2, MESSAGE)).is_in(Voicemail)


def test_who_speaks_after_a_beep_is_no_mailbox() -> None:
    play = says(heard(), "Hey, it's me.").later(1.0)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).later(1.0)
    says(play, "Hello, are you there?").later(5.0).is_in(Talking)


def test_a_menu_that_began_like_a_mailbox_gets_its_key() -> None:
    play = says(heard(), "You have reached Bay Travel.", 1.5)
    play.is_in(Voicemail)
    says(play, "If you have a booking code, press four.", 2.0)
    says(play, "To speak with one of our agents, press three.", 2.0).is_in(Waiting)
    play.later(1.5).expect(PressKeys("3"))


def test_what_is_said_after_music_counts_from_its_first_word() -> None:
    play = heard().hears(ToneHeard("music", 0, 2000, 2.0))
    says(play, "You have reached the dentist's office.", 2.0)
    assert play.call.facts.answering.text == "You have reached the dentist's office."
    says(play, "We are out to lunch.").is_in(Voicemail)
    assert play.call.facts.answering.text.startswith("You have")


def test_an_operators_word_is_not_questioned() -> None:
    play = heard().hears(AmdVerdict("human", by="operator"))
    says(play, GREETING, 3.0).is_in(Talking)


def test_who_speaks_on_and_on_is_listened_to_meanwhile() -> None:
    play = says(heard(), "This is Anna.").later(2.0).caller_begins().later(0.89)
    play.expect_no(Recognise).later(0.02).expect(Recognise)


# A person after all


@pytest.mark.parametrize(
    "said",
    [
        ["Hello.", "Hello."],  # a recogniser leaves out what a voice asks
        ["Hello, hello."],
        ["Hello, who is coming?"],
        ["So what is it about?"],
        ["Wait, I'm here."],
    ],
)
def test_who_speaks_to_a_silent_line_while_a_beep_is_awaited_is_a_person(said: list[str]) -> None:
    play = says(heard(), GREETING, 3.0).later(0.5)
    for text in said:
        play.is_in(Voicemail)
        says(play, text).later(0.1)
    play.is_in(Talking)


@pytest.mark.parametrize("text", ["Hello.", "Leave your number, okay?", "We are the Novaks."])
def test_what_a_greeting_may_go_on_with_is_no_person(text: str) -> None:
    says(says(heard(), GREETING, 3.0).later(0.5), text).is_in(Voicemail)


def test_a_short_word_over_the_message_is_a_persons_though_nobody_understood_it() -> None:
    play = says(heard(), "You have reached Anna.", 1.5).later(2.0)
    assert play.is_in(Voicemail).speaking
    says(play.later(1.0), "And long.", 0.6).expect(StopPlayback, Say).is_in(Talking)


def test_a_greeting_that_goes_on_over_the_message_is_no_person() -> None:
    play = says(heard(), "You have reached Anna.", 1.5).later(2.0)
    says(play.later(1.0), "We have gone to the big dance in town.", 2.5).is_in(Voicemail)
