"""Tools that the language model calls in a conversation: obeyed, refused in words, or waited for.

Ours do what an operator could ask for, by the same rules; an owner's runs elsewhere while the
caller hears that somebody is busy. Once all that was called at once has a result the model is asked
again, in the same turn. It knows nothing of wires and addresses.
"""

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from media import published
from media.agent import Agent, offered
from media.dialogue import says_goodbye
from media.effects import PressKeys, Publish, Say, Think, UseTool
from media.events import DtmfAsked, Sentence, ToolAnswered, ToolCalled, TransferAsked
from media.phases.facts import SummaryWish, prompt
from media.phases.talking.refusals import refused_while_talking
from media.phases.talking.state import FILLER_AGAIN_SECONDS, Draft, is_pending
from media.phases.talking.turn_state import Speaking, Thinking
from media.phases.talking.turns import sentence
from media.tool_arguments import beyond, fault
from media.tools import KEYS, Builtin, Tool, ToolCall, ToolUse, arguments_of

MOST_ROUNDS = 4  # of a turn; then the model answers with what it has
MOST_AT_ONCE = 4
MOST_KEPT = 16
NO_ANSWER = "The tool did not answer."
_CONNECTING = "They are being connected."
_NOT_CONNECTED = "The number could not be connected; they are still talking with you."
_KEYS = re.compile(KEYS)


def called(draft: Draft, event: ToolCalled) -> None:
    """The language model calls a tool in the turn it was asked for."""
    made = [use for use in _uses(draft) if use.round == draft.talk.tool_rounds]
    if draft.talk.tool_rounds >= MOST_ROUNDS or len(made) >= MOST_AT_ONCE:
        return
    number = draft.facts.tools_used + 1
    result = _result(draft, event.call, number)
    use = ToolUse(number, event.turn, draft.talk.tool_rounds, event.call, result)
    uses = (*draft.facts.tool_uses, use)[-MOST_KEPT:]
    draft.facts = replace(draft.facts, tools_used=number, tool_uses=uses)


def goes_on(draft: Draft) -> bool:
    """The model has nothing more to say for now; whether it is asked again, with what its tools
    give."""
    uses = [use for use in _uses(draft) if use.round == draft.talk.tool_rounds]
    is_asked = isinstance(draft.talk.turn_state, Thinking | Speaking)
    if not uses or not is_asked or draft.talk.is_last:
        return False
    draft.set(tool_rounds=draft.talk.tool_rounds + 1, tool_wait=True)
    _ask_if_known(draft)
    return True


def _ask_if_known(draft: Draft) -> None:
    """Ask the model again if that is waited for and all tools have answered."""
    talk, is_asked = draft.talk, isinstance(draft.talk.turn_state, Thinking | Speaking)
    if not talk.tool_wait or not is_asked or is_pending(draft.facts):
        return
    draft.set(tool_wait=False)
    asked, uses = prompt(draft.facts, talk.hint, draft.settings.language), tuple(_uses(draft))
    if talk.tool_rounds >= MOST_ROUNDS:
        asked = replace(asked, tools=())
    elif uses:
        said = ""
        if isinstance(talk.turn_state, Speaking):
            said = talk.turn_state.text.removeprefix(talk.filler).strip()
        before = tuple(use for use in asked.used_before if use not in uses)
        asked = replace(asked, used=uses, used_before=before, said=said)
    draft.emit(Think(talk.turn, asked))


def answered(draft: Draft, event: ToolAnswered) -> None:
    """A tool of the owner's gave this; it counts once, whatever the conversation is at by now."""
    _answer(draft, event.result, {event.number})
    _ask_if_known(draft)


def lost(draft: Draft) -> None:
    """Whoever waited for tools is gone, and their answers with them."""
    _answer(draft, NO_ANSWER, {use.number for use in draft.facts.tool_uses})


def _answer(draft: Draft, result: str, numbers: set[int]) -> None:
    uses = tuple(
        replace(use, result=result) if use.result is None and use.number in numbers else use
        for use in draft.facts.tool_uses
    )
    draft.facts = replace(draft.facts, tool_uses=uses)


def transfer_failed(draft: Draft) -> bool:
    """There is no transfer: whether the model called for it, and must be told."""
    *before, last = draft.facts.tool_uses or (None,)
    if last is None or last.result != _CONNECTING:
        return False
    uses = (*before, replace(last, result=_NOT_CONNECTED))
    draft.facts = replace(draft.facts, tool_uses=uses)
    return True


def _uses(draft: Draft) -> list[ToolUse]:
    """Those of this turn."""
    return [use for use in draft.facts.tool_uses if use.turn == draft.talk.turn]


def _result(draft: Draft, call: ToolCall, number: int) -> str | None:
    """What the model is told of its call; None when that is to come."""
    agent = draft.facts.agent
    tool = next((one for one in offered(agent) if one.name == call.name), None)
    given = arguments_of(call)
    if agent is None or tool is None:
        return "Refused: there is no such tool."
    if given is None:
        return "Refused: the arguments are no JSON object."
    for name in agent.builtin_tools:
        if name == tool.name:
            return _ours(draft, agent, name, given)
    wrong = _wrong(tool, given)
    if wrong is not None:
        return f"Refused: {wrong}."
    is_first = not any(use.result is None for use in _uses(draft))
    if is_first and tool.filler:
        _fill(draft, tool)
    draft.emit(UseTool(number, call))
    return None


def _wrong(tool: Tool, given: dict[str, Any]) -> str | None:
    """What is wrong with the arguments. Schemas of more than is checked are older than the check:
    their owners check arguments themselves."""
    schema = msgspec.json.decode(tool.parameters)
    return None if beyond(schema) else fault(schema, given)


def _fill(draft: Draft, tool: Tool) -> None:
    """Say that somebody is busy; it answers nothing, as other fillers."""
    talk, turn_state = draft.talk, draft.talk.turn_state
    if isinstance(turn_state, Thinking):
        again_at = draft.now + FILLER_AGAIN_SECONDS
        filler = f"{talk.filler} {tool.filler}".lstrip()
        draft.set(filler=filler, turn_state=replace(turn_state, filler_at=again_at))
    elif isinstance(turn_state, Speaking):
        draft.set(turn_state=replace(turn_state, text=f"{turn_state.text} {tool.filler}"))
    draft.emit(Say(talk.turn, tool.filler))


def _ours(draft: Draft, agent: Agent, name: Builtin, given: dict[str, Any]) -> str:
    match name:
        case "end_call":
            return _end_call(draft, given.get("goodbye"))
        case "transfer":
            return _transfer(draft, agent, given.get("to"))
        case "press_keys":
            return _press_keys(draft, given.get("digits"))
        case "send_summary":
            return _send_summary(draft, given.get("by"))


def _end_call(draft: Draft, goodbye: object) -> str:
    """The goodbye is said, then the call ends, unless the caller speaks up."""
    turn_state = draft.talk.turn_state
    said = turn_state.text if isinstance(turn_state, Speaking) else ""
    if isinstance(goodbye, str) and goodbye.strip() and not says_goodbye(said):
        sentence(draft, Sentence(draft.talk.turn, " ".join(goodbye.split())))
    elif not said:
        return "Refused: say goodbye first, in `goodbye`."
    draft.set(closing=draft.talk.closing or "agent_goodbye", is_last=True)
    return "The call ends."


def _transfer(draft: Draft, agent: Agent, to: object) -> str:
    """They are connected once what the model said was heard."""
    if not isinstance(to, str) or to not in agent.transfer_to:
        return f"Refused: `to` must be one of {', '.join(agent.transfer_to)}."
    if any(_failed_just_now(use, draft.talk.turn) for use in draft.facts.tool_uses):
        return f"Refused: {_NOT_CONNECTED} Tell them so first."
    refused = refused_while_talking(draft.facts, draft.talk, TransferAsked(to))
    if refused is not None and refused != "disclosing":  # what discloses is said before
        return f"Refused: {refused}."
    draft.set(transfer_to=to, is_last=True)
    return _CONNECTING


def _failed_just_now(use: ToolUse, turn: int) -> bool:
    """Whether this call of it is why the model is asked: trying again at once would never end."""
    return use.result == _NOT_CONNECTED and use.turn == turn - 1


def _press_keys(draft: Draft, digits: object) -> str:
    if not isinstance(digits, str) or not _KEYS.fullmatch(digits):
        return "Refused: `digits` must be up to 32 of 0-9 * # A-D w."
    refused = refused_while_talking(draft.facts, draft.talk, DtmfAsked(digits))
    if refused is not None:
        return f"Refused: {refused}."
    draft.emit(PressKeys(digits), Publish(published.DigitsSent(digits=digits)))
    return "The keys were pressed."


def _send_summary(draft: Draft, by: object) -> str:
    words = next((turn for turn in reversed(draft.facts.turns) if turn.speaker == "caller"), None)
    if by not in {"text", "email"}:
        return "Refused: `by` must be text or email."
    if words is None:
        return "Refused: the person did not ask for it."
    wish = SummaryWish("email" if by == "email" else "text", words.heard)
    draft.facts = replace(draft.facts, summary=wish)
    return "It will be sent after the call, if they may get it."
