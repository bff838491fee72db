"""What a conversation holds while it lasts, and the moves everything in it is made of.

A `Draft` is the conversation while one event is worked on: moves change it and say what follows,
and it is frozen again at the step's border. Who gets the floor when is decided elsewhere.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from media.dialogue import Hint, Turn
from media.effects import Effect, EndTurn, Json, Publish, Say, Think
from media.events import OperatorSaid
from media.phases.about import About, prompt
from media.phases.floor import Away, CallerPaused, Floor, Lap, Quiet, Speaking, Standby, Thinking
from media.settings import ConversationSettings, Settings


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

    `operator_turns` are those whose words a person gave. `operator` is one who took over, and
    `takeovers` counts them. `transfer_until` is how long we wait to learn of a transfer's outcome.
    """

    began_at: float
    assumed: bool
    floor: Floor
    deadline: float
    turn: int = 0
    hint: Hint = "none"
    closing: str = ""
    silences: int = 0
    failures: int = 0
    pending: tuple[OperatorSaid, ...] = ()
    operator_turns: tuple[int, ...] = ()
    lap: Lap | None = None
    muted: bool = False
    operator: Operator | None = None
    takeovers: int = 0
    transfer_until: float | None = None

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

    __slots__ = ("about", "effects", "now", "settings", "talk")

    def __init__(self, about: About, talk: Talking, now: float, settings: Settings) -> None:
        self.about = about
        self.talk = talk
        self.now = now
        self.settings = settings
        self.effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        """Change fields of the conversation."""
        self.talk = replace(self.talk, **changes)

    def emit(self, *effects: Effect) -> None:
        """These follow, after those before."""
        self.effects.extend(effects)

    def add_turn(self, turn: Turn) -> None:
        """Somebody's words enter the history."""
        self.about = replace(self.about, turns=(*self.about.turns, turn))

    def last_speaker(self) -> str:
        """Whose words were the last; "" before any."""
        return self.about.turns[-1].speaker if self.about.turns else ""


def say(draft: Draft, text: str, closing: str = "") -> None:
    """Speak a whole turn of our own words."""
    turn = draft.talk.turn + 1
    closing = closing or draft.talk.closing
    draft.set(turn=turn, floor=Speaking(turn, text), closing=closing, lap=None)
    draft.emit(Say(turn, text), EndTurn(turn))


def say_on(draft: Draft, left: str) -> None:
    """Go on with what was cut off; it stays the words of whoever gave them."""
    by_operator = draft.talk.turn in draft.talk.operator_turns
    say(draft, left)
    if by_operator:
        draft.set(operator_turns=(*draft.talk.operator_turns, draft.talk.turn))


def say_pending(draft: Draft) -> None:
    """Speak the first of an operator's typed words that wait."""
    first, *rest = draft.talk.pending
    say(draft, first.text)
    turn = draft.talk.turn
    draft.set(pending=tuple(rest), operator_turns=(*draft.talk.operator_turns, turn))
    draft.emit(Publish("operator.said", {"text": first.text, "turn": turn}, cause=first.cause))


def think(draft: Draft, lap: Lap | None = None) -> None:
    """Ask the language model for the next turn."""
    turn = draft.talk.turn + 1
    if lap is not None:
        lap = replace(lap, turn=turn)
    draft.set(turn=turn, floor=Thinking(turn), lap=lap)
    draft.emit(
        Think(turn, prompt(draft.about, draft.talk.hint)),
        Publish("ai.state", {"state": "thinking"}, key="ai"),
    )


def listen(draft: Draft, until: float) -> None:
    """Nobody speaks, for so long."""
    draft.set(floor=Quiet(until=until))
    draft.emit(Publish("ai.state", {"state": "listening"}, key="ai"))


def next_deadline(talk: Talking, settings: ConversationSettings) -> float:
    """The one deadline: the next hint, the hard stop, or the floor's own patience."""
    if talk.transfer_until is not None:  # nothing else ends a call that is being transferred
        return talk.transfer_until
    at = talk.began_at + {
        "none": settings.wrap_up_seconds, "wrap_up": settings.urgent_seconds,
        "urgent": settings.limit_seconds,
    }[talk.hint]  # fmt: skip
    match talk.floor:
        case Quiet(until=until) | Away(until=until) | CallerPaused(until=until, text=str()):
            at = min(at, until)
        case Standby(resume_at=resume_at) as floor:
            untils = [ear.until for ear in (floor.caller, floor.operator) if ear and ear.text]
            at = min([at, *untils] if resume_at is None else [at, resume_at, *untils])
        case _:
            pass
    match talk.operator:
        case Awaited(until=until) | Gone(until=until):
            return min(at, until)
        case _:
            return at


def metrics(lap: Lap, now: float) -> Publish:
    """Where the time went between the caller's last sound and the agent's first, in ms."""
    thought = lap.thought_at if lap.thought_at is not None else lap.taken_at

    def ms(since: float, until: float) -> int:
        return round((until - since) * 1000)

    data: dict[str, Json] = {
        "turn": lap.turn,
        "endpointing_ms": ms(lap.ended_at, lap.taken_at) - ms(lap.paused_at, lap.recognised_at),
        "recognising_ms": ms(lap.paused_at, lap.recognised_at),
        "thinking_ms": ms(lap.taken_at, thought),
        "speaking_ms": ms(thought, now),
        "total_ms": ms(lap.ended_at, now),
    }
    return Publish("turn.metrics", data)
