"""A call told as a play: events at times, and what must follow from them.

It drives `media.call` with a clock of its own and fires every deadline that passes on the way,
as the runner would. It knows nothing of sound, sockets or rows, but folds what the row learns.
"""

from typing import Any, Self, TypeAlias, TypeVar

import msgspec

from media.agent import Agent
from media.call import Call, Phase, begin, step
from media.effects import Effect, Publish, Record, Say, SayOn, Settle
from media.events import (
    AmdVerdict,
    Answered,
    AnsweredBy,
    CarrierState,
    CarrierStatus,
    Dialled,
    Event,
    OperatorJoined,
    Recognised,
    Requested,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    TakeoverAsked,
    Tick,
    TurnPlayed,
)
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Speaking
from media.settings import Settings

BEGAN = 1_700_000_000.0
SID = "CA00000000000000000000000000000001"
STREAM = "MZ00000000000000000000000000000001"
TOPIC = "gardening"

Wanted: TypeAlias = Effect | type[Effect]
E = TypeVar("E")


def status(
    state: CarrierState, at: float | None = None, seconds: int | None = None
) -> CarrierStatus:
    """A status callback whose own time is `at` seconds into the play."""
    return CarrierStatus(state, SID, None if at is None else BEGAN + at, seconds)


class Script:
    """One call; times are seconds since it was asked for."""

    def __init__(
        self, settings: Settings | None = None, *, inbound: bool = False, agent: Agent | None = None
    ) -> None:
        self.now = BEGAN
        requested = Requested(TOPIC, inbound_sid=SID if inbound else "", agent=agent)
        self.journal: list[tuple[float, Event]] = [(self.now, requested)]
        self.call, self.last = begin(settings or Settings(), requested, self.now)
        self.all: list[Effect] = list(self.last)
        self._utterance = 0

    # What happens

    def at(self, seconds: float) -> Self:
        """Let time pass; each deadline on the way ticks at its own time."""
        self.last = []
        target = BEGAN + seconds
        while (deadline := self.call.phase.deadline) is not None and deadline <= target:
            self.now = max(self.now, deadline)
            self._take(Tick())
        self.now = max(self.now, target)
        return self

    def later(self, seconds: float) -> Self:
        """Let that much more time pass."""
        return self.at(self.now - BEGAN + seconds)

    def hears(self, *events: Event) -> Self:
        """These facts arrive now, in this order."""
        self.last = []
        for event in events:
            self._take(event)
        return self

    def _take(self, event: Event) -> None:
        self.journal.append((self.now, event))
        self.call, effects = step(self.call, event, self.now)
        self.last += effects
        self.all += effects

    # Scenes

    def waiting(self) -> Self:
        """Dialled, rung and answered: the AMD waiting room."""
        return self.hears(Dialled(SID), status("ringing", 1), Answered(SID))

    def talking(self, verdict: AnsweredBy = "human") -> Self:
        """A human is on the line and the greeting is on its way."""
        return self.waiting().hears(StreamStarted(STREAM), AmdVerdict(verdict))

    def quiet(self) -> Self:
        """The greeting was heard and nobody speaks."""
        return self.talking().agent_finishes()

    def voicemail(self, verdict: AnsweredBy = "machine_end_beep") -> Self:
        """A machine is on the line."""
        return self.waiting().hears(StreamStarted(STREAM), AmdVerdict(verdict))

    def agent_finishes(self) -> Self:
        """Everything of the agent's turn is played."""
        turn_state = self.turn_state(Speaking)
        return self.hears(TurnPlayed(turn_state.turn, turn_state.text, turn_state.text))

    def agent_is_cut(self, heard: str) -> Self:
        """The sound lane tells how much of the current turn was heard before it was stopped."""
        turn = self.is_in(Talking).turn
        said = " ".join(e.text for e in self.all if isinstance(e, Say | SayOn) and e.turn == turn)
        return self.hears(TurnPlayed(turn, said, heard, cut=True))

    def taken_over(self) -> Self:
        """An operator speaks in the agent's place."""
        return self.hears(TakeoverAsked(), OperatorJoined())

    def operator_says(self, text: str) -> Self:
        """A whole utterance of the operator, and the silence that makes it a turn."""
        self._utterance += 1
        number = self._utterance
        self.hears(SpeechBegan(number, "operator")).later(1.0)
        paused = SpeechPaused(number, 1, self.now - 0.3, "operator")
        return self.hears(paused, Recognised(number, 1, text, "operator")).later(1.0)

    def caller_begins(self) -> Self:
        self._utterance += 1
        return self.hears(SpeechBegan(self._utterance))

    def caller_pauses(self, text: str | None = None, *, quiet: float = 0.3) -> Self:
        """The caller fell silent `quiet` seconds ago; with `text` the words are known at once."""
        paused = SpeechPaused(self._utterance, 1, self.now - quiet)
        if text is None:
            return self.hears(paused)
        return self.hears(paused, Recognised(self._utterance, 1, text))

    def caller_says(self, text: str) -> Self:
        """A whole utterance, and the silence that makes it a turn."""
        self.caller_begins().later(1.0).caller_pauses(text)
        return self.later(1.0)

    # What must be so

    def expect(self, *wanted: Wanted) -> Self:
        """The last thing that happened brought these, in this order, perhaps among others."""
        rest = iter(self.last)
        for want in wanted:
            assert any(_fits(want, effect) for effect in rest), (want, self.last)
        return self

    def expect_no(self, *unwanted: Wanted) -> Self:
        """The last thing that happened brought none of these."""
        for want in unwanted:
            assert not any(_fits(want, effect) for effect in self.last), (want, self.last)
        return self

    def expect_nothing(self) -> Self:
        """The last thing that happened brought nothing."""
        assert self.last == []
        return self

    def is_in(self, phase: type[E]) -> E:
        """The phase, which is of this type."""
        assert isinstance(self.call.phase, phase), self.call.phase
        return self.call.phase

    def turn_state(self, kind: type[E]) -> E:
        """Whose turn it is in the conversation, which is of this type."""
        turn_state = self.is_in(Talking).turn_state
        assert isinstance(turn_state, kind), turn_state
        return turn_state

    def the(self, kind: type[E]) -> E:
        """The one effect of this type that the last thing brought."""
        (found,) = [effect for effect in self.last if isinstance(effect, kind)]
        return found

    def published(self, type_: str) -> list[Publish]:
        """Everything of this type told to dashboards so far."""
        return [e for e in self.all if isinstance(e, Publish) and e.event.type == type_]

    @property
    def row(self) -> dict[str, Any]:
        """The call's row as all records so far leave it."""
        return row(self.all)

    @property
    def settled(self) -> list[bool]:
        """How the reservation was settled; one entry, if all is well."""
        uses = [effect for effect in self.all if isinstance(effect, Settle) and not effect.use]
        return [effect.commit for effect in uses]

    @property
    def settled_transfers(self) -> list[Settle]:
        """How what transfers counted was settled."""
        return [effect for effect in self.all if isinstance(effect, Settle) and effect.use]


def row(effects: list[Effect]) -> dict[str, Any]:
    """What a list of effects makes of the call's row, without the news' names."""
    folded: dict[str, Any] = {}
    for effect in effects:
        if isinstance(effect, Record):
            fields = msgspec.structs.asdict(effect)
            folded |= {name: value for name, value in fields.items() if value is not None}
    for not_a_column in ("type", "follow_up"):
        folded.pop(not_a_column, None)
    return folded


def _fits(want: Wanted, effect: Effect) -> bool:
    return isinstance(effect, want) if isinstance(want, type) else effect == want


__all__ = ["BEGAN", "SID", "STREAM", "TOPIC", "Call", "Phase", "Script", "row", "status"]
