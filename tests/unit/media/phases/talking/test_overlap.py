"""An operator's typed words cut in while the caller speaks: what the caller says is never lost."""

import pytest

from media.effects import SO_FAR, Recognise, Say, StopPlayback, TakeUtterance
from media.events import (
    AiMuted,
    AiUnmuted,
    EngineFailed,
    Event,
    HangUpAsked,
    OperatorSaid,
    Recognised,
    SpeechBegan,
    SpeechPaused,
    StreamStopped,
    TurnPlayed,
)
from media.phases.talking.turn_state import CallerSpeaking, Quiet, Speaking, Standby
from tests.support.script import STREAM, Script, status

STOP = "Never call me again."
NOW = OperatorSaid("One moment, please.", interrupt=True)
OVER = status("completed", 9, 5)
ENDS: list[Event] = [OVER, HangUpAsked("user"), StreamStopped(STREAM)]


def said(play: Script) -> list[str]:
    return [turn.heard for turn in play.call.facts.turns if turn.speaker == "caller"]


def spoken_over(*, paused: bool = False) -> Script:
    play = Script().quiet().caller_begins().later(1.0)
    play = play.caller_pauses() if paused else play
    return play.hears(NOW).expect(StopPlayback, Say(2, NOW.text))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("after", ["at once", "when it was heard", "on standby"])
def test_words_that_nobody_knew_as_the_call_ended_are_waited_for(
    end: Event, paused: bool, after: str
) -> None:
    play = spoken_over(paused=paused)
    if after == "when it was heard":
        play.agent_finishes()
    elif after == "on standby":
        play.hears(AiMuted())
    play.hears(end)
    asked = [one for one in play.all if isinstance(one, Recognise)][-1]
    play.hears(Recognised(1, asked.revision, STOP), Recognised(1, asked.revision, STOP))
    assert said(play) == [STOP]


def test_words_that_were_known_are_a_turn_before_the_operators() -> None:
    play = Script().quiet().caller_begins().later(1.0).caller_pauses(STOP).hears(NOW)
    play.expect(TakeUtterance(1), Say(2, NOW.text)).agent_finishes().turn_state(Quiet)
    assert [turn.speaker for turn in play.call.facts.turns][-2:] == ["caller", "operator"]
    assert said(play.hears(OVER)) == [STOP]


def test_who_pauses_while_the_operators_words_are_heard_has_said_it() -> None:
    play = spoken_over().later(0.5)
    play.hears(SpeechPaused(1, 1, play.now - 0.2)).expect(Recognise(1, 1)).turn_state(Speaking)
    play.hears(Recognised(1, 1, STOP)).expect(TakeUtterance(1)).turn_state(Speaking)
    play.agent_finishes().turn_state(Quiet)
    assert said(play) == [STOP]
    assert said(play.hears(OVER)) == [STOP]


def test_who_goes_on_speaking_is_listened_to_when_the_operators_words_were_heard() -> None:
    play = spoken_over().agent_finishes()
    assert play.turn_state(CallerSpeaking) == CallerSpeaking(1)
    play.caller_pauses(STOP).later(2.0)
    assert said(play) == [STOP]


def test_who_speaks_up_again_goes_on_with_the_same_words() -> None:
    play = spoken_over(paused=True).hears(SpeechBegan(1)).expect(StopPlayback)
    play.hears(Recognised(1, 1, "Never")).expect_nothing()
    play.hears(TurnPlayed(2, NOW.text, "One", cut=True)).later(0.5)
    play.hears(SpeechPaused(1, 2, play.now), Recognised(1, 2, STOP)).later(2.0)
    assert said(play) == [STOP]


def test_what_was_recognised_of_an_earlier_pause_is_not_all() -> None:
    play = Script().quiet().caller_begins().later(1.0).caller_pauses().hears(SpeechBegan(1), NOW)
    play.hears(Recognised(1, 1, "Never")).expect_nothing()
    play.hears(OVER).expect(Recognise(1, SO_FAR)).hears(Recognised(1, SO_FAR, STOP))
    assert said(play) == [STOP]


def test_a_noise_is_nothing_and_what_failed_is_tried_once_more_at_the_end() -> None:
    play = spoken_over(paused=True).hears(Recognised(1, 1, "")).expect(TakeUtterance(1))
    assert said(play.hears(OVER)) == []
    play = spoken_over(paused=True).hears(EngineFailed("recogniser", 1)).expect_nothing()
    play.hears(OVER).expect(Recognise(1, SO_FAR))


def test_muted_meanwhile_it_is_written_down_and_answered_when_the_agent_may() -> None:
    play = spoken_over().hears(AiMuted())
    assert play.turn_state(Standby).caller is not None
    play.hears(SpeechPaused(1, 1, play.now), Recognised(1, 1, STOP)).later(2.0)
    assert said(play) == [STOP]
    play.hears(AiUnmuted())
    assert play.call.facts.turns[-1].speaker == "caller"
