"""Tools that a language model calls: obeyed once, refused in words, waited for, and never late."""

import pytest

from media.agent import Agent
from media.call import fold
from media.effects import (
    EndTurn,
    HangUp,
    PressKeys,
    Record,
    Say,
    StopThinking,
    Think,
    Transfer,
    UseTool,
)
from media.events import (
    Adopted,
    GenerationFinished,
    Sentence,
    StreamStarted,
    TakeoverAsked,
    TakeoverReleased,
    ToolAnswered,
    ToolCalled,
    TransferRefused,
)
from media.phases.ending import Ended, Ending
from media.phases.last_words import asks_something
from media.phases.talking.state import Talking
from media.phases.talking.tools import MOST_ROUNDS, NO_ANSWER
from media.phases.talking.turn_state import Quiet, Speaking, Thinking
from media.settings import Settings
from media.tools import Tool, ToolCall, ToolUse
from tests.support.script import STREAM, Script, status

NUMBER = "+12125550199"
FILLER = "I am looking that up."
AGENT = Agent(
    "a", "ann", "Ann",
    tools=(Tool("orders", "Finds orders", '{"type": "object"}', FILLER),
           Tool("stock", "Counts things", '{"type": "object"}'),
           Tool("refund", "Pays back", '{"type": "object", "required": ["id"],'
                ' "properties": {"id": {"type": "integer"}}}')),
    builtin_tools=("end_call", "transfer", "press_keys", "send_summary"),
    transfer_to=(NUMBER,),
)  # fmt: skip


def asked(words: str = "Where is my order?", agent: Agent | None = AGENT) -> Script:
    """The caller said something; the model is asked for turn 2."""
    return Script(agent=agent).quiet().caller_says(words)


def call(name: str, arguments: str = "{}", turn: int = 2) -> ToolCalled:
    return ToolCalled(turn, ToolCall(f"id-{name}", name, arguments))


def done(turn: int = 2) -> GenerationFinished:
    return GenerationFinished(turn)


def result(play: Script) -> str | None:
    uses: tuple[ToolUse, ...] = play.call.facts.tool_uses
    return uses[-1].result


def test_the_model_is_offered_what_its_agent_has_and_the_default_agent_has_none() -> None:
    offered = asked().the(Think).prompt.tools
    assert [tool.name for tool in offered] == [
        "end_call", "transfer", "press_keys", "send_summary", "orders", "stock", "refund",
    ]  # fmt: skip
    assert NUMBER in offered[1].parameters
    assert asked(agent=None).the(Think).prompt.tools == ()


def test_an_owners_tool_runs_while_its_filler_is_heard_and_its_answer_is_told() -> None:
    play = asked().hears(call("orders", '{"id": 7}'), done())
    play.expect(Say(2, FILLER), UseTool(1, ToolCall("id-orders", "orders", '{"id": 7}')))
    play.expect_no(Think).expect_no(EndTurn)
    play.later(2).hears(ToolAnswered(1, "ok", "on its way"))
    again = play.the(Think)
    assert again.turn == 2
    assert [(use.call.name, use.result) for use in again.prompt.used] == [("orders", "on its way")]
    assert again.prompt.used_before == ()
    play.hears(Sentence(2, "It is on its way."), done()).expect(Say, EndTurn(2))
    play.agent_finishes()
    assert play.call.facts.turns[-1].heard == "It is on its way.", "a filler answers nothing"
    before = play.caller_says("And the other one?").the(Think).prompt
    assert (before.used, len(before.used_before)) == ((), 1)
    assert fold(Settings(), play.journal) == play.call


def test_what_is_called_at_once_is_waited_for_together_with_one_filler() -> None:
    play = asked().hears(call("orders"), call("orders"), call("stock"), done())
    assert [effect for effect in play.last if isinstance(effect, Say)] == [Say(2, FILLER)]
    play.hears(ToolAnswered(2, "ok", "b")).expect_no(Think)
    play.hears(ToolAnswered(3, "ok", "c")).expect_no(Think)
    play.hears(ToolAnswered(1, "timeout", NO_ANSWER))
    assert [use.result for use in play.the(Think).prompt.used] == [NO_ANSWER, "b", "c"]
    play.hears(ToolAnswered(1, "ok", "twice")).expect_nothing()


def test_words_before_a_call_are_said_once_and_told_to_the_model() -> None:
    play = asked().hears(Sentence(2, "Let me see."), call("stock"), done()).expect_no(EndTurn)
    play.hears(ToolAnswered(1, "ok", "3"))
    assert play.the(Think).prompt.said == "Let me see."
    play.hears(Sentence(2, "Three."), done()).agent_finishes()
    assert play.call.facts.turns[-1].heard == "Let me see. Three."


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("orders", "{", "no JSON object"), ("orders", "[1]", "no JSON object"),
        ("orders", "[" * 5000, "no JSON object"), ("orders", '{"a": "\ud83d"}', "no JSON object"),
        ("nothing", "{}", "no such tool"), ("transfer", '{"to": "+12125550100"}', "must be one of"),
        ("transfer", "{}", "must be one of"), ("press_keys", '{"digits": "x"}', "must be up to"),
        ("press_keys", '{"digits": 5}', "must be up to"), ("end_call", "{}", "say goodbye first"),
        ("send_summary", '{"by": "fax"}', "text or email"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(name: str, arguments: str, why: str) -> None:
    play = asked().hears(call(name, arguments), done())
    play.expect_no(UseTool).expect_no(Transfer).expect_no(PressKeys).expect(Think)
    assert why in (result(play) or "")
    assert play.call.facts.summary is None


def test_rounds_of_a_turn_come_to_an_end() -> None:
    play = asked()
    for number in range(1, MOST_ROUNDS + 1):
        assert play.the(Think).prompt.tools
        play.hears(call("stock"), done()).hears(ToolAnswered(number, "ok", "3"))
    last = play.the(Think).prompt
    assert (last.tools, last.used, len(last.used_before)) == ((), (), MOST_ROUNDS)
    play.hears(call("stock"), done()).expect_no(UseTool).expect(Say)
    assert play.is_in(Talking).failures == 1, "an answer without words"


@pytest.mark.parametrize("name", ["stock", "end_call", "press_keys"])
def test_a_late_call_of_an_old_turn_changes_nothing(name: str) -> None:
    play = asked().caller_begins().later(1).caller_pauses("Or rather yours?").later(1)
    assert play.is_in(Talking).turn == 3
    before = play.call
    arguments = '{"goodbye": "Bye.", "digits": "1"}'
    play.hears(call(name, arguments, turn=2)).expect_nothing()
    assert play.call == before


def test_a_caller_who_goes_on_meanwhile_is_answered_with_what_the_tool_gave() -> None:
    play = asked().hears(call("orders"), done()).later(0.5).caller_begins().expect(StopThinking)
    play.agent_is_cut("I am").later(1).caller_pauses("The blue one.").later(1).expect_no(Think)
    assert isinstance(play.is_in(Talking).turn_state, Thinking)
    play.hears(ToolAnswered(1, "ok", "lost"))
    prompt = play.the(Think).prompt
    assert prompt.turns[-1].text == "The blue one."
    assert [use.result for use in prompt.used_before] == ["lost"]


def test_the_answer_is_said_also_after_a_noise() -> None:
    play = asked().hears(Sentence(2, "Let me see."), call("orders"), done()).caller_begins()
    play.agent_is_cut("Let me").later(0.5).hears(ToolAnswered(1, "ok", "7")).expect_no(Think)
    play.caller_pauses("").expect(Think)
    assert [use.result for use in play.the(Think).prompt.used_before] == ["7"]


def test_nothing_is_said_over_an_operator() -> None:
    play = asked().hears(call("stock"), done(), TakeoverAsked())
    play.hears(ToolAnswered(1, "ok", "3")).expect_nothing()
    play.hears(TakeoverReleased()).expect(Think)


def test_a_node_that_takes_over_waits_for_no_tool() -> None:
    play = asked().hears(call("stock"), done(), Adopted(until=0.0))
    assert result(play) == NO_ANSWER
    play.hears(StreamStarted(STREAM)).expect(Think)


def test_a_call_is_ended_after_the_goodbye_was_heard() -> None:
    play = asked("That is all.").hears(call("end_call", '{"goodbye": "All the best."}'), done())
    play.expect(Say(2, "All the best."), EndTurn(2)).expect_no(HangUp).expect_no(Think)
    play.agent_finishes().expect(HangUp)
    play.is_in(Ending)
    play.hears(status("completed", 30, 30))
    assert play.is_in(Ended).reason == "agent_goodbye"


def test_whoever_speaks_up_after_the_goodbye_keeps_the_call() -> None:
    play = asked("That is all.").hears(call("end_call", '{"goodbye": "All the best."}'), done())
    play.caller_begins().agent_is_cut("All").later(1).caller_pauses("Wait, one more thing.")
    play.later(1).expect(Think)
    play.hears(Sentence(3, "Yes?"), done(3)).agent_finishes().expect_no(HangUp)


def test_a_transfer_waits_for_what_is_said_and_goes_to_allowed_numbers_only() -> None:
    connect = call("transfer", f'{{"to": "{NUMBER}"}}')
    play = asked("Connect me, please.").hears(Sentence(2, "I connect you."), connect, done())
    play.expect(EndTurn(2)).expect_no(Transfer)
    play.agent_finishes().expect(Transfer(NUMBER, by_agent=True, use="turn 2"))
    asked("Connect me, please.").hears(connect, done()).expect(Transfer)


def test_a_transfer_that_failed_is_told_to_the_model() -> None:
    play = asked("Connect me.").hears(
        Sentence(2, "I do."), call("transfer", f'{{"to": "{NUMBER}"}}')
    )
    play.hears(done()).agent_finishes().hears(TransferRefused(21217)).expect(Think)
    assert "could not be connected" in (play.the(Think).prompt.used_before[-1].result or "")
    turn = play.the(Think).turn
    play.hears(call("transfer", f'{{"to": "{NUMBER}"}}', turn), done(turn)).expect_no(Transfer)
    assert (result(play) or "").startswith("Refused"), "a model that insists asks nobody for ever"
    play.hears(Sentence(turn, "I am sorry."), done(turn)).agent_finishes()
    play.caller_says("Try again.")
    turn = play.the(Think).turn
    play.hears(call("transfer", f'{{"to": "{NUMBER}"}}', turn), done(turn)).expect(Transfer)


def test_keys_are_pressed_and_a_summary_is_noted_for_after_the_call() -> None:
    play = asked("Press one, and put it in writing.")
    play.hears(call("press_keys", '{"digits": "1w#"}'), call("send_summary", '{"by": "email"}'))
    play.expect(PressKeys("1w#")).hears(done()).expect(Think)
    play.hears(Sentence(2, "Done."), done()).agent_finishes()
    assert isinstance(play.is_in(Talking).turn_state, Quiet)
    wish = play.call.facts.summary
    assert wish is not None
    assert (wish.by, wish.words) == ("email", "Press one, and put it in writing.")
    assert asks_something(play.call.facts)
    play.hears(status("completed", 40, 40))
    assert play.the(Record).follow_up is True


def test_a_filler_after_words_belongs_to_the_turn() -> None:
    play = asked().hears(Sentence(2, "One moment."), call("orders"), done())
    turn_state = play.is_in(Talking).turn_state
    assert turn_state == Speaking(2, f"One moment. {FILLER}")


@pytest.mark.parametrize("arguments", ['{"id": "seven"}', "{}"])
def test_arguments_that_the_schema_has_not_reach_nobody_and_the_model_is_told(
    arguments: str,
) -> None:
    play = asked().hears(call("refund", arguments), done())
    assert not [effect for effect in play.all if isinstance(effect, UseTool)]
    (use,) = play.the(Think).prompt.used
    assert use.result is not None
    assert use.result.startswith("Refused: `id`")
    assert asked().hears(call("refund", '{"id": 7}')).the(UseTool).call.arguments == '{"id": 7}'
