"""What a conversation holds while it lasts, and the moves everything in it is made of.

Say a turn, think up a turn, arm the one deadline. Who gets the floor when is decided elsewhere.
"""

from typing import Literal, TypeAlias

import msgspec

from media import published
from media.dialogue import Hint
from media.effects import Effect, EndTurn, Publish, Say, Think
from media.events import OperatorSaid
from media.phases.about import About, prompt
from media.phases.floor import Aside, Away, CallerPaused, Floor, Lap, Quiet, Speaking, Thinking
from media.settings import ConversationSettings


class Talking(msgspec.Struct, frozen=True, tag="talking"):
    """`closing` is why the call ends once the current turn was heard; "" while it goes on.

    `operator_turns` are those whose words a person gave. `operator` is where the sound of one who
    took over stands ("" when nobody did; without it until `operator_until` the agent goes on), and
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
    operator: Literal["", "awaited", "present", "away"] = ""
    operator_until: float | None = None
    takeovers: int = 0
    transfer_until: float | None = None


Step: TypeAlias = tuple[About, Talking, list[Effect]]


def say(phase: Talking, text: str, closing: str = "") -> tuple[Talking, list[Effect]]:
    """Speak a whole turn of our own words."""
    turn = phase.turn + 1
    phase = msgspec.structs.replace(
        phase, turn=turn, floor=Speaking(turn, text), closing=closing or phase.closing, lap=None
    )
    return phase, [Say(turn, text), EndTurn(turn)]


def say_on(phase: Talking, left: str) -> tuple[Talking, list[Effect]]:
    """Go on with what was cut off; it stays the words of whoever gave them."""
    by_operator = phase.turn in phase.operator_turns
    phase, effects = say(phase, left)
    if by_operator:
        turns = (*phase.operator_turns, phase.turn)
        phase = msgspec.structs.replace(phase, operator_turns=turns)
    return phase, effects


def think(about: About, phase: Talking, lap: Lap | None) -> tuple[Talking, list[Effect]]:
    turn = phase.turn + 1
    if lap is not None:
        lap = msgspec.structs.replace(lap, turn=turn)
    phase = msgspec.structs.replace(phase, turn=turn, floor=Thinking(turn), lap=lap)
    state = Publish(published.AgentState(state="thinking"), key="ai")
    return phase, [Think(turn, prompt(about, phase.hint)), state]


def say_pending(phase: Talking) -> tuple[Talking, list[Effect]]:
    first, *rest = phase.pending
    phase, effects = say(msgspec.structs.replace(phase, pending=tuple(rest)), first.text)
    phase = msgspec.structs.replace(phase, operator_turns=(*phase.operator_turns, phase.turn))
    said = Publish(published.OperatorSpoke(text=first.text, turn=phase.turn), cause=first.cause)
    return phase, [*effects, said]


def arm(phase: Talking, talk: ConversationSettings) -> Talking:
    """The one deadline: the next hint, the hard stop, or the floor's own patience."""
    at = phase.began_at + {
        "none": talk.wrap_up_seconds, "wrap_up": talk.urgent_seconds, "urgent": talk.limit_seconds,
    }[phase.hint]  # fmt: skip
    if phase.transfer_until is not None:  # nothing else ends a call that is being transferred
        return msgspec.structs.replace(phase, deadline=phase.transfer_until)
    match phase.floor:
        case Quiet(until=until) | Away(until=until) | CallerPaused(until=until, text=str()):
            at = min(at, until)
        case Aside(resume_at=resume_at) as floor:
            untils = [ear.until for ear in (floor.caller, floor.operator) if ear and ear.text]
            at = min([at, *untils] if resume_at is None else [at, resume_at, *untils])
        case _:
            pass
    if phase.operator_until is not None:
        at = min(at, phase.operator_until)
    return msgspec.structs.replace(phase, deadline=at)


def metrics(lap: Lap, now: float) -> Publish:
    """Where the time went between the caller's last sound and the agent's first, in ms."""
    thought = lap.thought_at if lap.thought_at is not None else lap.taken_at

    def ms(since: float, until: float) -> int:
        return round((until - since) * 1000)

    return Publish(
        published.TurnMetrics(
            turn=lap.turn,
            endpointing_ms=ms(lap.ended_at, lap.taken_at) - ms(lap.paused_at, lap.recognised_at),
            recognising_ms=ms(lap.paused_at, lap.recognised_at),
            thinking_ms=ms(lap.taken_at, thought),
            speaking_ms=ms(thought, now),
            total_ms=ms(lap.ended_at, now),
        )
    )
