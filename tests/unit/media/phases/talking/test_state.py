"""A language model that takes its time: fillers, thinking ahead, and failures that are forgiven."""

from itertools import pairwise

from msgspec.structs import replace

from media.effects import Say, StopPlayback, StopThinking, Think, ThinkAhead
from media.events import (
    EngineFailed,
    GenerationFinished,
    PlaybackStarted,
    Recognised,
    Sentence,
    SpeechBegan,
)
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import CallerSpeaking, Speaking, Thinking
from media.settings import ConversationSettings, Settings
from tests.support.script import Script


def fillers(play: Script) -> list[str]:
    return [
        e.text for e in play.all if isinstance(e, Say) and e.text in ConversationSettings().fillers
    ]


def asked() -> Script:
    return Script().quiet().caller_says("How do roses grow?")


def test_after_a_while_the_caller_hears_that_somebody_is_there() -> None:
    play = asked()
    at = play.turn_state(Thinking).filler_at
    assert at is not None
    assert fillers(play) == []
    play.later(at - play.now)
    assert len(fillers(play)) == 1
    play.turn_state(Thinking)
    assert len(fillers(play.later(60))) == 2, "two in a turn, and no more"


def test_a_filler_is_heard_but_answers_nothing() -> None:
    play = asked().later(1)
    (filler,) = fillers(play)
    play.hears(Sentence(2, "Slowly."))
    assert play.turn_state(Speaking).text == f"{filler} Slowly."
    play.hears(GenerationFinished(2)).agent_finishes()
    last = play.published("transcript.final")[-1].event
    assert last.heard == f"{filler} Slowly."  # type: ignore[attr-defined]
    assert play.call.facts.turns[-1].heard == "Slowly."
    assert filler not in str(play.caller_says("And tulips?").the(Think).prompt)


def test_a_caller_who_speaks_over_a_filler_silences_it() -> None:
    play = asked().later(1)
    (filler,) = fillers(play)
    play.caller_begins().expect(StopThinking, StopPlayback)
    play.agent_is_cut(filler).turn_state(CallerSpeaking)
    assert play.call.facts.turns[-1].speaker == "caller"


def test_never_the_same_filler_twice_running() -> None:
    play = Script().quiet()
    for number in range(2, 12):
        play.caller_says("How do roses grow?").later(1)
        play.hears(Sentence(number, "Slowly."), GenerationFinished(number)).agent_finishes()
    said = fillers(play)
    assert len(said) == 10
    assert all(one != other for one, other in pairwise(said))
    assert len(set(said)) == len(ConversationSettings().fillers)


def test_without_fillers_there_is_silence() -> None:
    chosen = Settings(conversation=ConversationSettings(fillers=()))
    play = Script(chosen).quiet().caller_says("How do roses grow?").later(4)
    assert play.turn_state(Thinking).filler_at is None


def failed(play: Script) -> Script:
    play.caller_says("How do roses grow?")
    turn = play.is_in(Talking).turn
    return play.hears(EngineFailed("thinker", turn)).agent_finishes()


def test_failures_are_forgiven_once_an_answer_was_heard() -> None:
    play = Script().quiet()
    for _ in range(6):
        play = failed(failed(play))
        assert play.is_in(Talking).failures == 2
        play.caller_says("How do roses grow?")
        turn = play.is_in(Talking).turn
        play.hears(Sentence(turn, "Slowly."), GenerationFinished(turn)).agent_finishes()
        assert play.is_in(Talking).failures == 0


def test_while_silence_decides_the_answer_is_thought_of_already() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses()
    play.hears(Recognised(1, 1, "How do roses grow?")).expect(ThinkAhead)
    ahead = play.the(ThinkAhead).prompt
    play.later(2).expect(Think)
    asked_for = play.the(Think).prompt
    assert [t.text for t in ahead.turns] == [t.text for t in asked_for.turns]


def test_and_dropped_when_the_caller_goes_on() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses()
    before = len(play.call.facts.turns)
    play.hears(Recognised(1, 1, "How do roses grow?"))
    play.hears(SpeechBegan(1)).expect(StopThinking).expect_no(Think)
    assert len(play.call.facts.turns) == before


def test_an_operator_who_pays_for_words_may_forbid_it() -> None:
    speech = replace(Settings().speech, think_ahead=False)
    play = Script(Settings(speech=speech)).quiet().at(3).caller_begins().at(5)
    play.caller_pauses("How do roses grow?").expect_no(ThinkAhead)


def test_a_filler_that_has_begun_is_not_taken_for_the_answer_by_the_stop_watch() -> None:
    play = asked().later(1).hears(PlaybackStarted(2))
    assert play.published("turn.metrics") == []
    play.hears(Sentence(2, "Slowly."))
    (told,) = play.published("turn.metrics")
    assert told.event.thinking_ms >= 1000  # type: ignore[attr-defined]
