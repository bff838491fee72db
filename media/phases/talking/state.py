"""What a conversation holds while it lasts, and the moves everything in it is made of.

A `Draft` is the conversation while one event is worked on: moves change it and say what follows,
and it is frozen again at the step's border. Whose turn it is when is decided elsewhere.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from media import published
from media.dialogue import CHARACTERS_PER_SECOND, Hint, Turn, cut_at_word
from media.effects import Effect, EndTurn, Publish, Say, SayOn, StopThinking, Think, ThinkAhead
from media.events import OperatorSaid, Side, TurnPlayed
from media.phases.facts import CallFacts, prompt, spoke
from media.phases.talking.disclosure import telling, was_told
from media.phases.talking.turn_state import (
    Away,
    CallerPaused,
    Quiet,
    Speaking,
    Standby,
    Thinking,
    TurnState,
    TurnTimer,
    Utterance,
)
from media.settings import ConversationSettings, Settings
from media.turn_taking.pauses import Pauses

FILLER_AGAIN_SECONDS = 3.0
_NO_TOOLS: dict[str, Any] = {
    "filler": "", "tool_rounds": 0, "tool_wait": False, "is_last": False, "transfer_to": "",
}  # fmt: skip
_ON_ITS_WAY_SECONDS = 0.5  # what was sent may not be heard for so long


class Awaited(msgspec.Struct, frozen=True, tag="awaited"):
    """An operator took over; without their sound until `until` the agent goes on."""

    until: float


class Present(msgspec.Struct, frozen=True, tag="present"):
    """The sound of the operator who took over is connected."""


class Gone(msgspec.Struct, frozen=True, tag="away"):
    """It was, and may come back until `until`."""

    until: float


Operator: TypeAlias = Awaited | Present | Gone


class Talking(msgspec.Struct, frozen=True, tag="talking"):
    """`closing` is why the call ends once the current turn was heard; "" while it goes on.

    `answer_turn` is the latest that the language model was asked for; more of that answer may come
    while `is_answering`, and after a noise `rest_turn` says it. `filler` is what was said in it
    meanwhile, `fillers` how often something was in this call. `operator_turns` are those whose
    words a person gave. `operator` is one who took over, `takeovers` counts them, and `held_by` is
    who alone acts on the call meanwhile: their id, "" the call's owner, None nobody in particular.
    `transfer_until` is how long we wait to learn of a transfer's outcome. Time runs from `began_at`
    and ends the call as `limit` says. `tool_rounds` counts how often tools were called in this
    turn; with `tool_wait` the language model is asked again once they have answered, with `is_last`
    it is not, and `transfer_to` is who they are connected to. `spoken_over` is what the caller was
    saying as an operator's words cut in, while nobody knows it. `keys` were pressed by the caller
    and not taken yet; another one may follow until `keys_until`.
    """

    began_at: float
    assumed: bool
    turn_state: TurnState
    deadline: float
    turn: int = 0
    hint: Hint = "none"
    closing: str = ""
    silences: int = 0
    failures: int = 0
    pending: tuple[OperatorSaid, ...] = ()
    operator_turns: tuple[int, ...] = ()
    timer: TurnTimer | None = None
    pauses: Pauses = Pauses()
    muted: bool = False
    operator: Operator | None = None
    takeovers: int = 0
    held_by: str | None = None
    transfer_until: float | None = None
    answer_turn: int = 0
    is_answering: bool = False
    rest_turn: int = 0
    filler: str = ""
    fillers: int = 0
    limit: Literal["time_limit", "budget"] = "time_limit"
    tool_rounds: int = 0
    tool_wait: bool = False
    is_last: bool = False
    transfer_to: str = ""
    spoken_over: Utterance | None = None
    keys: str = ""
    keys_until: float = 0.0

    @property
    def operator_status(self) -> Literal["", "awaited", "present", "away"]:
        """Where the sound of an operator who took over stands; "" when nobody did."""
        match self.operator:
            case Awaited():
                return "awaited"
            case Present():
                return "present"
            case Gone():
                return "away"
            case None:
                return ""


class Draft:
    """A conversation while one event is worked on, and the effects so far; lives for one step."""

    __slots__ = ("effects", "facts", "now", "settings", "talk")

    def __init__(self, facts: CallFacts, talk: Talking, now: float, settings: Settings) -> None:
        self.facts = facts
        self.talk = talk
        self.now = now
        self.settings = settings
        self.effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        """Change fields of the conversation."""
        self.talk = replace(self.talk, **changes)

    def emit(self, *effects: Effect) -> None:
        """These follow, after those before."""
        for effect in effects:
            if isinstance(effect, Think | ThinkAhead | StopThinking):
                self.set(is_answering=isinstance(effect, Think))
        self.effects.extend(effects)

    def spoke(self, side: Side, text: str, utterance: int) -> Publish:
        """Somebody's words enter the history; what is told of it."""
        self.facts, said = spoke(self.facts, side, text, utterance, self.now)
        return said

    def last_speaker(self) -> str:
        """Whose words were the last; "" before any."""
        return self.facts.turns[-1].speaker if self.facts.turns else ""

    def asked(self) -> str:
        """What the caller was last told or asked, all of it; "" before anything."""
        others = (turn.text for turn in reversed(self.facts.turns) if turn.speaker != "caller")
        return next(others, "")


def typed(draft: Draft) -> str:
    """The keys that the caller pressed enter the history as their words."""
    text = draft.talk.keys.rstrip("#") or draft.talk.keys
    draft.emit(draft.spoke("caller", text, -draft.talk.turn))  # of no utterance
    draft.set(keys="")
    return text


def say(draft: Draft, text: str, closing: str = "") -> None:
    """Speak a whole turn of our own words."""
    say_all(draft, sentences(draft, text), closing)


def say_all(draft: Draft, texts: tuple[str, ...], closing: str = "") -> None:
    """Speak these as one turn."""
    turn = draft.talk.turn + 1
    closing = closing or draft.talk.closing
    turn_state = Speaking(turn, " ".join(texts))
    draft.set(turn=turn, turn_state=turn_state, closing=closing, timer=None, **_NO_TOOLS)
    draft.emit(*(Say(turn, text) for text in texts), EndTurn(turn))


def sentences(draft: Draft, text: str) -> tuple[str, ...]:
    """What to say so that `text` is said, to somebody who may not know yet that a machine does."""
    return (text,) if is_told(draft) else telling(text, draft.settings.conversation)


def is_told(draft: Draft) -> bool:
    """Whether they know that a machine speaks, as far as can be told while that is being said."""
    heard = heard_until(draft.talk.turn_state, draft.now - _ON_ITS_WAY_SECONDS)
    return draft.facts.disclosed or (
        heard is not None and was_told(heard.text, heard.heard, draft.settings.conversation)
    )


def rest_comes(draft: Draft) -> bool:
    """Whether more may come of the answer that the current turn says."""
    talk = draft.talk
    has_used = any(use.turn == talk.turn for use in draft.facts.tool_uses)
    return talk.is_answering and talk.turn in (talk.answer_turn, talk.rest_turn) and not has_used


def say_on(draft: Draft, left: str) -> None:
    """Go on with what was cut off; it stays the words of whoever gave them. An answer that is still
    being made is said to its end."""
    is_whole = not rest_comes(draft)
    by_operator = draft.talk.turn in draft.talk.operator_turns
    transfer_to = draft.talk.transfer_to
    *before, left = sentences(draft, left)
    say_all(draft, (*before, left))
    end = draft.effects.pop()
    draft.set(transfer_to=transfer_to)
    draft.effects[-1] = SayOn(draft.talk.turn, left)
    if is_whole:
        draft.emit(end)
    else:
        draft.set(rest_turn=draft.talk.turn)
    if by_operator:
        draft.set(operator_turns=(*draft.talk.operator_turns, draft.talk.turn))


def say_pending(draft: Draft) -> None:
    """Speak the first of an operator's typed words that wait."""
    first, *rest = draft.talk.pending
    say(draft, first.text)
    turn = draft.talk.turn
    draft.set(pending=tuple(rest), operator_turns=(*draft.talk.operator_turns, turn))
    draft.emit(Publish(published.OperatorSpoke(text=first.text, turn=turn), cause=first.cause))


def think(draft: Draft, timer: TurnTimer | None = None) -> None:
    """Ask the language model for the next turn, once it can know what its tools gave."""
    turn = draft.talk.turn + 1
    if timer is not None:
        timer = replace(timer, turn=turn)
    settings = draft.settings.conversation
    patience = max(0.0, settings.filler_seconds - _ears_late(draft, timer))
    filler_at = draft.now + patience if settings.fillers else None
    turn_state = Thinking(turn, filler_at)
    draft.set(turn=turn, answer_turn=turn, turn_state=turn_state, timer=timer, **_NO_TOOLS)
    if is_pending(draft.facts):
        draft.set(tool_wait=True)
    else:
        draft.emit(Think(turn, prompt(draft.facts, draft.talk.hint, draft.settings.language)))
    draft.emit(Publish(published.AgentState(state="thinking"), key="ai"))


def is_pending(facts: CallFacts) -> bool:
    """Whether a tool that the language model called has not answered yet."""
    return any(use.result is None for use in facts.tool_uses)


def awaits_tools(draft: Draft) -> bool:
    """Whether the turn cannot end before tools have answered."""
    return draft.talk.tool_wait or is_pending(draft.facts)


def think_saying(draft: Draft, first: str) -> None:
    """Have the caller's last words answered, with a sentence to be heard meanwhile."""
    think(draft)
    turn, texts = draft.talk.turn, sentences(draft, first)
    draft.set(turn_state=Speaking(turn, " ".join(texts)))
    draft.emit(*(Say(turn, text) for text in texts))


def _ears_late(draft: Draft, timer: TurnTimer | None) -> float:
    """Seconds that the caller waits already because their words came after their silence."""
    if timer is None:
        return 0.0
    silence = draft.settings.speech.finished_silence_ms / 1000
    return max(0.0, timer.recognised_at - timer.ended_at - silence)


def think_ahead(draft: Draft, text: str) -> None:
    """The caller's words may be their turn: have the answer begun while silence decides."""
    turn = Turn("caller", text, text, draft.now)
    facts = replace(draft.facts, turns=(*draft.facts.turns, turn))
    if not is_pending(facts):
        draft.emit(ThinkAhead(prompt(facts, draft.talk.hint, draft.settings.language)))


def fill(draft: Draft, thinking: Thinking) -> None:
    """The language model takes long: say something meanwhile, never the same twice running."""
    talk, fillers = draft.talk, tuple(dict.fromkeys(draft.settings.conversation.fillers))
    again_at = None if talk.filler else draft.now + FILLER_AGAIN_SECONDS  # twice a turn at most
    draft.set(turn_state=replace(thinking, filler_at=again_at))
    if len(fillers) == 1 and talk.fillers:
        return
    first = round(talk.began_at * 1000)  # not the same in every call
    filler = fillers[(first + talk.fillers) % len(fillers)]
    draft.set(filler=f"{talk.filler} {filler}".lstrip(), fillers=talk.fillers + 1)
    draft.emit(Say(thinking.turn, filler))


def listen(draft: Draft, until: float) -> None:
    """Nobody speaks, for so long."""
    draft.set(turn_state=Quiet(until=until))
    draft.emit(Publish(published.AgentState(state="listening"), key="ai"))


def heard_until(turn_state: TurnState, until: float) -> TurnPlayed | None:
    """What the caller can have heard of the turn that was being spoken when its sound ended at
    `until`, judged by time; None when nobody was speaking."""
    if isinstance(turn_state, Standby):
        turn_state = turn_state.saying or turn_state
    if not isinstance(turn_state, Speaking):
        return None
    text, began_at = turn_state.text, turn_state.began_at
    seconds = 0.0 if began_at is None else until - began_at
    heard = cut_at_word(text, seconds * CHARACTERS_PER_SECOND / (len(text) or 1))
    return TurnPlayed(turn_state.turn, text, heard, cut=True)


def next_deadline(talk: Talking, settings: ConversationSettings) -> float:
    """The one deadline: the next hint, the hard stop, or the turn state's own patience."""
    if talk.transfer_until is not None:  # nothing else ends a call that is being transferred
        return talk.transfer_until
    at = talk.began_at + {
        "none": settings.wrap_up_seconds, "wrap_up": settings.urgent_seconds,
        "urgent": settings.limit_seconds,
    }[talk.hint]  # fmt: skip
    match talk.turn_state:
        case Quiet() if talk.keys:
            at = min(at, talk.keys_until)
        case Quiet(until=until) | Away(until=until) | CallerPaused(until=until, text=str()):
            at = min(at, until)
        case Thinking(filler_at=float() as filler_at):
            at = min(at, filler_at)
        case Standby(resume_at=resume_at) as turn_state:
            untils = [
                ear.until for ear in (turn_state.caller, turn_state.operator) if ear and ear.text
            ]
            at = min([at, *untils] if resume_at is None else [at, resume_at, *untils])
        case _:
            pass
    match talk.operator:
        case Awaited(until=until) | Gone(until=until):
            return min(at, until)
        case _:
            return at


def metrics(timer: TurnTimer, now: float) -> Publish:
    """Where the time went between the caller's last sound and the agent's first, in ms."""
    thought = timer.thought_at if timer.thought_at is not None else timer.taken_at

    def ms(since: float, until: float) -> int:
        return round((until - since) * 1000)

    return Publish(
        published.TurnMetrics(
            turn=timer.turn,
            endpointing_ms=ms(timer.ended_at, timer.taken_at)
            - ms(timer.paused_at, timer.recognised_at),
            recognising_ms=ms(timer.paused_at, timer.recognised_at),
            thinking_ms=ms(timer.taken_at, thought),
            speaking_ms=ms(thought, now),
            total_ms=ms(timer.ended_at, now),
        )
    )
