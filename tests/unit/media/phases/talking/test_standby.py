"""Standby: both sides are written down, typed words are spoken, and coming back fits in."""

from msgspec import to_builtins

from media import published
from media.effects import EndTurn, Publish, Recognise, Say, StopPlayback, TakeUtterance, Think
from media.events import (
    AiMuted,
    AiUnmuted,
    EngineFailed,
    Keyed,
    OperatorSaid,
    Recognised,
    SpeechBegan,
    SpeechPaused,
    TakeoverReleased,
    TurnPlayed,
)
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import (
    CallerPaused,
    CallerSpeaking,
    Quiet,
    Speaking,
    Standby,
    Thinking,
)
from tests.support.script import Script


def muted() -> Script:
    return Script().quiet().hears(AiMuted())


def heard(play: Script) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.heard) for turn in play.call.facts.turns[1:]]


def test_interim_words_carry_the_segment_their_final_ones_will() -> None:
    play = muted().caller_begins().later(1).caller_pauses("and then")
    interim = play.published("transcript.interim")[-1]
    assert interim.key == "interim:caller"
    assert to_builtins(interim.event) == {
        "speaker": "caller",
        "text": "and then",
        "segment": "caller:1",
    }
    play.later(1.2)
    assert to_builtins(play.published("transcript.final")[-1].event)["segment"] == "caller:1"


def test_the_agents_own_turns_have_interims_of_the_caller_too() -> None:
    play = Script().quiet().caller_begins().later(1).caller_pauses("and then")
    assert to_builtins(play.published("transcript.interim")[-1].event)["segment"] == "caller:1"


def test_one_who_goes_on_after_a_pause_is_written_down_whole() -> None:
    play = muted().caller_begins().later(1).caller_pauses("and then")
    play.later(0.3).hears(SpeechBegan(1)).later(1)
    play.hears(SpeechPaused(1, 2, play.now - 0.3)).expect(Recognise(1, 2))
    play.hears(Recognised(1, 1, "late")).expect_nothing()
    play.hears(Recognised(1, 2, "and then it rained.")).later(1)
    assert heard(play) == [("caller", "and then it rained.")]


def test_both_sides_may_speak_at_once() -> None:
    play = Script().quiet().taken_over().hears(SpeechBegan(1), SpeechBegan(1, "operator")).later(1)
    play.hears(SpeechPaused(1, 1, play.now - 0.3), SpeechPaused(1, 1, play.now - 0.3, "operator"))
    play.expect(Recognise(1, 1), Recognise(1, 1, "operator"))
    play.hears(Recognised(1, 1, "No, listen.", "operator"), Recognised(1, 1, "But I said it."))
    play.later(1)
    assert sorted(heard(play)) == [("caller", "But I said it."), ("operator", "No, listen.")]


def test_a_noise_is_no_turn_and_its_sound_is_forgotten() -> None:
    play = muted().caller_begins().later(1).caller_pauses("")
    play.expect(TakeUtterance(1))
    assert heard(play) == []


def test_ears_that_fail_lose_the_utterance_and_no_more() -> None:
    play = Script().quiet().taken_over().hears(SpeechBegan(3, "operator")).later(1)
    play.hears(SpeechPaused(3, 1, play.now, "operator"))
    play.hears(EngineFailed("recogniser", 3, "operator"))
    play.expect(TakeUtterance(3, "operator"), Publish(published.EngineFailed(engine="recogniser")))
    play.expect_no(Say)


def test_typed_words_are_spoken_one_after_the_other() -> None:
    play = muted().hears(OperatorSaid("One moment.", interrupt=False, cause="c-1"))
    said = play.the(Say)
    play.expect(said, EndTurn(said.turn))
    play.hears(OperatorSaid("Here I am.", interrupt=False)).expect_no(Say)
    play.hears(TurnPlayed(said.turn, "One moment.", "One moment."))
    assert play.the(Say).text == "Here I am."
    assert heard(play) == [("operator", "One moment.")]


def test_typed_words_that_interrupt_cut_off_the_ones_before() -> None:
    play = muted().hears(OperatorSaid("One moment.", interrupt=False))
    play.hears(OperatorSaid("Stop.", interrupt=True)).expect(StopPlayback(), Say)
    assert play.the(Say).text == "Stop."


def test_a_voice_that_fails_at_typed_words_goes_on_to_the_next() -> None:
    play = muted().hears(OperatorSaid("One.", False), OperatorSaid("Two.", False))
    turn = play.is_in(Talking).turn
    play.hears(EngineFailed("voice", turn)).expect(StopPlayback(), Say)
    assert play.the(Say).text == "Two."


def test_unmuted_while_typed_words_are_spoken_they_are_the_turn() -> None:
    play = muted().hears(OperatorSaid("One moment.", interrupt=False), AiUnmuted())
    assert play.turn_state(Speaking).text == "One moment."
    play.agent_finishes()
    assert isinstance(play.turn_state(Quiet), Quiet)


def test_unmuted_while_the_caller_speaks_over_typed_words_it_is_a_barge_in() -> None:
    play = muted().hears(OperatorSaid("One moment.", interrupt=False)).caller_begins()
    play.hears(AiUnmuted()).expect(StopPlayback())
    assert play.turn_state(CallerSpeaking).unspoken_text == "One moment."


def test_unmuted_while_the_caller_pauses_their_words_become_the_turn_in_time() -> None:
    play = muted().caller_begins().later(1).caller_pauses("How do roses grow?")
    play.hears(AiUnmuted())
    assert play.turn_state(CallerPaused).text == "How do roses grow?"
    play.later(1).expect(Think)


def test_one_who_speaks_and_releases_at_once_is_heard_out() -> None:
    play = Script().quiet().taken_over().hears(SpeechBegan(1, "operator")).later(1)
    play.hears(TakeoverReleased()).expect(Recognise(1, 0, "operator"))
    assert isinstance(play.turn_state(Standby), Standby)
    play.hears(Recognised(1, 0, "I give you back.", "operator"))
    assert isinstance(play.turn_state(Quiet), Quiet)
    assert heard(play) == [("operator", "I give you back.")]


def test_last_words_that_are_never_recognised_do_not_hold_the_agent() -> None:
    play = Script().quiet().taken_over().caller_says("Roses?")
    play.hears(SpeechBegan(9, "operator"), TakeoverReleased()).later(3)
    assert isinstance(play.turn_state(Thinking), Thinking)


def test_an_agent_that_is_muted_while_last_words_are_awaited_stays_silent() -> None:
    play = Script().quiet().taken_over().hears(SpeechBegan(1, "operator"), TakeoverReleased())
    assert play.turn_state(Standby).resume_at is not None
    play.later(1).hears(AiMuted())
    assert play.turn_state(Standby).resume_at is None
    play.later(5).expect_no(Say, Think)
    play.turn_state(Standby)


def test_keys_pressed_by_the_caller_are_told_meanwhile() -> None:
    muted().hears(Keyed("5")).expect(Publish(published.DigitPressed(digit="5")))


def test_an_operators_sound_that_comes_too_late_changes_nothing() -> None:
    play = Script().quiet().taken_over().hears(TakeoverReleased())
    play.hears(SpeechBegan(1, "operator"), SpeechPaused(1, 1, play.now, "operator"))
    play.hears(Recognised(1, 1, "Hello?", "operator"), EngineFailed("recogniser", 1, "operator"))
    assert isinstance(play.turn_state(Quiet), Quiet)
