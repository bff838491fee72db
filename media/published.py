"""What a call tells dashboards: one frozen Struct an event, encoded as it stands.

Their base is that of the server's own events, too. Knows no clients.
"""

from typing import Any, ClassVar

import msgspec


class Published(msgspec.Struct, frozen=True):
    """An event as such. `type` is its name on the wire and `tells` says in words what happened.

    `schema` names the shape of its data in `/asyncapi.json`, shared by all events of one shape.
    An `ephemeral` one leaves no row and may be lost.
    """

    type: ClassVar[str]
    tells: ClassVar[str]
    schema: ClassVar[str]
    ephemeral: ClassVar[bool] = False

    def data(self) -> Any:
        """What clients get: the event's fields."""
        return self

    def kept(self) -> Any:
        """What rows keep of it; None: all. Whoever keeps less can make the rest of it again."""
        return None


class AnsweringReason(msgspec.Struct, frozen=True):
    """A piece of evidence: its source, what was heard, what it points to, and how many times
    likelier it makes that (natural logarithm)."""

    source: str
    note: str
    verdict: str
    weight: float


class AmdResult(Published, frozen=True, omit_defaults=True):
    """Who or what picked up, by whose word, after how long; without a word, what is assumed.

    `verdict`, its `probability` and `reasons` are there when it follows from what was heard.
    """

    type, tells, schema = "call.amd.result", "The verdict who picked up", "VerdictData"

    answered_by: str | None
    took_ms: int | None
    by: str | None = None
    assumed: str | None = None
    verdict: str | None = None
    probability: float | None = None
    reasons: tuple[AnsweringReason, ...] = ()


class AnsweringEvidence(Published, frozen=True):
    """How probable each kind of answerer is by now (shares of 1), and why, strongest first."""

    type, tells, schema = "call.answering", "What tells who picked up, so far", "AnsweringData"
    ephemeral = True

    shares: dict[str, float]
    reasons: tuple[AnsweringReason, ...]


class DigitPressed(Published, frozen=True):
    """A key the caller pressed."""

    type, tells, schema = "call.dtmf", "The caller pressed a key", "DigitData"

    digit: str


class TranscriptFinal(Published, frozen=True, omit_defaults=True):
    """A turn of the conversation: what was meant, what reached the other side."""

    type, tells, schema = "transcript.final", "A turn as it was meant and heard", "TurnData"

    speaker: str
    text: str
    heard: str
    cut: bool = False
    segment: str = ""


class TurnMetrics(Published, frozen=True):
    """Where the time went between the caller's last word and the agent's first."""

    type, tells, schema = "turn.metrics", "How long an answer took", "MetricsData"

    turn: int
    endpointing_ms: int
    recognising_ms: int
    thinking_ms: int
    speaking_ms: int
    total_ms: int


class OperatorSpoke(Published, frozen=True):
    """Words of the operator that are being spoken."""

    type, tells, schema = "operator.said", "The operator's words are being spoken", "OperatorData"

    text: str
    turn: int


class NothingData(Published, frozen=True):
    """The type says it all."""

    schema = "NothingData"


class AgentMuted(NothingData, frozen=True):
    type, tells = "ai.muted", "The agent stands aside"


class AgentUnmuted(NothingData, frozen=True):
    type, tells = "ai.unmuted", "The agent goes on"


class TakeoverData(Published, frozen=True, omit_defaults=True):
    """The number of the takeover; as it begins, who holds the call (`by`, absent for its owner);
    and when it ended, why: released or away."""

    schema = "TakeoverData"

    takeover: int
    reason: str | None = None
    by: str | None = None


class TakeoverStarted(TakeoverData, frozen=True):
    type = "takeover.started"
    tells = "An operator speaks in the agent's place"


class TakeoverEnded(TakeoverData, frozen=True):
    type, tells = "takeover.ended", "The agent has the call again"


class ListenerData(Published, frozen=True):
    """Who listens, by a name for this once."""

    schema = "ListenerData"

    listener: str


class ListenStarted(ListenerData, frozen=True):
    type, tells = "listen.started", "Somebody listens"


class ListenEnded(ListenerData, frozen=True):
    type, tells = "listen.ended", "They no longer listen"


class DigitsSent(Published, frozen=True):
    """Keys that were sent into the call."""

    type, tells, schema = "dtmf.sent", "Keys were sent into the call", "DigitsData"

    digits: str


class TransferStarted(Published, frozen=True):
    """Where the call is passed on to."""

    type, tells, schema = "transfer.started", "The call is being passed on", "TransferData"

    to: str


class TransferFailed(Published, frozen=True):
    """The carrier's number for why not; 0 if it had none."""

    type = "transfer.failed"
    tells = "It could not be passed on; the agent goes on"
    schema = "RefusalData"

    code: int


class AudioLevel(Published, frozen=True):
    """How loud a side is, 0 to 1."""

    type, tells, schema = "audio.level", "How loud a side is", "LevelData"
    ephemeral = True

    side: str
    level: float


class TranscriptInterim(Published, frozen=True):
    """Words of an utterance that goes on; the final turn has the same segment."""

    type, tells, schema = "transcript.interim", "Words so far", "InterimData"
    ephemeral = True

    speaker: str
    text: str
    segment: str


class EngineFailed(Published, frozen=True):
    """The engine that failed: recogniser, thinker or voice."""

    type, tells, schema = "engine.failed", "An engine failed or hung", "EngineData"

    engine: str


class AgentState(Published, frozen=True):
    """What the agent does: listening, thinking or speaking."""

    type, tells, schema = "ai.state", "What the agent does", "StateData"
    ephemeral = True

    state: str


class TimerHint(Published, frozen=True):
    """How much of the conversation's time is left."""

    type, tells, schema = "timer.hint", "The time runs out", "HintData"
    ephemeral = True

    hint: str
    left_seconds: float
