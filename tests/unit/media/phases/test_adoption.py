"""What each phase does again at a node that goes on with another's call."""

from media.call import wants_sound
from media.effects import Dial, HangUp, LookUp, OpenMic, Prepare, Reconnect, Record, Say, Settle
from media.events import (
    Adopted,
    AmdVerdict,
    Dialled,
    DialUnknown,
    HangUpAsked,
    StreamStarted,
    StreamStopped,
    ToneHeard,
    TurnPlayed,
)
from media.phases.dialling import Dialling
from media.phases.ending import Ended, Ending
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting
from media.settings import AmdSettings
from tests.support.script import BEGAN, SID, STREAM, Script, status

AMD = AmdSettings()
BACK = StreamStarted("MZ2")
GONE = Adopted(0.0, reconnect=True)


def test_a_call_of_which_the_carrier_was_never_told_is_dialled() -> None:
    Script().hears(Adopted(0.0, dialled=False)).expect(Dial).is_in(Dialling)


def test_a_call_that_may_have_been_dialled_is_looked_for_and_never_dialled_again() -> None:
    for play in (Script(), Script().hears(DialUnknown()), Script().hears(Dialled(SID))):
        play.hears(GONE).expect(LookUp).expect_no(Dial, Reconnect)
        play.is_in(Dialling)


def test_a_ringing_call_goes_on_ringing() -> None:
    play = Script().hears(Dialled(SID), status("ringing", 1), GONE, status("ringing", 1))
    play.later(30).is_in(Dialling)


def test_the_waiting_room_is_kept_and_its_first_words_are_prepared_anew() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).later(2).hears(GONE)
    play.expect(Prepare, Reconnect)
    play.hears(AmdVerdict("human")).expect_no(Say)
    play.hears(BACK).expect(Say, Settle(commit=True)).is_in(Talking)


def test_a_screening_phone_is_told_again_who_calls() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).caller_begins().later(3)
    play.caller_pauses("Please say your name and why you are calling.", quiet=1.0).later(0.5)
    assert play.is_in(Waiting).speaking
    play.hears(GONE).later(1).hears(BACK).expect(Say)
    assert play.is_in(Waiting).introductions == 1


def test_whoever_holds_us_and_is_heard_no_more_is_given_up_once_patience_ends() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM), ToneHeard("ringback", 440, 400, BEGAN))
    assert play.is_in(Waiting).held
    play.hears(GONE).at(59.9).is_in(Waiting)
    assert play.at(60.0).is_in(Ending).reason == "no_media"


def test_patience_in_the_waiting_room_does_not_begin_anew() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).later(9).hears(GONE, BACK).later(1.1)
    assert play.is_in(Talking).assumed


def test_a_decided_call_waits_for_its_sound_as_long_as_any() -> None:
    play = Script().waiting().hears(AmdVerdict("human")).later(14).hears(GONE).later(14.9)
    play.is_in(Waiting)
    assert play.later(0.2).is_in(Ending).reason == "no_media"


def test_a_voicemail_message_begins_anew_and_counts_once() -> None:
    play = Script().voicemail().hears(GONE).expect(Reconnect).hears(BACK).expect(Say)
    message = next(effect for effect in play.last if isinstance(effect, Say)).text
    play.hears(TurnPlayed(0, message, message)).is_in(Ending)
    assert play.settled == [True]


def test_a_mailboxs_greeting_is_heard_out_at_the_new_node() -> None:
    play = Script().voicemail("machine_start").hears(GONE).later(5).is_in(Voicemail)
    assert not play.speaking


def test_a_mailboxs_greeting_that_is_over_by_then_is_answered() -> None:
    play = Script().voicemail("machine_start").hears(GONE, BACK).expect(OpenMic).expect_no(Say)
    play.later(1.6).expect(Say)


def test_a_mailbox_without_sound_is_given_up() -> None:
    play = Script().voicemail("machine_start").hears(GONE).later(AMD.stream_patience_seconds + 0.1)
    play.is_in(Ending)


def test_an_end_that_was_asked_for_is_asked_for_again() -> None:
    play = Script().quiet().hears(HangUpAsked("user"), GONE).expect(HangUp, LookUp)
    assert play.is_in(Ending).reason == "user"


def test_nothing_is_recorded_twice() -> None:
    for play in (Script().waiting(), Script().quiet(), Script().voicemail()):
        play.hears(GONE).expect_no(Record, Settle)


def test_a_call_that_is_over_stays_so() -> None:
    play = Script().quiet().hears(status("completed", 9, 8)).hears(GONE).expect_nothing()
    play.is_in(Ended)


def test_a_call_in_between_two_streams_may_be_adopted() -> None:
    play = Script().waiting().hears(StreamStopped(STREAM), Adopted(0.0), BACK, AmdVerdict("human"))
    play.expect(Say)


def test_a_call_that_ended_while_nobody_ran_it_is_lost_and_says_so() -> None:
    play = Script().quiet().hears(GONE).hears(status("completed", 9, 8))
    assert play.is_in(Ended) == Ended("lost", "node_lost")
    play = Script().quiet().hears(GONE, BACK).hears(status("completed", 9, 8))
    assert play.is_in(Ended) == Ended("ended", "caller_hung_up")


def test_a_caller_who_hung_up_between_two_streams_was_not_lost_with_a_node() -> None:
    play = Script().quiet().hears(StreamStopped(STREAM), GONE).hears(status("completed", 9, 8))
    assert play.is_in(Ended) == Ended("ended", "caller_hung_up")


def test_a_stream_is_followed_by_another_while_something_is_to_be_said_or_heard() -> None:
    wanting = (
        Script().hears(Dialled(SID)),
        Script().waiting(),
        Script().quiet(),
        Script().voicemail().hears(GONE),
    )
    assert all(wants_sound(play.call) for play in wanting)
    over = (
        Script().voicemail(),
        Script().quiet().hears(HangUpAsked("user")),
        Script().quiet().hears(status("completed", 9, 8)),
    )
    assert not any(wants_sound(play.call) for play in over)
