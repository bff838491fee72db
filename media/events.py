"""Everything that can happen to a call, as frozen tagged values: the journal's rows.

An event is a fact, never a wish about how to react. `step` in `media.call` is the only reader
that decides; the journal stores them as JSON, so a field is only ever added, with a default, and
one that has its default is left out. `operator_id` is the user who asked for something, where that
was not the call's owner, and `request` names what they asked, the same however often they do.
"""

from typing import Literal, TypeAlias

import msgspec

from media.agent import Agent
from media.dialogue import Turn
from media.tools import Outcome, ToolCall

Engine: TypeAlias = Literal["recogniser", "thinker", "voice"]
Side: TypeAlias = Literal["caller", "operator"]  # whose sound is listened to
AnsweredBy: TypeAlias = Literal[
    "human", "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other",
    "fax", "unknown",
]  # fmt: skip
CarrierState: TypeAlias = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed",
    "canceled",
]  # fmt: skip


class Requested(msgspec.Struct, frozen=True, omit_defaults=True, tag="requested"):
    """Somebody asked for this call, or makes it; always the journal's first row.

    `earlier` is what was said on the topic before, in calls, texts or e-mails; `keys` are pressed
    when the number answers, to reach an extension; `agent` is who talks, as it was just then.
    `inbound_sid` is the carrier's name of a call that somebody made to us; "" for one that we make.
    """

    topic: str
    earlier: tuple[Turn, ...] = ()
    keys: str = ""
    agent: Agent | None = None
    inbound_sid: str = ""


class Dialled(msgspec.Struct, frozen=True, tag="dialled"):
    """The carrier accepted the call and gave it a sid."""

    sid: str


class DialRefused(msgspec.Struct, frozen=True, tag="dial_refused"):
    """The carrier said no, so nothing rings. `code` is the carrier's number, 0 if it had none."""

    code: int
    reason: str


class DialUnknown(msgspec.Struct, frozen=True, tag="dial_unknown"):
    """We asked the carrier and got no usable answer: a phone may be ringing, or not."""


class CarrierStatus(msgspec.Struct, frozen=True, omit_defaults=True, tag="carrier_status"):
    """A status callback, or the carrier's own record when we had to look. `at` is epoch seconds."""

    status: CarrierState
    sid: str
    at: float | None = None
    duration_seconds: int | None = None
    sequence: int | None = None


class CarrierSilent(msgspec.Struct, frozen=True, tag="carrier_silent"):
    """We looked the call up: the carrier answered and has none, or (False) gave no clear answer."""

    answered: bool


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """The carrier fetched our instructions: somebody or something picked up."""

    sid: str


class AmdVerdict(msgspec.Struct, frozen=True, omit_defaults=True, tag="amd_verdict"):
    """Who picked up, by the carrier or (`by`) an operator who knows better."""

    answered_by: AnsweredBy
    took_ms: int | None = None
    by: Literal["carrier", "operator"] = "carrier"
    operator_id: str | None = None
    request: str = ""


class Adopted(msgspec.Struct, frozen=True, omit_defaults=True, tag="adopted"):
    """A node goes on with a call that another one ran until about `until` (epoch seconds).

    `dialled` is false if the carrier was never asked. The caller has no sound; `reconnect` when the
    carrier is to be told to connect it anew, because it did not ask.
    """

    until: float
    dialled: bool = True
    reconnect: bool = False


class NodeStopping(msgspec.Struct, frozen=True, tag="node_stopping"):
    """The node is about to end and no other is there to go on with the call."""


class BudgetSpent(msgspec.Struct, frozen=True, tag="budget_spent"):
    """The call has cost as much as one may."""


class StreamStarted(msgspec.Struct, frozen=True, tag="stream_started"):
    """Sound flows both ways."""

    stream_sid: str


class StreamStopped(msgspec.Struct, frozen=True, tag="stream_stopped"):
    """Sound has ended, for whatever reason; the phone call itself may still be up."""

    stream_sid: str


class SpeechBegan(msgspec.Struct, frozen=True, omit_defaults=True, tag="speech_began"):
    """The caller, or an operator in a takeover, started, or went on, speaking."""

    utterance: int
    side: Side = "caller"


class SpeechPaused(msgspec.Struct, frozen=True, omit_defaults=True, tag="speech_paused"):
    """They have been quiet for a moment; the last sound was at `ended_at`."""

    utterance: int
    revision: int
    ended_at: float
    side: Side = "caller"


class Recognised(msgspec.Struct, frozen=True, omit_defaults=True, tag="recognised"):
    """What was said up to the pause numbered `revision`; "" when it was no speech.

    `sounds_complete` is how probably the sound is a whole turn, where a model for it is there;
    `language` is theirs, where the ears tell it, as "es".
    """

    utterance: int
    revision: int
    text: str
    side: Side = "caller"
    sounds_complete: float | None = None
    language: str = ""


class ToneHeard(msgspec.Struct, frozen=True, tag="tone_heard"):
    """A tone, or music, while it matters who picked up; it ended at `ended_at`, or goes on."""

    kind: Literal["beep", "fax", "ringback", "busy", "intercept", "music"]
    hz: int  # 0 of music
    ms: int
    ended_at: float


class Sentence(msgspec.Struct, frozen=True, tag="sentence"):
    """The language model produced a whole sentence for this turn."""

    turn: int
    text: str


class GenerationFinished(msgspec.Struct, frozen=True, tag="thought"):
    """The language model has nothing more to say in this turn."""

    turn: int


class ToolCalled(msgspec.Struct, frozen=True, tag="tool_called"):
    """The language model calls a tool in this turn; all that it calls at once come before its
    GenerationFinished."""

    turn: int
    call: ToolCall


class ToolAnswered(msgspec.Struct, frozen=True, tag="tool_answered"):
    """What a tool of the owner's gave, or in words why it gave nothing; `number` is the call's."""

    number: int
    outcome: Outcome
    result: str


class PlaybackStarted(msgspec.Struct, frozen=True, tag="sound_began"):
    """The first sound of this turn was sent to the carrier."""

    turn: int


class TurnPlayed(msgspec.Struct, frozen=True, omit_defaults=True, tag="spoken"):
    """A turn is over: all of `text` was played, or `heard` was when it was cut off."""

    turn: int
    text: str
    heard: str
    cut: bool = False


class EngineFailed(msgspec.Struct, frozen=True, omit_defaults=True, tag="engine_failed"):
    """An engine raised or took too long. `ref` is the turn, or the utterance for a recogniser."""

    engine: Engine
    ref: int
    side: Side = "caller"


class OperatorSaid(msgspec.Struct, frozen=True, omit_defaults=True, tag="operator_said"):
    """A person wants these words spoken to the caller. `cause` is the command's id."""

    text: str
    interrupt: bool
    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class HangUpAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="hang_up_asked"):
    """A person, or the node on its way out, wants the call to end."""

    reason: str
    operator_id: str | None = None
    request: str = ""


class Keyed(msgspec.Struct, frozen=True, tag="keyed"):
    """The caller pressed a key."""

    digit: str


class AiMuted(msgspec.Struct, frozen=True, omit_defaults=True, tag="ai_muted"):
    """An operator wants the agent to hold its tongue until further notice."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class AiUnmuted(msgspec.Struct, frozen=True, omit_defaults=True, tag="ai_unmuted"):
    """The agent may go on."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class TakeoverAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="takeover_asked"):
    """An operator wants to speak in the agent's place; their sound is to follow. `exclusive`: until
    they give it back nobody else acts on the call (in older journals anybody may)."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""
    exclusive: bool = False


class OperatorJoined(msgspec.Struct, frozen=True, tag="operator_joined"):
    """The sound of the operator who took over is connected."""


class OperatorLeft(msgspec.Struct, frozen=True, tag="operator_left"):
    """The sound of the operator who took over is gone; it may come back."""


class TakeoverReleased(msgspec.Struct, frozen=True, omit_defaults=True, tag="takeover_released"):
    """The operator gives the call back to the agent, or an administrator ends the takeover `of`
    somebody, by name: their id, "" for the call's owner."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""
    of: str | None = None


class ListenBegan(msgspec.Struct, frozen=True, tag="listen_began"):
    """Somebody listens to the call; `listener` tells one from another."""

    listener: str


class ListenEnded(msgspec.Struct, frozen=True, tag="listen_ended"):
    """They listen no more."""

    listener: str


class DtmfAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="dtmf_asked"):
    """An operator wants these keys pressed: 0-9 * # A-D, and w for half a second's pause."""

    digits: str
    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class TransferAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="transfer_asked"):
    """An operator wants the caller connected to this number, without us. `use` names what it was
    counted as, which is given back if nothing comes of it."""

    to: str
    cause: str | None = None
    operator_id: str | None = None
    request: str = ""
    use: str = ""


class Transferred(msgspec.Struct, frozen=True, tag="transferred"):
    """The carrier took the call over for the number."""


class TransferRefused(msgspec.Struct, frozen=True, tag="transfer_refused"):
    """The carrier said no: the call is as it was. `code` is its number, 0 if it had none."""

    code: int


class TransferUnknown(msgspec.Struct, frozen=True, tag="transfer_unknown"):
    """The carrier gave no usable answer; whether the sound stays will tell."""


class RecordStartAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="record_start_asked"):
    """A person wants the call recorded, or recorded again; whoever was called is asked first."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class RecordPauseAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="record_pause_asked"):
    """A person wants nothing of the call recorded until further notice."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class RecordStopAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="record_stop_asked"):
    """A person wants the recording to end, or the question for it dropped."""

    cause: str | None = None
    operator_id: str | None = None
    request: str = ""


class RecordingAsked(msgspec.Struct, frozen=True, omit_defaults=True, tag="recording_asked"):
    """Whoever was called was asked whether the call may be recorded, in these words of ours: their
    id, version and language, as a consent keeps them."""

    wording: str = ""
    version: int = 0
    language: str = ""


class RecordingAnswered(msgspec.Struct, frozen=True, omit_defaults=True, tag="recording_answered"):
    """They answered, or took a yes back."""

    agreed: bool
    by: Literal["words", "key"] = "words"


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """Our own code failed in this call; nobody can go on with it."""


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """The phase's deadline has passed."""


Event: TypeAlias = (
    Requested | Dialled | DialRefused | DialUnknown | CarrierStatus | CarrierSilent | Answered
    | AmdVerdict | StreamStarted | StreamStopped | SpeechBegan | SpeechPaused | Recognised
    | ToneHeard | Sentence | ToolCalled | ToolAnswered | GenerationFinished
    | PlaybackStarted | TurnPlayed | EngineFailed | OperatorSaid | HangUpAsked | Keyed
    | AiMuted | AiUnmuted | TakeoverAsked | OperatorJoined | OperatorLeft
    | TakeoverReleased | ListenBegan | ListenEnded | DtmfAsked | TransferAsked | Transferred
    | TransferRefused | TransferUnknown | RecordStartAsked | RecordPauseAsked | RecordStopAsked
    | RecordingAsked | RecordingAnswered | Adopted | NodeStopping | BudgetSpent
    | Broken | Tick
)  # fmt: skip
