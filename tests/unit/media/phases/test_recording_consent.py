"""A call is recorded only after a yes to a question that was asked in it."""

import itertools

import pytest

from media.call import begin, fold, step
from media.events import Event, HangUpAsked, RecordingAnswered, RecordingAsked, Requested
from media.phases.recording_consent import may_record
from media.settings import Settings
from tests.support.script import Script, status

ASK = RecordingAsked("recording", 1, "en")
YES, NO = RecordingAnswered(agreed=True), RecordingAnswered(agreed=False, by="key")


def allowed(*events: Event) -> bool:
    journal = [(float(at), event) for at, event in enumerate((Requested("tea"), *events))]
    return may_record(fold(Settings(), journal).facts)


@pytest.mark.parametrize("count", range(5))
def test_only_a_yes_to_the_last_question_counts_whatever_was_said_before(count: int) -> None:
    kinds: tuple[Event, ...] = (ASK, YES, NO)
    for said in itertools.product(kinds, repeat=count):
        state = "none"
        for one in said:
            if one is ASK or one is NO:
                state = "asked" if one is ASK else "no"
            elif state == "asked":
                state = "yes"
        assert allowed(*said) == (state == "yes"), said


def test_it_asks_nothing_of_anybody_and_moves_no_phase() -> None:
    call, _ = begin(Settings(), Requested("tea"), 0.0)
    for event in (ASK, YES):
        after, effects = step(call, event, 1.0)
        assert (after.phase, effects) == (call.phase, [])
        call = after


def test_a_call_that_is_over_learns_no_yes() -> None:
    over = Script().quiet().hears(HangUpAsked("user")).hears(ASK).at(3)
    over.hears(status("completed", 3, 2)).hears(YES)
    assert not may_record(over.call.facts)
