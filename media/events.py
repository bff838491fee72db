"""Everything that can happen to a call, as frozen tagged values: the journal's rows.

An event is a fact, never a wish about how to react. `step` in `media.call` is the only reader
that decides; the journal stores them as JSON, so a field is only ever added, with a default.
"""

from typing import Literal, TypeAlias

import msgspec

from media.dialogue import Turn

Engine: TypeAlias = Literal["recogniser", "thinker", "voice"]
AnsweredBy: TypeAlias = Literal[
    "human", "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other",
    "fax", "unknown",
]  # fmt: skip
CarrierState: TypeAlias = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed",
    "canceled",
]  # fmt: skip


class Requested(msgspec.Struct, frozen=True, tag="requested"):
    """Somebody asked for this call; always the journal's first row.

    `earlier` is what was said on the topic before, in calls, texts or e-mails.
    """

    topic: str
    earlier: tuple[Turn, ...] = ()


class Dialled(msgspec.Struct, frozen=True, tag="dialled"):
    """The carrier accepted the call and gave it a sid."""

    sid: str


class DialRefused(msgspec.Struct, frozen=True, tag="dial_refused"):
    """The carrier said no, so nothing rings. `code` is the carrier's number, 0 if it had none."""

    code: int
    reason: str


class DialUnknown(msgspec.Struct, frozen=True, tag="dial_unknown"):
    """We asked the carrier and got no usable answer: a phone may be ringing, or not."""


class CarrierStatus(msgspec.Struct, frozen=True, tag="carrier_status"):
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


class AmdVerdict(msgspec.Struct, frozen=True, tag="amd_verdict"):
    """Who picked up, by the carrier or (`by`) an operator who knows better."""

    answered_by: AnsweredBy
    took_ms: int | None = None
    by: Literal["carrier", "operator"] = "carrier"


class StreamStarted(msgspec.Struct, frozen=True, tag="stream_started"):
    """Sound flows both ways."""

    stream_sid: str


class StreamStopped(msgspec.Struct, frozen=True, tag="stream_stopped"):
    """Sound has ended, for whatever reason; the phone call itself may still be up."""

    stream_sid: str


class SpeechBegan(msgspec.Struct, frozen=True, tag="speech_began"):
    """The caller started, or went on, speaking."""

    utterance: int


class SpeechPaused(msgspec.Struct, frozen=True, tag="speech_paused"):
    """The caller has been quiet for a moment; the last sound was at `ended_at`."""

    utterance: int
    revision: int
    ended_at: float


class Recognised(msgspec.Struct, frozen=True, tag="recognised"):
    """What the caller said up to the pause numbered `revision`; "" when it was no speech."""

    utterance: int
    revision: int
    text: str


class Sentence(msgspec.Struct, frozen=True, tag="sentence"):
    """The mind produced a whole sentence for this turn."""

    turn: int
    text: str


class Thought(msgspec.Struct, frozen=True, tag="thought"):
    """The mind has nothing more to say in this turn."""

    turn: int


class SoundBegan(msgspec.Struct, frozen=True, tag="sound_began"):
    """The first sound of this turn was sent to the carrier."""

    turn: int


class Spoken(msgspec.Struct, frozen=True, tag="spoken"):
    """A turn is over: all of `text` was played, or `heard` was when it was cut off."""

    turn: int
    text: str
    heard: str
    cut: bool = False


class EngineFailed(msgspec.Struct, frozen=True, tag="engine_failed"):
    """An engine raised or took too long. `ref` is the turn, or the utterance for a recogniser."""

    engine: Engine
    ref: int


class OperatorSaid(msgspec.Struct, frozen=True, tag="operator_said"):
    """A person wants these words spoken to the caller. `cause` is the command's id."""

    text: str
    interrupt: bool
    cause: str | None = None


class HangUpAsked(msgspec.Struct, frozen=True, tag="hang_up_asked"):
    """A person, or the node on its way out, wants the call to end."""

    reason: str


class Keyed(msgspec.Struct, frozen=True, tag="keyed"):
    """The caller pressed a key."""

    digit: str


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """Our own code failed in this call; nobody can go on with it."""


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """The phase's deadline has passed."""


Event: TypeAlias = (
    Requested | Dialled | DialRefused | DialUnknown | CarrierStatus | CarrierSilent | Answered
    | AmdVerdict | StreamStarted | StreamStopped | SpeechBegan | SpeechPaused | Recognised
    | Sentence | Thought | SoundBegan | Spoken | EngineFailed | OperatorSaid | HangUpAsked
    | Keyed | Broken | Tick
)  # fmt: skip
