"""Connecting: somebody called us, so a person is there and nobody is judged."""

from media.agent import Agent
from media.call import begin, fold, is_movable, wants_sound
from media.effects import Dial, HangUp, Prepare, Reconnect, Record, Say, Settle
from media.events import (
    Adopted,
    AmdVerdict,
    HangUpAsked,
    NodeStopping,
    Recognised,
    Requested,
    StreamStarted,
    StreamStopped,
    ToneHeard,
)
from media.phases.connecting import Connecting
from media.phases.ending import Ended, Ending
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Away
from media.settings import AmdSettings, ConversationSettings, Settings
from tests.support.script import BEGAN, SID, STREAM, TOPIC, Script, status

STARTED = StreamStarted(STREAM)
PATIENCE = AmdSettings().stream_patience_seconds


def calling() -> Script:
    return Script(inbound=True)


def test_the_conversation_begins_with_the_sound_and_counts_from_then_on() -> None:
    play = calling()
    assert play.all == [
        Prepare("Hello, this is the Talking App assistant, a computer voice."),
        Prepare("What would you like to talk about?"),
    ]
    play.is_in(Connecting)
    play.later(1).hears(STARTED).expect(Record, Say, Settle(commit=True)).is_in(Talking)
    assert play.row["status"] == "talking"
    assert play.row["answered_at"] == BEGAN + 1
    assert "waiting_room" not in play.row


def test_the_carriers_word_on_when_it_was_answered_wins() -> None:
    play = calling().hears(status("in-progress", 0.5)).later(1).hears(STARTED)
    assert play.row["answered_at"] == BEGAN + 0.5


def test_without_sound_it_ends_and_counts_for_nothing() -> None:
    play = calling().at(PATIENCE).expect(HangUp)
    play.is_in(Ending)
    play.hears(status("completed", PATIENCE, 15)).is_in(Ended)
    assert (play.row["status"], play.row["end_reason"]) == ("ended", "no_media")
    assert play.settled == [False]


def test_who_hangs_up_before_there_is_sound_was_not_talked_with() -> None:
    play = calling().hears(status("completed", 2, 2))
    assert play.is_in(Ended).reason == "caller_hung_up"
    assert play.settled == [False]
    assert "answered_at" not in play.row


def test_whoever_calls_is_a_person_whatever_is_heard() -> None:
    heard = Recognised(1, 1, "Please leave a message after the tone.")
    play = calling().hears(STARTED).caller_begins().later(2).hears(heard)
    play.hears(ToneHeard("beep", 1000, 400, play.now)).is_in(Talking)
    play.hears(AmdVerdict("machine_end_beep")).is_in(Talking)


def test_another_node_waits_for_the_sound_anew_and_dials_nobody() -> None:
    play = calling().later(2)
    assert is_movable(play.call)
    assert wants_sound(play.call)
    play.hears(Adopted(0.0, reconnect=True)).expect(Prepare, Reconnect).expect_no(Dial)
    play.later(PATIENCE - 1).is_in(Connecting)
    play.hears(STARTED).expect(Say).is_in(Talking)
    play.hears(Adopted(play.now, reconnect=True)).expect(Reconnect)
    play.turn_state(Away)


def test_a_lost_line_comes_back_as_in_any_call() -> None:
    play = calling().hears(STARTED).agent_finishes().hears(StreamStopped(STREAM))
    play.hears(StreamStarted("MZ2")).expect(Say)


def test_a_node_that_stops_and_an_operator_end_it() -> None:
    for event in (NodeStopping(), HangUpAsked("operator")):
        calling().hears(event).expect(HangUp).is_in(Ending)


def test_the_agents_own_greeting_is_kept_and_tells_that_it_is_a_machine() -> None:
    agent = Agent("1", "coach", "Coach", greeting="Coach here. What about {topic}?")
    requested = Requested(TOPIC, agent=agent, inbound_sid=SID)
    call, effects = begin(Settings(), requested, BEGAN)
    assert [effect.text for effect in effects if isinstance(effect, Prepare)] == [
        "I am a computer voice.", "Coach here.", f"What about {TOPIC}?",
    ]  # fmt: skip
    assert call == fold(Settings(), [(BEGAN, requested)])


def test_a_greeting_that_does_not_tell_is_followed_by_one_that_does() -> None:
    settings = Settings(conversation=ConversationSettings(inbound_greeting="Welcome. Go on."))
    play = Script(settings, inbound=True)
    said = [effect.text for effect in play.all if isinstance(effect, Prepare)]
    assert said == ["Welcome.", "I am a computer voice.", "Go on."]
