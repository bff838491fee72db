"""The line is gone and comes back: on another stream, or at another node."""

import pytest

from media.call import fold, is_movable
from media.effects import (
    EndTurn,
    HangUp,
    LookUp,
    OpenMic,
    Publish,
    Reconnect,
    Say,
    SayOn,
    Settle,
    StopPlayback,
    StopThinking,
    Think,
)
from media.events import (
    Adopted,
    AiMuted,
    EngineFailed,
    Event,
    GenerationFinished,
    HangUpAsked,
    NodeStopping,
    OperatorJoined,
    OperatorSaid,
    PlaybackStarted,
    Recognised,
    Sentence,
    SpeechBegan,
    StreamStarted,
    StreamStopped,
    TransferAsked,
    Transferred,
    TransferRefused,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending
from media.phases.talking.state import Gone, Talking
from media.phases.talking.turn_state import Away, Quiet, Speaking, Standby
from media.settings import ConversationSettings
from tests.support.script import STREAM, Script, status

TALK = ConversationSettings()
BACK = StreamStarted("MZ2")
GONE = Adopted(0.0, reconnect=True)


def heard_of_greeting(play: Script, heard: str) -> str:
    """The greeting's rest, once so much of it was heard as the line went."""
    greeting = play.turn_state(Speaking).text
    play.hears(TurnPlayed(1, greeting, heard, cut=True), StreamStopped(STREAM))
    return greeting[len(heard) :].strip()


def test_a_lost_line_silences_everything_and_is_waited_for() -> None:
    play = Script().talking().hears(StreamStopped(STREAM)).expect(StopThinking, StopPlayback)
    assert play.turn_state(Away).until == play.now + TALK.line_patience_seconds
    play.hears(SpeechBegan(1), Recognised(1, 1, "hi"), EngineFailed("voice", 1)).expect_nothing()


def test_a_line_that_comes_back_in_a_silence_is_apologised_for_and_listened_to_afresh() -> None:
    play = Script().quiet().hears(StreamStopped(STREAM)).later(2).hears(BACK)
    play.expect(OpenMic, Say(2, TALK.line_back))
    play.agent_finishes().turn_state(Quiet)


def test_the_agent_goes_on_where_it_was_cut_off_and_never_repeats_what_was_heard() -> None:
    play = Script().talking()
    left = heard_of_greeting(play, "Hello, this is the Talking App")
    assert "Hello" not in left
    play.hears(BACK).expect(Say(2, TALK.line_resumed), SayOn(2, left), EndTurn(2))
    assert play.turn_state(Speaking).text == f"{TALK.line_resumed} {left}"
    play.agent_finishes().turn_state(Quiet)


def test_a_caller_who_had_spoken_is_answered_after_a_sentence_to_be_heard_meanwhile() -> None:
    play = Script().quiet().caller_says("How do roses grow?").hears(StreamStopped(STREAM))
    play.hears(BACK).expect(Think, Say(3, TALK.line_resumed))
    play.hears(Sentence(3, "Slowly."), GenerationFinished(3)).expect(Say(3, "Slowly."), EndTurn(3))
    assert play.turn_state(Speaking).text == f"{TALK.line_resumed} Slowly."


def test_words_that_were_understood_are_the_callers_turn_though_the_line_went_before_its_end() -> (
    None
):
    play = Script().quiet().caller_begins().later(1).caller_pauses()
    play.hears(Recognised(1, 1, "I would like to know")).hears(StreamStopped(STREAM))
    assert play.call.facts.turns[-1].text == "I would like to know"
    play.hears(BACK).expect(Think)


def test_a_goodbye_that_was_heard_ends_the_call_without_another_word() -> None:
    play = Script().quiet().caller_says("Goodbye.").hears(Sentence(2, "Goodbye."))
    play.hears(TurnPlayed(2, "Goodbye.", "Goodbye.", cut=True), StreamStopped(STREAM))
    play.hears(BACK).expect_no(Say)
    assert play.later(0.1).expect(HangUp).is_in(Ending).reason == "caller_goodbye"


def test_a_line_that_stays_away_ends_the_call() -> None:
    play = Script().talking().hears(StreamStopped(STREAM)).later(3.9)
    play.turn_state(Away)
    assert play.later(0.1).expect(HangUp).is_in(Ending).reason == "media_lost"


def test_a_line_that_comes_back_for_the_fifth_time_in_a_minute_is_apologised_for_and_left() -> None:
    play = Script().quiet()
    for _ in range(4):
        play.hears(StreamStopped(STREAM)).later(1).hears(BACK).expect(Say)
        assert play.is_in(Talking).closing == ""
    play.hears(StreamStopped(STREAM), BACK)
    assert play.is_in(Talking).closing == "media_lost"
    assert play.agent_finishes().is_in(Ending).reason == "media_lost"


def test_a_line_that_comes_back_now_and_then_is_one() -> None:
    play = Script().quiet()
    for _ in range(5):
        play.hears(StreamStopped(STREAM)).later(3).hears(BACK, SpeechBegan(1)).later(17)
    assert play.is_in(Talking).closing == ""


def test_an_operator_is_heard_when_the_line_is_back() -> None:
    play = Script().quiet().hears(StreamStopped(STREAM), OperatorSaid("Hello?", interrupt=True))
    play.expect_no(Say).hears(BACK).expect(Say(2, TALK.line_back))
    play.agent_finishes().expect(Say(3, "Hello?"))


def test_a_second_stream_silences_what_the_first_was_playing() -> None:
    Script().talking().hears(BACK).expect(StopPlayback, Say(2, TALK.line_back))


# Another node goes on


def test_what_was_being_said_as_the_node_was_lost_counts_as_far_as_it_can_have_been_heard() -> None:
    play = Script().talking().later(0.3).hears(PlaybackStarted(1)).later(4)
    greeting = play.turn_state(Speaking).text
    play.hears(Adopted(play.now - 1.0)).expect(StopPlayback)
    (turn,) = play.call.facts.turns
    assert turn.text == greeting
    assert 0 < len(turn.heard) < len(greeting)
    assert greeting.startswith(turn.heard)
    assert [each.event.type for each in play.published("transcript.final")]
    play.hears(BACK).expect(
        Say(2, TALK.line_resumed), SayOn(2, greeting[len(turn.heard) :].strip())
    )


def test_nothing_was_heard_of_what_did_not_begin() -> None:
    play = Script().talking()
    greeting = play.turn_state(Speaking).text
    play.hears(Adopted(play.now))
    assert play.call.facts.turns == ()
    play.hears(BACK).expect(SayOn(2, greeting))


@pytest.mark.parametrize("reconnect", [True, False])
def test_the_carrier_is_asked_for_the_sound_unless_it_brings_it(*, reconnect: bool) -> None:
    play = Script().quiet().hears(Adopted(0.0, reconnect=reconnect))
    assert (Reconnect() in play.last) is reconnect
    assert not play.call.facts.streaming
    assert play.turn_state(Away).until == play.now + TALK.line_patience_seconds


def test_limits_and_counts_go_on_with_the_call() -> None:
    play = Script().quiet().later(5)
    began_at = play.is_in(Talking).began_at
    play.hears(Adopted(0.0), BACK)
    assert play.is_in(Talking).began_at == began_at
    assert play.settled == [True]


def test_an_operator_who_spoke_may_come_back_to_their_takeover() -> None:
    play = Script().quiet().taken_over().hears(OperatorJoined(), Adopted(0.0))
    assert isinstance(play.is_in(Talking).operator, Gone)
    play.hears(BACK, OperatorJoined()).turn_state(Standby)
    assert play.is_in(Talking).operator_status == "present"


def test_a_transfer_that_the_line_survived_did_not_happen() -> None:
    play = Script().quiet().hears(TransferAsked("+12025550100"), Adopted(0.0), BACK)
    play.later(21)
    assert [each.event.type for each in play.published("transfer.failed")]
    play.is_in(Talking)


@pytest.mark.parametrize("heard", [[], [StreamStopped(STREAM)]])
def test_whoever_was_handed_on_as_the_node_died_is_left_alone(heard: list[Event]) -> None:
    asked = Script().quiet().hears(TransferAsked("+12025550100", use="u-1"), *heard).later(15)
    adopted = asked.hears(Adopted(asked.now, reconnect=True)).expect(LookUp()).expect_no(Reconnect)
    adopted.later(6).is_in(Talking)
    made = adopted.hears(Transferred()).expect_no(HangUp, Reconnect)
    assert made.is_in(Ended).reason == "transferred"
    assert made.settled_transfers == [Settle(commit=True, use="u-1")]


def test_whoever_the_carrier_says_nothing_of_is_taken_to_be_handed_on() -> None:
    play = Script().quiet().hears(TransferAsked("+12025550100"), GONE).later(20)
    assert play.expect_no(HangUp, Reconnect).is_in(Ended).reason == "transferred"


@pytest.mark.parametrize("hung_up", [True, False])
def test_a_transfer_of_which_only_a_dead_node_knew_counts_once_the_call_is_over(
    *, hung_up: bool
) -> None:
    play = Script().quiet().hears(TransferAsked("+12025550100", use="u-1"))
    if hung_up:
        play = play.hears(HangUpAsked("user"))
    play = play.hears(GONE, status("completed", 1, 9), TransferRefused(0))
    assert play.is_in(Ended).reason == ("user" if hung_up else "transferred")
    assert play.settled_transfers == [Settle(commit=True, use="u-1")]


def test_whoever_was_not_handed_on_as_the_node_died_is_taken_back() -> None:
    play = Script().quiet().hears(TransferAsked("+12025550100", use="u-1"), GONE)
    play.hears(TransferRefused(0)).expect(Settle(commit=False, use="u-1"), Reconnect())
    play.hears(BACK).expect(Say)
    play.is_in(Talking)


def test_the_fold_of_the_journal_is_what_was_lived_through() -> None:
    play = Script().talking().hears(PlaybackStarted(1)).later(2).hears(Adopted(0.0), BACK)
    assert fold(play.call.settings, play.journal) == play.call


# The node ends and no other is there


def test_a_node_that_stops_says_goodbye_and_then_ends_the_call() -> None:
    play = Script().talking().hears(NodeStopping())
    play.expect(StopPlayback, Say(2, TALK.stopping_goodbye))
    play.hears(SpeechBegan(1)).later(1).caller_pauses()
    play.hears(Recognised(1, 1, "But wait, I have a question."))
    play.later(2)
    assert play.is_in(Talking).closing == "server_stopping"


def test_who_hears_nothing_is_not_said_goodbye_to() -> None:
    for play in (
        Script().waiting(),
        Script().quiet().hears(StreamStopped(STREAM)),
        Script().quiet().hears(AiMuted()),
        Script(),
    ):
        play.hears(NodeStopping()).expect_no(Say)
        assert play.is_in(Ending).reason == "server_stopping"


# When a call may move


def test_a_call_may_move_while_nobody_speaks() -> None:
    movable = (Script(), Script().waiting(), Script().quiet(), Script().quiet().hears(AiMuted()))
    assert all(is_movable(play.call) for play in movable)
    busy = (
        Script().talking(),
        Script().quiet().caller_begins(),
        Script().quiet().caller_says("How do roses grow?"),
        Script().quiet().hears(TransferAsked("+12025550100")),
        Script().voicemail(),
    )
    assert not any(is_movable(play.call) for play in busy)


def test_dashboards_are_told_nothing_new_of_a_move() -> None:
    play = Script().quiet().hears(Adopted(0.0))
    assert not [effect for effect in play.last if isinstance(effect, Publish)]
