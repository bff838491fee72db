"""The waiting room with open ears: what is heard opens it, ends it, or lets it wait on."""

import pytest
from msgspec import to_builtins

from media.call import fold
from media.effects import (
    SO_FAR,
    HangUp,
    PressKeys,
    Recognise,
    Record,
    Say,
    Settle,
    StopPlayback,
    TakeUtterance,
)
from media.events import (
    Adopted,
    AmdVerdict,
    EngineFailed,
    Recognised,
    StreamStarted,
    StreamStopped,
    ToneHeard,
    TurnPlayed,
)
from media.phases.ending import Ending
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.phases.waiting import INTRODUCTIONS, MENUS, Waiting
from media.settings import AmdSettings, Settings
from tests.support.script import STREAM, TOPIC, Script, status

GREETING = "You have reached Anna. Please leave a message after the tone."
SCREENING = "Please say your name and why you are calling."
MESSAGE = AmdSettings().voicemail_message.format(topic=TOPIC)
INTRODUCTION = AmdSettings().screening_introduction.format(topic=TOPIC)


def heard() -> Script:
    """Answered, and sound flows."""
    return Script().waiting().hears(StreamStarted(STREAM))


def says(play: Script, text: str, seconds: float = 1.0) -> Script:
    """Whoever answered says this, and is quiet for as long as a recogniser takes."""
    play.caller_begins().later(seconds).later(0.3)
    return play.caller_pauses(text)


def screened() -> Script:
    """A screening phone asked, and is being told."""
    play = says(heard(), SCREENING, 3.0).later(1.5)
    assert play.is_in(Waiting).speaking
    return play


def introduced() -> Script:
    """And was told."""
    return screened().later(4.0).hears(TurnPlayed(1, INTRODUCTION, INTRODUCTION))


def test_a_pause_has_its_words_recognised_and_their_sound_let_go() -> None:
    play = heard().caller_begins().later(1.0).caller_pauses()
    play.expect(Recognise(1, 1), TakeUtterance(1))


def test_a_person_opens_the_conversation_without_any_word_of_the_carrier() -> None:
    play = says(heard(), "Hello?")
    play.is_in(Waiting)
    play.later(1.0).is_in(Talking)
    assert play.row["answered_by"] == "human"
    told = to_builtins(play.published("call.amd.result")[0].event)
    assert (told["by"], told["verdict"]) == ("detector", "human")
    assert told["probability"] >= 0.9
    assert {one["source"] for one in told["reasons"]} == {"timing", "words"}


def test_what_is_known_so_far_is_shown_while_nothing_is_decided() -> None:
    play = says(heard(), "Hello.")
    shown = play.published("call.answering")[-1]
    assert shown.key == "answering"
    assert to_builtins(shown.event)["shares"]["human"] > 0.5


def test_the_carriers_early_word_is_not_waited_after() -> None:
    heard().hears(AmdVerdict("human")).expect(Say).is_in(Talking)


def test_nobody_is_talked_over_for_the_carriers_word() -> None:
    play = heard().caller_begins().hears(AmdVerdict("human")).expect_no(Say)
    play.is_in(Waiting)
    play.later(0.5).caller_pauses("Hello?").later(0.6).expect(Say).is_in(Talking)


def test_a_carrier_that_calls_a_greeting_human_is_not_believed() -> None:
    play = heard().caller_begins().later(3.0).caller_pauses(SCREENING)
    play.hears(AmdVerdict("human")).is_in(Waiting)
    play.later(1.5).expect(Say(1, INTRODUCTION))


def test_a_mailbox_is_known_by_its_words_and_gets_the_message_after_its_beep() -> None:
    play = says(heard(), GREETING, 3.0).expect(Record(answered_by="machine_start",
                                                      waiting_room="processing"))  # fmt: skip
    play.is_in(Voicemail)
    play.later(3.0).expect_no(Say).hears(ToneHeard("beep", 1000, 400, play.now - 0.06))
    play.later(0.13).expect_no(Say).later(0.02).expect(Say, Settle(commit=True))


def test_a_promised_tone_that_never_comes_is_waited_for_six_seconds() -> None:
    play = says(heard(), GREETING, 3.0)
    play.later(5.6).expect_no(Say).later(0.2).expect(Say)


def test_a_screening_phone_hears_one_sentence_and_whoever_comes_gets_the_greeting() -> None:
    play = screened()
    assert [e.text for e in play.all if isinstance(e, Say)] == [INTRODUCTION]
    play = says(play.later(4.0).hears(TurnPlayed(1, INTRODUCTION, INTRODUCTION)), "Please hold.")
    play.later(8.0).is_in(Waiting)
    says(play, "Hello, this is me. What is it about?").later(1.0).expect(Say, Settle(commit=True))
    assert play.is_in(Talking).turn == 2


def test_a_screening_phone_whose_owner_never_comes_ends_uncounted() -> None:
    play = introduced().later(20.0)
    assert play.is_in(Ending).reason == "screened"
    assert play.hears(status("completed", 30, 28)).settled == [False]


def test_what_beeps_after_the_introduction_is_a_mailbox() -> None:
    play = introduced().hears(ToneHeard("beep", 1000, 400, 9.0)).later(4.1)
    play.expect(Say).is_in(Voicemail)


def test_a_screening_phone_is_told_twice_at_most() -> None:
    play = introduced()
    for turn in range(2, INTRODUCTIONS + 1):
        says(play, SCREENING, 3.0).later(1.5).expect(Say(turn, INTRODUCTION))
        play.later(4.0).hears(TurnPlayed(turn, INTRODUCTION, INTRODUCTION))
    says(play, SCREENING, 3.0).later(1.5).expect(HangUp).expect_no(Say)


def test_an_introduction_that_cannot_be_spoken_ends_the_call() -> None:
    assert screened().hears(EngineFailed("voice", 1)).is_in(Ending).reason == "screened"


def test_a_mailbox_behind_a_screening_phone_gets_the_message() -> None:
    play = says(introduced(), GREETING, 3.0)
    assert play.is_in(Voicemail).turn == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Thank you for calling. For directions, press one. For hours, press two.", "ivr"),
        ("The number you have dialed is not in service.", "not_reached"),
    ],
)
def test_menus_and_networks_end_the_call_uncounted(text: str, reason: str) -> None:
    play = says(heard(), text, 4.0).later(3.0)
    assert play.is_in(Ending).reason == reason
    assert play.hears(status("completed", 9, 8)).settled == [False]


MENU = "Thank you for calling. For directions, press one. To speak with an operator, press zero."


def test_the_key_that_leads_to_a_person_is_pressed_and_whoever_comes_gets_the_greeting() -> None:
    play = says(heard(), MENU, 4.0).later(1.5).expect(PressKeys("0"))
    assert [to_builtins(one.event) for one in play.published("dtmf.sent")] == [{"digits": "0"}]
    play.later(5.0).is_in(Waiting)
    says(play, "Hello, this is Anna.").later(1.2).expect(Say, Settle(commit=True)).is_in(Talking)


def test_a_menu_is_heard_to_its_end_while_no_key_leads_to_a_person() -> None:
    play = says(heard(), "For directions, press one. For opening hours, press two.", 3.5)
    play.later(2.0).is_in(Waiting)
    says(play, "For all other questions, press three.", 2.0).later(3.0).expect(PressKeys("3"))


def test_a_menu_that_nobody_comes_from_ends_uncounted() -> None:
    play = says(heard(), MENU, 4.0).later(1.5).later(AmdSettings().screening_patience_seconds)
    assert play.is_in(Ending).reason == "ivr"
    assert play.settled == []


def test_a_menu_that_begins_again_and_again_is_given_up() -> None:
    play = heard()
    for _ in range(MENUS):
        says(play, MENU, 4.0).later(1.5).expect(PressKeys("0"))
    says(play, MENU, 4.0).later(1.5).expect(HangUp).expect_no(PressKeys)


def test_who_is_asked_to_stay_on_the_line_waits() -> None:
    text = "For opening hours, press one. For anything else, please stay on the line."
    play = says(heard(), text, 4.0).later(20.0).expect_no(PressKeys)
    play.is_in(Waiting)
    says(play, "Acme Dental, how can I help?").later(1.2).is_in(Talking)


def music(play: Script, seconds: int) -> Script:
    """Music goes on for so long; what is taken for speech in it has no words."""
    for second in range(seconds):
        play.later(1.0).hears(ToneHeard("music", 0, 1000 * (second + 1), play.now))
    return play


def test_music_without_a_word_is_waited_through_and_not_for_ever() -> None:
    play = music(heard().later(1.0), 40).expect_no(Say)
    play.is_in(Waiting)
    assert play.later(30.0).is_in(Ending).reason == "on_hold"


def test_whoever_comes_after_the_music_gets_the_greeting() -> None:
    play = music(heard().later(1.0), 15)
    says(play, "Hello, thanks for waiting.").later(1.2).is_in(Talking)


def test_words_that_a_recogniser_makes_of_music_are_nobodys() -> None:
    play = music(heard().later(1.0), 3).caller_begins()
    music(play, 4).caller_pauses("Thank you for watching.")
    music(play, 3).expect_no(Say).is_in(Waiting)


def test_a_word_and_a_beep_within_music_are_no_mailbox() -> None:
    play = music(heard().later(1.0), 3).later(0.1).caller_begins().later(0.4)
    play.caller_pauses("You").hears(ToneHeard("beep", 391, 240, play.now))
    music(play, 3).expect_no(Say).is_in(Waiting)


@pytest.mark.parametrize(
    ("tone", "reason"),
    [
        (ToneHeard("fax", 2100, 500, 2.0), "fax"),
        (ToneHeard("intercept", 985, 1000, 2.0), "not_reached"),
        (ToneHeard("busy", 480, 500, 2.0), "not_reached"),
    ],
)
def test_some_tones_end_the_call_at_once(tone: ToneHeard, reason: str) -> None:
    assert heard().later(2.0).hears(tone).is_in(Ending).reason == reason


def test_whoever_asks_to_hold_is_waited_for_and_not_for_ever() -> None:
    play = says(heard(), "Your call is important to us, please hold.", 2.0)
    play.later(40.0).is_in(Waiting)
    assert play.later(21.0).is_in(Ending).reason == "on_hold"


def test_a_person_after_the_hold_gets_the_greeting() -> None:
    play = says(heard(), "Please hold.").later(20.0)
    says(play, "Acme Dental, how can I help?").later(1.0).is_in(Talking)


def test_somebody_who_speaks_as_patience_ends_is_heard_out() -> None:
    play = heard().later(9.5).caller_begins().later(1.0).expect_no(Say)
    play.caller_pauses("Hello?").later(1.0).is_in(Talking)


def test_a_noisy_place_in_which_hello_was_said_is_a_persons() -> None:
    play = heard().later(1.0).caller_begins().later(2.0).expect(Recognise(1, SO_FAR))
    play.hears(Recognised(1, SO_FAR, "Hello?")).is_in(Waiting)
    play.later(1.0).is_in(Talking)


def test_a_noisy_place_of_which_no_word_is_known_is_greeted_when_patience_ends() -> None:
    play = heard().later(1.0).caller_begins().at(9.9)
    play.is_in(Waiting)
    play.at(10.1).expect(Say).is_in(Talking)


def test_sound_is_lost_while_a_screening_phone_is_told() -> None:
    play = screened().hears(StreamStopped(STREAM)).later(1.0).hears(StreamStarted(STREAM))
    play.expect(Say(2, INTRODUCTION))


def test_who_takes_the_call_up_knows_what_was_heard() -> None:
    play = says(heard(), "You have reached Anna.", 1.5).later(0.1)
    play.hears(Adopted(play.now)).later(0.5).hears(StreamStarted(STREAM))
    says(play, "Please leave a message.")
    assert play.call == fold(Settings(), play.journal)
    play.is_in(Voicemail)


# The message


def test_a_beep_after_the_messages_start_has_it_begin_anew() -> None:
    play = Script().voicemail("machine_end_silence").expect(Say).later(1.0)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).expect(StopPlayback)
    play.hears(TurnPlayed(0, "Hello, this", "Hello,", cut=True)).later(0.3).expect(Say)
    assert play.is_in(Voicemail).repeats == 1


def test_a_greeting_that_was_not_over_has_the_message_begin_anew() -> None:
    play = says(heard(), "You have reached Anna.", 1.5).later(2.0)
    play.is_in(Voicemail)
    says(play, "I will call you back, leave your number.", 2.0).expect(StopPlayback)
    play.later(1.3).expect(Say)
    assert play.is_in(Voicemail).repeats == 1


def test_words_over_the_message_are_a_persons_once_the_mailbox_records() -> None:
    play = says(heard(), GREETING, 3.0).later(1.0)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).later(1.0)
    assert play.is_in(Voicemail).speaking
    says(play.later(1.0), "Hila, sorry, too.").expect(StopPlayback, Say).is_in(Talking)


def test_a_beep_at_the_messages_end_does_not() -> None:
    play = Script().voicemail().later(8.0)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).expect_nothing()
