"""Talking: greeting, time, silence, failing engines, operators, a lost line, late verdicts."""

import pytest
from msgspec import to_builtins

from media import published
from media.effects import (
    EndTurn,
    HangUp,
    OpenMic,
    Publish,
    Record,
    Say,
    StopPlayback,
    StopThinking,
    TakeUtterance,
    Think,
)
from media.events import (
    AmdVerdict,
    BudgetSpent,
    Engine,
    EngineFailed,
    GenerationFinished,
    HangUpAsked,
    OperatorSaid,
    Sentence,
    StreamStarted,
    StreamStopped,
    Tick,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Away, CallerPaused, Quiet, Speaking, Thinking
from media.phases.voicemail import Voicemail
from media.settings import ConversationSettings
from tests.support.script import STREAM, TOPIC, Script, status

TALK = ConversationSettings()


def assumed() -> Script:
    """No verdict came; patience opened the line at ten seconds."""
    return Script().waiting().hears(StreamStarted(STREAM)).at(10)


def test_the_conversation_opens_with_the_greeting_about_the_topic() -> None:
    play = Script().talking()
    said = [e for e in play.last if isinstance(e, Say)]
    assert " ".join(say.text for say in said) == TALK.greeting.format(topic=TOPIC)
    play.expect(Say(1, said[0].text), EndTurn(1), OpenMic, Record)
    assert play.row["status"] == "talking"


def test_the_caller_may_cut_the_greeting_short() -> None:
    Script().talking().caller_begins().expect(StopPlayback)


# Late verdicts


def test_a_late_machine_verdict_turns_an_assumed_human_into_voicemail() -> None:
    play = assumed().at(12).hears(AmdVerdict("machine_end_beep"))
    play.expect(StopThinking, StopPlayback, Record, Say).is_in(Voicemail)
    assert play.row["status"] == "voicemail"
    assert play.settled == [True]


def test_somebody_who_spoke_is_no_machine_whatever_the_verdict() -> None:
    play = assumed().agent_finishes().at(11).caller_says("Hi, who is this?")
    play.hears(AmdVerdict("machine_start")).is_in(Talking)
    assert play.row["answered_by"] == "machine_start"


def test_a_late_fax_verdict_hangs_up() -> None:
    assert (
        assumed().hears(AmdVerdict("fax")).expect(StopPlayback, HangUp).is_in(Ending).reason
        == "fax"
    )


def test_a_late_human_verdict_settles_the_question() -> None:
    play = assumed().hears(AmdVerdict("human")).expect(Record(answered_by="human"))
    assert not play.is_in(Talking).assumed
    play.hears(AmdVerdict("machine_start")).expect_nothing().is_in(Talking)


def test_a_contradiction_of_a_known_human_changes_nothing() -> None:
    Script().talking().hears(AmdVerdict("machine_end_beep")).expect_nothing().is_in(Talking)


# Time


def test_time_is_hinted_twice_then_said_then_enforced() -> None:
    play = Script().quiet().caller_begins()
    play.at(149).expect_nothing()
    play.at(150).expect(Publish(published.TimerHint(hint="wrap_up", left_seconds=30), key="timer"))
    play.at(170).expect(Publish(published.TimerHint(hint="urgent", left_seconds=10), key="timer"))
    assert (
        play.at(180).expect(StopThinking, StopPlayback, HangUp).is_in(Ending).reason == "time_limit"
    )


@pytest.mark.parametrize(("at", "hint"), [(100, "none"), (155, "wrap_up"), (172, "urgent")])
def test_the_mind_is_told_how_much_time_is_left(at: float, hint: str) -> None:
    play = Script().quiet().caller_begins().at(at).caller_pauses("How do roses grow?").later(1)
    assert play.the(Think).prompt.hint == hint


def test_a_silence_when_time_is_up_is_used_to_say_so() -> None:
    play = Script().quiet().caller_begins().at(168).caller_pauses("").at(170)
    play.expect(Say(2, TALK.time_goodbye))
    assert play.at(175).agent_finishes().is_in(Ending).reason == "time_limit"


def test_an_answer_that_runs_into_the_end_is_followed_by_the_goodbye() -> None:
    play = Script().quiet().caller_begins().at(165).caller_pauses("How do roses grow?").later(1)
    play.hears(Sentence(2, "Slowly."), GenerationFinished(2)).at(171).agent_finishes()
    play.expect(Say(3, TALK.time_goodbye))


def test_no_words_take_back_that_time_is_up() -> None:
    play = Script().quiet().caller_begins().at(168).caller_pauses("").at(171).caller_begins()
    play.agent_is_cut("Our time").later(1).caller_pauses("Just one more thing.").later(1)
    assert play.is_in(Talking).closing == "time_limit"
    play.at(180)
    assert play.is_in(Ending).reason == "time_limit"


# Silence


def test_silence_is_asked_about_twice_then_taken_for_an_end() -> None:
    play = Script().quiet().at(7.9).expect_nothing()
    play.at(8).expect(Say(2, TALK.silence_prompt)).at(10).agent_finishes()
    play.at(18).expect(Say(3, TALK.silence_prompt)).at(20).agent_finishes()
    play.at(28).expect(Say(4, TALK.silence_goodbye)).at(31).agent_finishes()
    assert play.is_in(Ending).reason == "silence"


def test_silence_is_counted_from_the_last_word_heard_not_the_last_one_sent() -> None:
    play = Script().talking().at(30).expect_nothing().agent_finishes().at(37.9).expect_nothing()
    play.at(38).expect(Say(2, TALK.silence_prompt))


def test_a_word_starts_the_count_of_silences_anew() -> None:
    play = Script().quiet().at(8).agent_finishes().at(10).caller_begins()
    assert play.is_in(Talking).silences == 0


def test_a_caller_who_answers_the_silence_goodbye_is_not_hung_up_on() -> None:
    play = Script().quiet().at(8).agent_finishes().at(16).agent_finishes().at(24)
    play.expect(Say(4, TALK.silence_goodbye)).caller_begins().agent_is_cut("I can't hear you,")
    play.later(1).caller_pauses("I am here.").later(1).expect(Think)
    play.hears(Sentence(5, "Good."), GenerationFinished(5)).agent_finishes().turn_state(Quiet)


# Engines


def test_a_failing_recogniser_brings_a_sentence_never_silence() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses()
    play.hears(EngineFailed("recogniser", 1))
    play.expect(TakeUtterance(1), Publish, Say(2, TALK.sorry_again), EndTurn(2))
    assert to_builtins(play.published("engine.failed")[0].event) == {"engine": "recogniser"}


def test_a_failing_mind_brings_a_sentence() -> None:
    play = Script().quiet().caller_says("How do roses grow?").hears(EngineFailed("thinker", 2))
    play.expect(StopThinking, StopPlayback, Say(3, TALK.sorry_again))


def test_a_failing_voice_brings_a_sentence() -> None:
    play = Script().talking().hears(EngineFailed("voice", 1))
    play.expect(StopThinking, StopPlayback, Say(2, TALK.sorry_again))


def test_a_mind_that_says_nothing_has_failed() -> None:
    play = Script().quiet().caller_says("How do roses grow?").hears(GenerationFinished(2))
    play.expect(Say(3, TALK.sorry_again))


def test_after_two_failures_the_third_is_the_last() -> None:
    play = Script().talking()
    play.hears(EngineFailed("voice", 1)).hears(EngineFailed("voice", 2))
    play.hears(EngineFailed("voice", 3)).expect(Say(4, TALK.sorry_goodbye)).agent_finishes()
    assert play.is_in(Ending).reason == "engine_failure"


def test_a_voice_that_cannot_even_say_goodbye_ends_the_call() -> None:
    play = Script().talking()
    for turn in (1, 2, 3, 4):
        play.hears(EngineFailed("voice", turn))
    assert play.is_in(Ending).reason == "engine_failure"


def test_a_mind_that_fails_the_farewell_still_lets_the_caller_hear_one() -> None:
    play = Script().quiet().caller_says("Thank you, bye.").hears(EngineFailed("thinker", 2))
    play.expect(Say(3, TALK.sorry_goodbye)).agent_finishes()
    assert play.is_in(Ending).reason == "caller_goodbye"


@pytest.mark.parametrize("engine", ["recogniser", "thinker", "voice"])
def test_the_failure_of_something_given_up_before_changes_nothing(engine: Engine) -> None:
    Script().quiet().hears(EngineFailed(engine, 0), EngineFailed(engine, 1)).expect_nothing()


# Operators


def test_an_operator_is_heard_at_once_in_a_silence() -> None:
    play = Script().quiet().hears(OperatorSaid("Hello from a person.", False, cause="c1"))
    said = Publish(published.OperatorSpoke(text="Hello from a person.", turn=2), cause="c1")
    play.expect(Say(2, "Hello from a person."), EndTurn(2), said)


def test_a_quiet_operator_waits_for_the_end_of_the_turn_and_several_keep_their_order() -> None:
    play = Script().talking().hears(OperatorSaid("One.", False), OperatorSaid("Two.", False))
    play.expect_nothing().agent_finishes().expect(Say(2, "One."))
    play.agent_finishes().expect(Say(3, "Two.")).agent_finishes().turn_state(Quiet)


def test_the_history_tells_an_operator_s_words_from_the_agent_s() -> None:
    play = Script().talking().hears(OperatorSaid("One.", False)).agent_finishes()
    play.agent_finishes()
    assert [turn.speaker for turn in play.call.facts.turns] == ["agent", "operator"]


def test_an_operators_words_stay_theirs_when_a_noise_cut_them() -> None:
    play = Script().quiet().hears(OperatorSaid("One and two.", False)).caller_begins()
    play.agent_is_cut("One").later(0.4).caller_pauses("").agent_finishes()
    assert [turn.heard for turn in play.call.facts.turns if turn.speaker == "operator"] == [
        "One", "and two.",
    ]  # fmt: skip


def test_an_interrupting_operator_goes_first() -> None:
    play = Script().talking().hears(OperatorSaid("Later.", False))
    play.hears(OperatorSaid("Now!", interrupt=True)).expect(
        StopThinking, StopPlayback, Say(2, "Now!")
    )
    play.hears(TurnPlayed(1, "Hello, this is", "Hello", cut=True)).turn_state(Speaking)
    play.agent_finishes().expect(Say(3, "Later."))


def test_an_operator_may_interrupt_the_thinking_mind() -> None:
    play = Script().quiet().caller_says("How do roses grow?")
    play.hears(OperatorSaid("I know!", interrupt=True)).expect(StopThinking, Say(3, "I know!"))
    play.hears(Sentence(2, "Slowly.")).expect_nothing()


# Ends


def test_a_caller_who_hangs_up_ends_the_call_as_counted() -> None:
    play = Script().quiet().at(20).hears(status("completed", 20, 19))
    assert play.is_in(Ended) == Ended("ended", "caller_hung_up")
    assert play.settled == [True]


def test_hanging_up_works_whoever_has_the_floor() -> None:
    scenes: dict[type[object], Script] = {
        Speaking: Script().talking(),
        Quiet: Script().quiet(),
        Thinking: Script().quiet().caller_says("Roses?"),
        CallerPaused: Script().quiet().caller_begins().later(1).caller_pauses(),
        Away: Script().quiet().hears(StreamStopped(STREAM)),
    }
    for kind, play in scenes.items():
        play.turn_state(kind)
        assert play.hears(HangUpAsked("user")).expect(HangUp).is_in(Ending).reason == "user"


def test_a_tick_before_its_time_changes_nothing() -> None:
    play = Script().quiet()
    before = play.call
    assert play.hears(Tick()).expect_nothing().call == before


# Money


def test_a_spent_budget_ends_the_call_as_the_time_limit_does_with_its_own_reason() -> None:
    play = Script().quiet().caller_begins().at(60).hears(BudgetSpent())
    play.expect(Publish(published.TimerHint(hint="wrap_up", left_seconds=30), key="timer"))
    play.caller_pauses("How do roses grow?").later(1)
    assert play.the(Think).prompt.hint == "wrap_up"
    play.hears(BudgetSpent())  # another node finds the same
    play.at(85).hears(Sentence(2, "Slowly."), GenerationFinished(2)).agent_finishes()
    play.expect(Say(3, TALK.time_goodbye))
    assert play.later(3).agent_finishes().is_in(Ending).reason == "budget"


def test_a_spent_budget_late_in_a_call_gives_it_no_more_time() -> None:
    play = Script().quiet().caller_begins().at(172).hears(BudgetSpent())
    assert play.at(180).is_in(Ending).reason == "budget"


def test_a_spent_budget_ends_a_call_at_once_in_which_nobody_talks_with_us() -> None:
    assert Script().waiting().hears(BudgetSpent()).is_in(Ending).reason == "budget"
