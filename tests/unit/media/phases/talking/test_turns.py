"""Turn taking: pauses, barge-in, noise, and never an answer to an old question."""

import pytest
from msgspec import to_builtins

from media import published
from media.dialogue import Turn
from media.effects import (
    EndTurn,
    HangUp,
    Publish,
    Recognise,
    Say,
    SayOn,
    StopPlayback,
    StopThinking,
    TakeUtterance,
    Think,
)
from media.events import (
    EngineFailed,
    GenerationFinished,
    Keyed,
    OperatorSaid,
    PlaybackStarted,
    Recognised,
    Sentence,
    SpeechBegan,
    SpeechPaused,
    TurnPlayed,
)
from media.phases.ending import Ending
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import CallerPaused, CallerSpeaking, Quiet, Speaking, Thinking
from media.settings import ConversationSettings
from tests.support.script import TOPIC, Script


def answering(*sentences: str) -> Script:
    """The caller asked something; the mind has given these sentences of turn 2."""
    play = Script().quiet().caller_says("How do roses grow?")
    return play.hears(*(Sentence(2, text) for text in sentences))


def test_a_pause_asks_what_was_said_and_a_finished_sentence_soon_makes_it_a_turn() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses().expect(Recognise(1, 1))
    play.at(5.1).hears(Recognised(1, 1, "How do roses grow?")).expect_no(Think)
    play.at(5.24).expect_no(Think)
    play.at(5.251).expect(TakeUtterance(1), Think)
    turn = play.the(Think).prompt.turns[-1]
    assert turn == Turn("caller", "How do roses grow?", "How do roses grow?", turn.at)
    assert play.now - 0.01 < turn.at <= play.now


def test_an_unfinished_sentence_waits_longer() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses("Well, I was going to")
    play.at(6.04).expect_no(Think)
    play.at(6.06).expect(Think)


def test_what_sounds_unfinished_waits_longest() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses()
    play.hears(Recognised(1, 1, "It happened last night.", sounds_complete=0.05))
    play.at(6.19).expect_no(Think)
    play.at(6.2).expect(Think)


def test_a_number_dictated_in_groups_is_one_turn_and_one_number() -> None:
    play = answering("What is your phone number?").hears(GenerationFinished(2)).agent_finishes()
    play.later(1).caller_begins().later(1).caller_pauses("Two zero two.")
    play.later(0.5).hears(SpeechBegan(2)).later(1).hears(SpeechPaused(2, 2, play.now - 0.3))
    play.hears(Recognised(2, 2, "Two zero two, five five five.")).later(0.5).expect_no(Think)
    play.hears(SpeechBegan(2)).later(1).hears(SpeechPaused(2, 3, play.now - 0.3))
    play.hears(Recognised(2, 3, "Two zero two, five five five, 0143.")).later(0.26).expect(Think)
    assert play.the(Think).prompt.turns[-1].text == "2025550143"


@pytest.mark.parametrize("text", ["Yes.", "Yeah", "Okay.", "Sure.", "Yes, yes."])
def test_yes_over_the_last_words_of_a_question_answers_it(text: str) -> None:
    play = answering("Roses are easy.", "Shall I tell you how to plant them?").caller_begins()
    play.agent_is_cut("Roses are easy. Shall I tell you").later(1).caller_pauses(text)
    play.later(0.5).expect(Think)
    assert play.the(Think).prompt.turns[-1].text == text


def test_yes_in_the_middle_of_a_question_is_a_sign_to_go_on() -> None:
    play = answering("Shall I tell you how to plant roses in a pot this very spring?")
    play.caller_begins().agent_is_cut("Shall I tell you").later(1).caller_pauses("Yes.")
    play.expect(SayOn(3, "how to plant roses in a pot this very spring?"))


def test_the_pauses_of_a_caller_are_learnt_also_when_the_agent_cut_in() -> None:
    play = Script().quiet()
    for _ in range(6):  # each time they go on 1.1 s after their last sound
        play.caller_begins().later(1).caller_pauses("I like roses.").later(0.8).caller_begins()
        play.later(1).caller_pauses("And tulips.").later(5)
    learnt = play.is_in(Talking).pauses.average_ms
    assert 700 < learnt < 1100
    play.caller_begins().later(1).caller_pauses("I like them a lot.").later(0.5).expect_no(Think)
    play.later(0.4).expect(Think)


def test_words_known_late_are_a_turn_at_once() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses().at(6)
    play.hears(Recognised(1, 1, "How do roses grow?")).expect(Think)


def test_a_caller_who_goes_on_after_a_pause_is_heard_out() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses("How do roses")
    play.at(5.5).hears(SpeechBegan(1)).expect_no(Think)
    play.at(7).hears(Recognised(1, 1, "How do roses")).expect_nothing()
    play.hears(SpeechPaused(1, 2, play.now - 0.3)).expect(Recognise(1, 2))
    play.hears(Recognised(1, 1, "How do roses")).expect_nothing()
    play.hears(Recognised(1, 2, "How do roses grow?")).at(8).expect(Think)
    assert [turn.text for turn in play.call.facts.turns if turn.speaker == "caller"] == [
        "How do roses grow?"
    ]


def test_the_mind_answers_in_sentences_and_the_turn_ends_when_it_is_done() -> None:
    play = Script().quiet().caller_says("How do roses grow?")
    play.turn_state(Thinking)
    play.hears(Sentence(2, "Slowly.")).expect(Say(2, "Slowly."))
    play.hears(Sentence(2, "From the root.")).expect(Say(2, "From the root."))
    assert play.turn_state(Speaking).text == "Slowly. From the root."
    play.hears(GenerationFinished(2)).expect(EndTurn(2))
    play.agent_finishes().turn_state(Quiet)


def test_a_late_answer_to_an_old_question_falls_through() -> None:
    play = Script().quiet().caller_says("How do roses grow?").caller_begins()
    play.expect(StopThinking)
    play.hears(Sentence(2, "Slowly."), GenerationFinished(2)).expect_nothing()
    play.later(1).caller_pauses("No, tulips, please.").later(1).expect(Think)
    play.hears(Sentence(2, "Slowly.")).expect_nothing()
    play.hears(Sentence(3, "In spring.")).expect(Say(3, "In spring."))


def test_speaking_over_the_agent_silences_it_at_once() -> None:
    play = answering("Slowly.").caller_begins().expect(StopPlayback)
    play.turn_state(CallerSpeaking)


def test_only_what_was_heard_is_remembered() -> None:
    play = answering("Roses grow slowly at first.", "Then quickly.").caller_begins()
    play.agent_is_cut("Roses grow").later(1).caller_pauses("Never mind. Tulips?")
    play.later(1).expect(Think)
    turns = play.the(Think).prompt.turns
    assert [turn.heard for turn in turns[1:]] == [
        "How do roses grow?", "Roses grow", "Never mind. Tulips?",
    ]  # fmt: skip
    said = to_builtins(play.published("transcript.final")[2].event)
    assert (said["heard"], said["cut"]) == ("Roses grow", True)


def test_a_turn_of_which_no_word_was_heard_never_happened() -> None:
    play = answering("Slowly.").caller_begins().agent_is_cut("")
    assert [turn.speaker for turn in play.call.facts.turns] == ["agent", "caller"]


@pytest.mark.parametrize("words", ["", "Mm-hmm.", "Yeah, okay.", "Uh-huh"])
def test_noise_and_backchannels_give_the_floor_back_from_the_cut(words: str) -> None:
    play = answering("Roses grow slowly at first.", "Then quickly.").hears(GenerationFinished(2))
    play.caller_begins().agent_is_cut("Roses grow").later(0.4).caller_pauses(words)
    play.expect(TakeUtterance(1 + 1), SayOn(3, "slowly at first. Then quickly."), EndTurn(3))
    play.expect_no(Think)


def test_an_answer_that_a_noise_fell_into_is_made_to_its_end() -> None:
    play = answering("Roses grow slowly.").caller_begins().agent_is_cut("Roses").later(0.4)
    play.hears(Sentence(2, "Then quickly.")).caller_pauses("Mm-hmm.")
    play.expect(SayOn(3, "grow slowly. Then quickly.")).expect_no(EndTurn, StopThinking)
    play.hears(Sentence(2, "In June they bloom.")).expect(Say(3, "In June they bloom."))
    play.caller_begins().agent_is_cut("grow slowly.").later(0.4).caller_pauses("")
    play.expect(SayOn(4, "Then quickly. In June they bloom.")).expect_no(EndTurn, StopThinking)
    play.hears(GenerationFinished(2)).expect(EndTurn(4))


def test_a_noise_between_two_sentences_loses_neither() -> None:
    play = answering("Roses grow slowly.").caller_begins().agent_is_cut("Roses grow slowly.")
    play.later(0.4).caller_pauses("").hears(Sentence(2, "Then quickly."))
    play.expect(Say(3, "Then quickly."))
    play.hears(GenerationFinished(2)).expect(EndTurn(3))


def test_a_model_that_fails_after_a_noise_is_apologised_for() -> None:
    play = answering("Roses grow slowly.").caller_begins().agent_is_cut("Roses").later(0.4)
    play.caller_pauses("").hears(EngineFailed("thinker", 2)).expect(StopPlayback, Say)
    play.hears(Sentence(2, "Too late.")).expect_no(Say)


def test_a_model_that_fails_during_a_noise_leaves_what_it_said() -> None:
    play = answering("Roses grow slowly.").caller_begins().agent_is_cut("Roses").later(0.4)
    play.hears(EngineFailed("thinker", 2)).caller_pauses("")
    play.expect(SayOn(3, "grow slowly."), EndTurn(3))


def test_a_noise_before_the_first_sound_loses_nothing() -> None:
    """The voice had not begun, so the sound lane has nothing to tell."""
    play = answering("Roses grow slowly.").caller_begins().later(0.4).caller_pauses("")
    play.expect(SayOn(3, "Roses grow slowly."))


def test_a_caller_who_speaks_as_the_line_opens_still_hears_the_greeting() -> None:
    play = Script().talking().caller_begins().agent_is_cut("Hello,").later(0.6)
    play.caller_pauses("Hello? Anybody there?").later(1).expect_no(Think)
    greeting = ConversationSettings().greeting.format(topic=TOPIC)
    play.expect(Say(2, greeting.removeprefix("Hello, ")), EndTurn(2))


def test_a_caller_who_cuts_a_greeting_they_heard_is_answered() -> None:
    play = Script().talking().caller_begins().agent_is_cut("Hello, this is the Talking App")
    play.later(0.6).caller_pauses("Can I stop you there?").later(1).expect(Think)


def test_a_caller_who_only_says_goodbye_needs_no_greeting() -> None:
    play = Script().talking().caller_begins().agent_is_cut("").later(0.6)
    play.caller_pauses("No thanks, goodbye.").later(1).expect(Think)


def test_a_cut_that_is_told_late_still_counts() -> None:
    play = answering("Roses grow slowly.").caller_begins().later(0.4).caller_pauses()
    play.agent_is_cut("Roses grow").hears(Recognised(2, 1, "")).expect(SayOn(3, "slowly."))


def test_an_agreement_to_nothing_cut_off_is_an_answer() -> None:
    Script().quiet().caller_says("Yeah, okay.").expect(Think)


def test_noise_while_the_mind_thinks_makes_it_think_again() -> None:
    play = Script().quiet().caller_says("How do roses grow?").caller_begins()
    play.later(0.4).caller_pauses("").expect(TakeUtterance, Think)
    assert play.the(Think).turn == 3


def test_noise_in_a_silence_changes_nothing() -> None:
    play = Script().quiet().at(2).caller_begins().later(0.5).caller_pauses("")
    play.expect(TakeUtterance(1)).expect_no(Say, Think)
    assert play.turn_state(Quiet).until == play.now + 8


def test_goodbye_from_the_caller_ends_the_call_after_the_answer() -> None:
    play = Script().quiet().caller_says("Thanks, good-by.").expect(Think)
    play.hears(Sentence(2, "Take care."), GenerationFinished(2)).expect_no(HangUp)
    play.agent_finishes().expect(HangUp)
    assert play.is_in(Ending).reason == "caller_goodbye"


def test_goodbye_from_the_agent_ends_the_call_once_it_was_heard() -> None:
    play = answering("That is all.", "Goodbye!").hears(GenerationFinished(2)).expect_no(HangUp)
    play.agent_finishes().expect(HangUp)
    assert play.is_in(Ending).reason == "agent_goodbye"


def test_a_caller_who_speaks_up_after_a_goodbye_is_listened_to() -> None:
    play = answering("That is all. Goodbye!").hears(GenerationFinished(2)).caller_begins()
    play.agent_is_cut("That is all.").later(1).caller_pauses("Wait, one more thing.").later(1)
    play.expect(Think).hears(Sentence(3, "Yes?"), GenerationFinished(3)).agent_finishes()
    play.turn_state(Quiet)


def test_a_noise_over_a_goodbye_does_not_revive_the_call() -> None:
    play = answering("That is all. Goodbye!").hears(GenerationFinished(2)).caller_begins()
    play.agent_is_cut("That is all.").later(0.4).caller_pauses("Mm-hmm.").expect(
        SayOn(3, "Goodbye!")
    )
    play.agent_finishes().expect(HangUp)


def test_a_noise_over_the_last_word_of_a_goodbye_ends_the_call() -> None:
    play = answering("That is all. Goodbye!").hears(GenerationFinished(2)).caller_begins()
    play.agent_is_cut("That is all. Goodbye!").later(0.4).caller_pauses("").later(0)
    assert play.is_in(Ending).reason == "agent_goodbye"


def test_an_agreement_to_a_goodbye_is_no_wish_to_go_on() -> None:
    play = answering("That is all. Goodbye!").hears(GenerationFinished(2)).caller_begins()
    play.agent_is_cut("That is all. Goodbye!").later(0.4).caller_pauses("Okay.").later(1)
    assert play.is_in(Talking).closing == "agent_goodbye"


def test_facts_about_an_unknown_turn_or_utterance_change_nothing() -> None:
    play = Script().quiet()
    play.hears(Recognised(7, 1, "hello"), Sentence(9, "hi"), PlaybackStarted(9)).expect_nothing()
    play.hears(SpeechPaused(7, 1, play.now), TurnPlayed(9, "hi", "")).expect_nothing()
    play.turn_state(Quiet)


def test_the_time_from_the_callers_last_sound_to_the_agents_first_is_told_in_parts() -> None:
    play = Script().quiet().at(3).caller_begins().at(5.3).caller_pauses().at(5.4)
    play.hears(Recognised(1, 1, "How do roses grow?")).at(5.7).expect(Think).at(6.0)
    play.hears(Sentence(2, "Slowly.")).at(6.2).hears(PlaybackStarted(2)).expect(Publish)
    assert to_builtins(play.published("turn.metrics")[0].event) == {
        "turn": 2, "endpointing_ms": 450, "recognising_ms": 100, "thinking_ms": 450,
        "speaking_ms": 200, "total_ms": 1200,
    }  # fmt: skip
    play.hears(PlaybackStarted(2)).expect_nothing()


def test_the_parts_of_the_time_add_up() -> None:
    play = Script().quiet().at(3).caller_begins().at(5.3).caller_pauses().at(6.4)
    play.hears(Recognised(1, 1, "Roses?"), Sentence(2, "Yes.")).at(6.5).hears(PlaybackStarted(2))
    data = dict(to_builtins(play.published("turn.metrics")[0].event))
    total = data.pop("total_ms")
    assert sum(int(str(data[part])) for part in data if part.endswith("_ms")) == total


def test_a_key_is_told_and_nothing_else() -> None:
    Script().talking().hears(Keyed("5")).expect(Publish(published.DigitPressed(digit="5")))


def test_an_operators_word_waits_for_the_callers_turn_and_comes_before_the_mind() -> None:
    play = Script().quiet().caller_begins().hears(OperatorSaid("One moment.", interrupt=False))
    play.expect_nothing().later(1).caller_pauses("How do roses grow?").later(1)
    play.expect(Say(2, "One moment.")).expect_no(Think)


def test_an_operators_word_is_not_forgotten_over_a_noise() -> None:
    play = Script().quiet().caller_begins().hears(OperatorSaid("One moment.", interrupt=False))
    play.later(0.4).caller_pauses("").expect(Say(2, "One moment."))


def test_a_pause_while_nobody_spoke_is_no_turn() -> None:
    play = Script().talking().hears(SpeechPaused(1, 1, 0.0)).expect_nothing()
    play.turn_state(Speaking)


def test_words_are_waited_for_as_long_as_the_recogniser_takes() -> None:
    play = Script().quiet().at(3).caller_begins().at(5).caller_pauses().at(9).expect_no(Say)
    play.turn_state(CallerPaused)


def test_old_sound_that_begins_late_tells_nothing_about_the_next_answer() -> None:
    play = Script().quiet().caller_begins().later(1).caller_pauses("How do roses grow?")
    play.hears(PlaybackStarted(1)).expect_nothing()
