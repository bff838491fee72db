"""A call is recorded after a yes to a question that was heard, and by nothing else."""

import pytest
from msgspec.structs import replace

from media.effects import SO_FAR, Record, Say, Think
from media.events import (
    AiMuted,
    AiUnmuted,
    GenerationFinished,
    HangUpAsked,
    OperatorSaid,
    Recognised,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    Sentence,
    StreamStarted,
    StreamStopped,
)
from media.phases.recording_consent import is_recorded
from media.phases.talking.recording import MOST_ASKS
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Quiet, Speaking, Thinking
from media.settings import ConversationSettings, RecordingSettings, Settings
from tests.support.script import STREAM, Script

WORDS = RecordingSettings()
TALK = ConversationSettings()
ASKING = Settings(recording=replace(WORDS, mode="ask"))
OPENING = "What would you like to start with?"


def said(play: Script) -> str:
    """What the agent is saying."""
    return play.turn_state(Speaking).text


def states(play: Script) -> list[str]:
    """What the row learned of the recording, in order."""
    return [e.recording for e in play.all if isinstance(e, Record) and e.recording is not None]


def asked() -> Script:
    """The greeting, which ends in our question, was heard."""
    return Script(ASKING).quiet()


def test_a_call_opens_with_the_question_in_place_of_its_own_which_follows_the_yes() -> None:
    play = Script(ASKING).talking()
    assert said(play).endswith(f"about gardening. {WORDS.question}")
    assert OPENING not in said(play)
    assert not is_recorded(play.agent_finishes().call.facts)
    play.caller_says("Yes, sure.")
    assert said(play) == f"{WORDS.agreed} {OPENING}"
    assert is_recorded(play.call.facts)
    assert states(play) == ["asking", "on"]
    (agreed,) = [e for e in play.all if isinstance(e, Record) and e.agreed_to is not None]
    assert agreed.agreed_to == WORDS.question
    play.agent_finishes().turn_state(Quiet)


def test_what_is_to_be_said_first_is_spoken_in_advance() -> None:
    play = Script(ASKING).waiting()
    assert any(getattr(effect, "text", "") == WORDS.question for effect in play.last)


@pytest.mark.parametrize("answer", ["No.", "Please don't record me.", "I'd rather not."])
def test_a_no_is_kept_to_and_nobody_can_have_it_asked_again(answer: str) -> None:
    play = asked().caller_says(answer)
    assert said(play) == f"{WORDS.declined} {OPENING}"
    assert states(play) == ["asking", "declined"]
    play.agent_finishes().hears(RecordStartAsked()).expect_nothing()
    assert not is_recorded(play.call.facts)


def test_silence_is_no_yes_and_the_talk_begins() -> None:
    play = asked().later(TALK.silence_prompt_seconds + 0.1)
    assert said(play) == f"{WORDS.declined} {OPENING}"
    assert states(play) == ["asking", "declined"]
    assert not is_recorded(play.agent_finishes().caller_says("Yes.").call.facts)


def test_what_is_neither_is_asked_about_once_more() -> None:
    play = asked().caller_says("What for?")
    assert said(play) == WORDS.question
    play.agent_finishes().caller_says("Hm, I am not sure.")
    assert states(play) == ["asking", "declined"]
    play.turn_state(Thinking)  # what they said is answered
    play = asked().caller_says("What for?").agent_finishes().caller_says("Okay.")
    assert is_recorded(play.call.facts)


def test_a_yes_before_the_question_was_heard_counts_for_nothing() -> None:
    play = Script(ASKING).talking()
    play.later(1.0).caller_begins().agent_is_cut("Hello, this is the Talking App assistant,")
    play.later(1.0).caller_pauses("Yes.").later(1.0)
    assert not is_recorded(play.call.facts)
    turn = said(play)
    while WORDS.question not in turn:
        play.agent_finishes()
        turn = said(play)
    assert is_recorded(play.agent_finishes().caller_says("Yes.").call.facts)


def test_a_yes_over_the_words_after_the_question_is_an_answer_and_no_mere_sound() -> None:
    play = Script(ASKING).talking().later(1.0).caller_begins()
    whole = said_first(play)
    play.agent_is_cut(whole[: whole.index(" Please say")]).later(0.5)
    play.caller_pauses("Yes.").later(1.0)
    assert is_recorded(play.call.facts)


def said_first(play: Script) -> str:
    return " ".join(effect.text for effect in play.all if isinstance(effect, Say))


def test_a_long_answer_is_answered_by_the_agent() -> None:
    play = asked().caller_says("Yes, of course you can. How do roses grow in the shade?")
    assert is_recorded(play.call.facts)
    assert said(play) == WORDS.agreed
    play.expect(Think, Say(play.is_in(Talking).turn, WORDS.agreed))
    play.hears(Sentence(play.is_in(Talking).turn, "In the shade they sulk."))
    assert said(play) == f"{WORDS.agreed} In the shade they sulk."


def test_a_person_starts_it_when_nobody_speaks() -> None:
    play = Script().quiet().hears(RecordStartAsked("c-1"))
    assert said(play) == WORDS.question
    play.agent_finishes().caller_says("Yes.")
    assert said(play) == f"{WORDS.agreed} {WORDS.go_on}"
    assert is_recorded(play.call.facts)


def test_the_question_waits_until_the_agent_is_through() -> None:
    play = Script().talking().hears(RecordStartAsked())
    assert WORDS.question not in said(play)
    assert said(play.agent_finishes()) == WORDS.question
    assert states(play) == ["asking"]


def test_paused_stopped_and_started_again_without_another_question() -> None:
    play = asked().caller_says("Yes.").agent_finishes()
    play.hears(RecordPauseAsked())
    assert not is_recorded(play.call.facts)
    play.hears(RecordStartAsked()).expect(Record(type="call.recording", recording="on"))
    assert is_recorded(play.call.facts)
    play.hears(RecordStopAsked()).hears(RecordStopAsked()).expect_nothing()
    play.hears(RecordStartAsked())
    assert states(play) == ["asking", "on", "paused", "on", "stopped", "on"]


@pytest.mark.parametrize("wish", ["Stop recording this.", "Please don't record me any more."])
def test_whoever_agreed_takes_it_back_at_any_time(wish: str) -> None:
    play = asked().caller_says("Yes.").agent_finishes().caller_says(wish)
    assert said(play) == f"{WORDS.stopped} {OPENING}"
    assert states(play) == ["asking", "on", "stopped"]
    play.agent_finishes().hears(RecordStartAsked()).expect_nothing()


def test_and_so_do_they_while_a_person_speaks_in_the_agents_place() -> None:
    play = asked().caller_says("Yes.").agent_finishes().taken_over()
    assert is_recorded(play.call.facts)
    assert not is_recorded(play.caller_says("Stop the recording, please.").call.facts)


def test_it_ends_with_the_conversation() -> None:
    play = asked().caller_says("Yes.").hears(HangUpAsked("user"))
    assert states(play) == ["asking", "on", "stopped"]
    assert states(asked().hears(HangUpAsked("user"))) == ["asking", "declined"]


def test_an_agent_that_must_be_silent_asks_nothing() -> None:
    play = asked().hears(AiMuted())
    assert states(play) == ["asking", "declined"]
    play.hears(RecordStartAsked()).expect_nothing()
    play.hears(AiUnmuted(), RecordStartAsked())
    assert states(play)[-1] == "asking"


def test_a_line_that_is_gone_for_a_moment_ends_nothing() -> None:
    play = asked().caller_says("Yes.").agent_finishes().hears(StreamStopped(STREAM))
    assert is_recorded(play.call.facts)


def test_a_wish_to_stop_it_is_obeyed_though_the_line_is_gone_as_it_is_said() -> None:
    wish = "Stop recording this."
    known = asked().caller_says("Yes.").agent_finishes().caller_begins()
    known.later(0.5).caller_pauses(wish).hears(StreamStopped(STREAM))
    assert not is_recorded(known.call.facts)
    late = asked().caller_says("Yes.").agent_finishes().caller_begins().hears(StreamStopped(STREAM))
    assert is_recorded(late.call.facts)
    late.hears(Recognised(2, SO_FAR, wish))
    assert not is_recorded(late.call.facts)
    assert states(late) == ["asking", "on", "stopped"]
    late.hears(StreamStarted("another"), HangUpAsked("done"))
    assert states(late) == ["asking", "on", "stopped"]


def test_a_no_is_one_though_the_line_is_gone_as_it_is_said() -> None:
    play = asked().caller_begins().later(0.5).caller_pauses("No.").hears(StreamStopped(STREAM))
    assert states(play) == ["asking", "declined"]


def test_a_yes_after_the_line_was_gone_answers_what_was_said_since() -> None:
    play = asked().hears(StreamStopped(STREAM)).later(1.0).hears(StreamStarted("another"))
    assert said(play) == TALK.line_back
    play.caller_begins().agent_is_cut("").later(0.5).caller_pauses("Yes, I am here.").later(1.0)
    assert not is_recorded(play.call.facts)
    play.hears(Sentence(play.is_in(Talking).turn, "Good."))
    play.hears(GenerationFinished(play.is_in(Talking).turn)).agent_finishes()
    assert said(play) == WORDS.question
    assert is_recorded(play.agent_finishes().caller_says("Yes.").call.facts)


def test_a_yes_to_what_an_operator_typed_is_none_to_the_question() -> None:
    play = asked().hears(OperatorSaid("Can you hear me?", False)).agent_finishes()
    assert said(play) == WORDS.question, "asked again, as something came between"
    play = asked().hears(OperatorSaid("Can you hear me?", False))
    play.caller_begins().agent_is_cut("Can you hear").later(0.5).caller_pauses("Yes.").later(1.0)
    assert not is_recorded(play.call.facts)


def test_nobody_is_asked_for_ever() -> None:
    play = Script().quiet().hears(RecordStartAsked())
    for _ in range(MOST_ASKS):
        assert said(play) == WORDS.question
        play.caller_begins().agent_is_cut("May I").later(0.5).caller_pauses("How are you?")
        play.later(1.0).hears(Sentence(play.is_in(Talking).turn, "Well."))
        play.hears(GenerationFinished(play.is_in(Talking).turn)).agent_finishes()
    play.turn_state(Quiet)
    assert states(play) == ["asking", "declined"]
