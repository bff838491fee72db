"""What a caller says last counts, though they hang up before anybody knows the words."""

import pytest

from media.effects import SO_FAR, Recognise, Record
from media.events import (
    Adopted,
    Event,
    HangUpAsked,
    NodeStopping,
    Recognised,
    StreamStarted,
    StreamStopped,
)
from media.phases.ending import Ended, Ending
from media.phases.talking.turn_state import Away
from tests.support.script import BEGAN, STREAM, Script, status

STOP = "Never call me again."
OVER = status("completed", 9, 5)


def said(play: Script) -> list[str]:
    return [turn.heard for turn in play.call.facts.turns if turn.speaker == "caller"]


def asks(play: Script) -> bool:
    """Whether what was said is looked at after the call."""
    return any(isinstance(effect, Record) and effect.follow_up is True for effect in play.all)


def speaking() -> Script:
    return Script().quiet().caller_begins().later(1.0)


@pytest.mark.parametrize(("words", "follow_up"), [
    ("Nice weather.", False), (STOP, True), ("Please text me a summary.", True),
])  # fmt: skip
def test_the_rows_end_tells_whether_anything_was_asked_for(words: str, follow_up: bool) -> None:
    play = Script().quiet().caller_says(words).hears(StreamStopped(STREAM), OVER)
    assert play.the(Record).follow_up is follow_up


def test_words_that_are_known_count_without_the_silence_that_would_make_them_a_turn() -> None:
    play = speaking().caller_pauses(STOP).hears(OVER)
    assert (said(play), asks(play)) == ([STOP], True)


def test_words_at_the_recogniser_are_waited_for_after_the_end() -> None:
    play = speaking().caller_pauses().hears(StreamStopped(STREAM), OVER)
    play.is_in(Ended)
    assert (said(play), asks(play)) == ([], False)
    play.hears(Recognised(1, 1, STOP))
    assert (said(play), asks(play)) == ([STOP], True)
    assert len(play.published("transcript.final")) == 2
    play.hears(Recognised(1, 1, STOP)).expect_nothing()
    assert said(play) == [STOP]


@pytest.mark.parametrize("told_first", ["sound", "carrier"])
def test_who_is_cut_off_in_the_middle_is_recognised_so_far(told_first: str) -> None:
    order: list[Event] = [StreamStopped(STREAM), OVER]
    play = speaking()
    for event in order if told_first == "sound" else reversed(order):
        play.hears(event)
    assert play.all.count(Recognise(1, SO_FAR)) == 1
    play.hears(Recognised(1, SO_FAR, "Nice weather."))
    assert (said(play), asks(play)) == (["Nice weather."], False)


@pytest.mark.parametrize(("words", "again"), [
    ("Goodbye then.", False), (STOP, True), ("Email me a summary, please.", True),
])  # fmt: skip
def test_what_was_asked_for_before_is_not_looked_at_twice(words: str, again: bool) -> None:
    play = Script().quiet().caller_says("Please text me a summary.").caller_begins().hears(OVER)
    assert asks(play)
    play.hears(Recognised(2, SO_FAR, words))
    assert any(isinstance(effect, Record) for effect in play.last) is again


def test_words_spoken_as_we_hung_up_count_too() -> None:
    play = speaking().hears(HangUpAsked("user"))
    play.is_in(Ending)
    play.hears(Recognised(1, SO_FAR, STOP), OVER)
    assert (said(play), asks(play)) == ([STOP], True)


def test_who_is_cut_short_by_a_node_that_stops_is_heard_too() -> None:
    known = speaking().caller_pauses(STOP).hears(NodeStopping())
    assert said(known) == [STOP]
    late = speaking().hears(NodeStopping(), Recognised(1, SO_FAR, STOP)).agent_finishes()
    assert said(late) == [STOP]
    assert asks(late.hears(OVER))


def test_what_was_taken_of_another_moment_is_not_what_is_waited_for() -> None:
    play = speaking().caller_pauses().caller_begins().hears(StreamStopped(STREAM))
    play.hears(Recognised(1, 1, "Never call"))
    assert said(play) == []
    play.hears(Recognised(2, SO_FAR, STOP))
    assert said(play) == [STOP]


def test_our_own_words_that_came_back_are_nobodys() -> None:
    play = Script().talking().caller_begins().later(0.5).agent_is_cut("Hello, this is")
    play.hears(OVER, Recognised(1, SO_FAR, "Hello this is the"))
    assert said(play) == []


def test_a_line_that_comes_back_answers_the_words_it_was_lost_in() -> None:
    play = speaking().hears(StreamStopped(STREAM), Recognised(1, SO_FAR, "What about roses?"))
    play.turn_state(Away)
    play.hears(StreamStarted("MZ2"))
    assert said(play) == ["What about roses?"]
    assert play.call.facts.turns[-1].speaker == "caller"


def test_words_whose_sound_went_with_another_node_are_not_asked_for() -> None:
    play = speaking()
    play.hears(Adopted(until=BEGAN + 9)).expect_no(Recognise)
