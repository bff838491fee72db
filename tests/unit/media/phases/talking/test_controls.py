"""An operator's hand: mute, take over, release, keys, transfer; what each does in every phase."""

from collections.abc import Callable

import pytest
from msgspec import to_builtins

from media import published
from media.effects import (
    HangUp,
    LetGoOperator,
    OpenMic,
    PressKeys,
    Publish,
    Record,
    Say,
    SayOn,
    Settle,
    StopPlayback,
    StopThinking,
    Think,
    Transfer,
)
from media.events import (
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    DtmfAsked,
    Event,
    HangUpAsked,
    ListenBegan,
    ListenEnded,
    OperatorJoined,
    OperatorLeft,
    Sentence,
    StreamStarted,
    StreamStopped,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
    Transferred,
    TransferRefused,
    TransferUnknown,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Away, Quiet, Speaking, Standby, Thinking
from media.phases.voicemail import Voicemail
from media.settings import ConversationSettings
from tests.support.script import STREAM, Script, status

TALK = ConversationSettings()
NUMBER = "+12125550199"
CONTROLS: list[Event] = [
    AiMuted(), AiUnmuted(), TakeoverAsked(), OperatorJoined(), OperatorLeft(), TakeoverReleased(),
    DtmfAsked("1"), TransferAsked(NUMBER), Transferred(), TransferRefused(1), TransferUnknown(),
]  # fmt: skip
ELSEWHERE: dict[str, Callable[[], Script]] = {
    "dialling": Script, "waiting": lambda: Script().waiting(),
    "voicemail": lambda: Script().voicemail(),
    "ending": lambda: Script().quiet().hears(HangUpAsked("user")),
    "ended": lambda: Script().quiet().hears(status("completed", 1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("event", CONTROLS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("scene", ELSEWHERE)
def test_outside_a_conversation_no_control_changes_anything(scene: str, event: Event) -> None:
    play = ELSEWHERE[scene]()
    before = play.call
    play.hears(event).expect_nothing()
    assert play.call == before


@pytest.mark.parametrize(
    "event",
    [AiUnmuted(), OperatorJoined(), OperatorLeft(), TakeoverReleased(), Transferred(),
     TransferRefused(1), TransferUnknown()],
    ids=lambda event: type(event).__name__,
)  # fmt: skip
def test_what_answers_nothing_that_was_asked_changes_nothing(event: Event) -> None:
    Script().talking().hears(event).expect_nothing()


def test_muting_hushes_at_once_and_nothing_is_thought_or_said_until_unmuted() -> None:
    play = Script().quiet().caller_says("How do roses grow?")
    turn = play.turn_state(Thinking).turn
    play.hears(AiMuted("c-1")).expect(
        StopThinking(), StopPlayback(), Publish(published.AgentMuted(), cause="c-1")
    )
    play.hears(Sentence(turn, "Slowly.")).expect_nothing()
    play.caller_says("Hello?").expect_no(Think, Say)
    assert [turn.text for turn in play.call.facts.turns][-2:] == ["How do roses grow?", "Hello?"]
    play.hears(AiUnmuted("c-2")).expect(Publish(published.AgentUnmuted(), cause="c-2"), Think)
    assert play.the(Think).prompt.turns[-1].text == "Hello?"


def test_unmuted_the_agent_goes_on_from_the_word_where_it_was_cut_off() -> None:
    play = Script().talking()
    greeting = play.turn_state(Speaking).text
    play.hears(AiMuted(), TurnPlayed(1, greeting, "Hello, this is", cut=True))
    play.hears(TurnPlayed(2, TALK.disclosure, TALK.disclosure)).later(5).hears(AiUnmuted())
    assert play.the(SayOn).text.startswith("the Talking App assistant")
    assert play.turn_state(Speaking).turn == play.call.phase.turn  # type: ignore[union-attr]


def test_words_said_meanwhile_make_the_rest_of_the_sentence_stale() -> None:
    play = Script().talking().hears(AiMuted()).agent_is_cut("Hello, this is")
    play.caller_says("Who is there?").hears(AiUnmuted()).expect(Think).expect_no(Say)


def test_unmuted_in_silence_the_agent_listens() -> None:
    play = Script().quiet().hears(AiMuted(), AiMuted()).later(30).expect_no(Say)
    play.hears(AiUnmuted())
    assert play.turn_state(Quiet).until == play.now + TALK.silence_prompt_seconds
    assert len(play.published("ai.muted")) == 1


def test_a_goodbye_said_to_a_muted_agent_ends_the_call_after_its_answer() -> None:
    play = Script().quiet().hears(AiMuted()).caller_says("Thank you, goodbye.").hears(AiUnmuted())
    turn = play.turn_state(Thinking).turn
    assert play.is_in(Talking).closing == "caller_goodbye"
    play.hears(Sentence(turn, "Bye!")).agent_finishes()
    assert play.is_in(Ending).reason == "caller_goodbye"


def test_a_takeover_silences_the_agent_and_one_operator_is_enough() -> None:
    play = Script().talking().hears(TakeoverAsked("c-1"))
    play.expect(StopThinking(), StopPlayback(), OpenMic("operator"))
    assert play.published("takeover.started") == [
        Publish(published.TakeoverStarted(takeover=1), cause="c-1")
    ]
    play.hears(TakeoverAsked("c-2")).expect_nothing()


def test_after_a_release_the_agent_knows_what_both_said() -> None:
    play = Script().quiet().taken_over().operator_says("I am Anna. How can I help?")
    play.caller_says("Tell me about roses.")
    play.hears(TakeoverReleased("c-3")).expect(
        LetGoOperator(),
        Publish(published.TakeoverEnded(takeover=1, reason="released"), cause="c-3"),
        Think,
    )
    said = [(turn.speaker, turn.heard) for turn in play.the(Think).prompt.turns[-2:]]
    assert said == [
        ("operator", "I am Anna. How can I help?"), ("caller", "Tell me about roses."),
    ]  # fmt: skip


def test_an_operator_who_never_comes_loses_the_call_after_five_seconds() -> None:
    play = Script().quiet().hears(TakeoverAsked()).later(4.9)
    assert play.is_in(Talking).operator_status == "awaited"
    play.later(0.2).expect(LetGoOperator())
    assert to_builtins(play.published("takeover.ended")[0].event)["reason"] == "away"
    assert isinstance(play.turn_state(Quiet), Quiet)


def test_an_operator_who_comes_back_in_time_keeps_the_call() -> None:
    play = Script().quiet().taken_over().hears(OperatorLeft()).later(4)
    play.hears(OperatorJoined()).later(20)
    assert play.is_in(Talking).operator_status == "present"
    play.hears(OperatorLeft()).later(5)
    assert play.is_in(Talking).operator_status == ""


def test_a_muted_agent_stays_muted_after_a_release() -> None:
    play = Script().quiet().hears(AiMuted()).taken_over().caller_says("Hello?")
    play.hears(TakeoverReleased()).expect(LetGoOperator()).expect_no(Think, Say)
    play.hears(AiUnmuted()).expect(Think)


def test_a_takeover_survives_a_lost_line_without_a_word_of_the_agent() -> None:
    play = Script().quiet().taken_over().hears(StreamStopped(STREAM)).later(1)
    play.hears(StreamStarted(STREAM)).expect(OpenMic()).expect_no(Say)
    assert isinstance(play.turn_state(Standby), Standby)


def test_a_release_while_the_line_is_gone_lets_the_agent_greet_the_line() -> None:
    play = Script().quiet().taken_over().hears(StreamStopped(STREAM), TakeoverReleased())
    assert isinstance(play.turn_state(Away), Away)
    play.hears(StreamStarted(STREAM)).expect(Say(2, TALK.line_back))


def test_the_time_limit_holds_for_operators_too() -> None:
    play = Script().quiet().taken_over().at(400)
    assert play.published("timer.hint")
    assert play.row["end_reason"] == "time_limit"


def test_a_machine_found_out_late_does_not_interrupt_an_operator() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM)).at(10).taken_over()
    play.hears(AmdVerdict("machine_start"))
    assert isinstance(play.turn_state(Standby), Standby)


def test_keys_are_pressed_whoever_has_the_floor_and_told() -> None:
    for play in (Script().talking(), Script().quiet(), Script().quiet().taken_over()):
        play.hears(DtmfAsked("12#", "c-9")).expect(
            PressKeys("12#"), Publish(published.DigitsSent(digits="12#"), cause="c-9")
        )
    Script().quiet().hears(StreamStopped(STREAM)).hears(DtmfAsked("1")).expect_nothing()


def test_listeners_are_told_in_any_phase_but_the_last() -> None:
    for play in (Script(), Script().waiting(), Script().voicemail(), Script().quiet()):
        play.hears(ListenBegan("7")).expect(Publish(published.ListenStarted(listener="7")))
        play.hears(ListenEnded("7")).expect(Publish(published.ListenEnded(listener="7")))
    over = Script().quiet().hears(status("completed", 1, 1))
    over.hears(ListenBegan("7")).expect_nothing()


# Transfers


def asked() -> Script:
    return Script().quiet().hears(TransferAsked(NUMBER, "c-4", use="u-4"))


def test_a_transfer_ends_the_call_here_and_never_hangs_up() -> None:
    play = asked().expect(StopThinking(), StopPlayback(), Transfer(NUMBER, use="u-4"))
    play.hears(StreamStopped(STREAM)).later(6).expect_no(HangUp)
    play.hears(Transferred()).expect_no(HangUp)
    assert play.is_in(Ended).reason == "transferred"
    assert (play.row["status"], play.settled) == ("ended", [True])


def test_a_refused_transfer_leaves_the_conversation_as_it_was() -> None:
    play = asked().hears(TransferRefused(21220))
    play.expect(Publish(published.TransferFailed(code=21220)))
    assert isinstance(play.turn_state(Quiet), Quiet)
    play.caller_says("Hello?").expect(Think)


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ([TransferRefused(21220)], False),
        ([StreamStopped(STREAM), Transferred()], True),
        ([StreamStopped(STREAM), TransferUnknown()], True),
        ([HangUpAsked("user"), status("completed", 1, 1), Transferred()], True),
        ([HangUpAsked("user"), TransferRefused(21220)], False),
        ([HangUpAsked("user"), Transferred()], True),
        ([status("completed", 1, 1), TransferUnknown()], True),
        ([status("completed", 1, 1), TransferRefused(0)], False),
    ],
)
def test_a_transfer_counts_unless_it_is_refused(facts: list[Event], *, counts: bool) -> None:
    play = asked().hears(*facts)
    assert play.settled_transfers == [Settle(counts, use="u-4")]
    over = play.hears(status("completed", 2, 2))
    assert over.settled_transfers == [Settle(counts, use="u-4")], "once"


def test_what_becomes_of_a_transfer_is_awaited_also_when_the_call_is_over() -> None:
    play = asked().hears(status("completed", 1, 1))
    assert play.settled_transfers == [], "the carrier may not have been asked yet"


def test_a_transfer_that_seems_to_have_failed_does_not_count_and_the_next_one_does() -> None:
    play = asked().hears(TransferUnknown()).later(5)
    assert play.settled_transfers == [Settle(commit=False, use="u-4")]
    play.hears(TransferAsked(NUMBER, use="u-5")).hears(Transferred())
    assert play.settled_transfers[1:] == [Settle(commit=True, use="u-5")]


def test_a_transfer_of_unknown_outcome_is_judged_by_whether_the_sound_stays() -> None:
    gone = asked().hears(StreamStopped(STREAM), TransferUnknown())
    assert gone.is_in(Ended).reason == "transferred"
    gone = asked().hears(TransferUnknown(), StreamStopped(STREAM)).later(5)
    assert gone.is_in(Ended).reason == "transferred"
    stays = asked().hears(TransferUnknown()).later(5)
    assert stays.published("transfer.failed")
    assert isinstance(stays.turn_state(Quiet), Quiet)


def test_a_transfer_without_any_answer_is_given_up_in_time() -> None:
    play = asked().later(20)
    assert play.published("transfer.failed")
    assert asked().hears(StreamStopped(STREAM)).later(20).is_in(Ended).reason == "transferred"


def test_a_line_lost_for_another_reason_keeps_its_patience_after_a_refusal() -> None:
    play = asked().hears(StreamStopped(STREAM)).later(10).hears(TransferRefused(1))
    assert play.turn_state(Away).until == play.now + TALK.line_patience_seconds
    play.later(4)
    assert play.is_in(Ending).reason == "media_lost"


def test_a_transfer_is_asked_for_once_and_nobody_takes_over_meanwhile() -> None:
    play = asked().hears(TransferAsked("+12125550188")).expect_nothing()
    play.hears(TakeoverAsked()).expect_nothing()


def test_hanging_up_is_stronger_than_a_transfer_on_its_way() -> None:
    play = asked().hears(HangUpAsked("user")).expect(HangUp())
    play.hears(Transferred()).expect(Settle(commit=True, use="u-4"))
    assert play.is_in(Ending).reason == "user"


def test_a_transfer_near_the_limit_of_time_is_not_cut_off_by_it() -> None:
    play = Script().quiet().taken_over().at(179)
    play.hears(TransferAsked(NUMBER)).later(5).expect_no(HangUp)
    play.hears(Transferred())
    assert play.is_in(Ended).reason == "transferred"
    late = Script().quiet().taken_over().at(179).hears(TransferAsked(NUMBER)).later(20)
    assert late.is_in(Ending).reason == "time_limit"


def test_a_question_that_a_failed_transfer_gives_back_too_late_is_not_thought_about() -> None:
    play = Script().quiet().caller_says("How do roses grow?")
    late = play.at(170).hears(TransferAsked(NUMBER)).at(190)
    assert late.is_in(Ending).reason == "time_limit"
    assert not any(isinstance(effect, Think) for effect in late.last)


# A verdict by an operator


def test_an_operators_verdict_opens_the_waiting_room_and_stays() -> None:
    play = Script().waiting().hears(StreamStarted(STREAM))
    play.hears(AmdVerdict("machine_start", by="operator"))
    assert isinstance(play.is_in(Voicemail), Voicemail)
    told = to_builtins(play.published("call.amd.result")[0].event)
    assert (told["answered_by"], told["by"]) == ("machine_start", "operator")
    play.hears(AmdVerdict("human")).expect_nothing()
    assert play.row["answered_by"] == "machine_start"
    assert not any(isinstance(e, Record) and e.answered_by == "human" for e in play.all)
