"""Everything a call can ask for. The runner performs each in exactly one place.

An effect says what, never how: it names no vendor, no table and no socket.
"""

from typing import Literal, TypeAlias

import msgspec

from media.dialogue import Prompt, Speaker
from media.events import AnsweredBy, Side
from media.published import Published
from media.tools import ToolCall

RecordingState: TypeAlias = Literal["asking", "on", "paused", "stopped", "declined"]
Status: TypeAlias = Literal[
    "initiating", "ringing", "answered", "waiting", "talking", "voicemail", "ended", "busy",
    "no_answer", "failed", "canceled", "lost",
]  # fmt: skip


class Dial(msgspec.Struct, frozen=True):
    """Ask the carrier to call; answers with Dialled, DialRefused or DialUnknown."""


class LookUp(msgspec.Struct, frozen=True):
    """Ask the carrier what it knows; answers with CarrierStatus, Dialled or CarrierSilent, or, of a
    transfer under way, with Transferred or TransferRefused."""


class Reconnect(msgspec.Struct, frozen=True):
    """Have the carrier connect the sound anew; a refusal is answered by what it knows of the
    call."""


class HangUp(msgspec.Struct, frozen=True):
    """End the phone call at the carrier; ending what has ended is success."""


class Prepare(msgspec.Struct, frozen=True):
    """Make the sound of this text now, to have it at once when it is said."""

    text: str


class OpenMic(msgspec.Struct, frozen=True):
    """Start listening afresh."""

    side: Side = "caller"


SO_FAR = -1  # no revision: what is recognised before anybody paused


class Recognise(msgspec.Struct, frozen=True):
    """Find out what was said in the utterance so far; answers with Recognised."""

    utterance: int
    revision: int
    side: Side = "caller"


class TakeUtterance(msgspec.Struct, frozen=True):
    """The utterance is understood or given up: its sound can be forgotten."""

    utterance: int
    side: Side = "caller"


class Think(msgspec.Struct, frozen=True):
    """Ask the language model for the next words; answers with Sentence* and
    GenerationFinished."""

    turn: int
    prompt: Prompt


class ThinkAhead(msgspec.Struct, frozen=True):
    """Ask already, in case this becomes the prompt of the next `Think`; StopThinking, or another
    prompt, drops it without a trace."""

    prompt: Prompt


class UseTool(msgspec.Struct, frozen=True):
    """Have a tool of the owner's do its work, once; answers with ToolAnswered."""

    number: int
    call: ToolCall


class StopThinking(msgspec.Struct, frozen=True):
    """Nobody wants the answer any more."""


class Say(msgspec.Struct, frozen=True):
    """Speak this text after what is already queued, as part of the turn."""

    turn: int
    text: str


class SayOn(msgspec.Struct, frozen=True):
    """Go on with `text`, which was cut off: from the sound it was cut off in, as far as there is
    any; else as `Say`."""

    turn: int
    text: str


class EndTurn(msgspec.Struct, frozen=True):
    """Nothing more comes in this turn; answers with TurnPlayed when it was played."""

    turn: int


class StopPlayback(msgspec.Struct, frozen=True):
    """Be quiet at once; answers with TurnPlayed(cut=True) for what was being said."""


class PressKeys(msgspec.Struct, frozen=True):
    """Let these keys be heard, before whatever else is queued."""

    digits: str


class LetGoOperator(msgspec.Struct, frozen=True):
    """The operator's sound goes to the caller no more."""


class Transfer(msgspec.Struct, frozen=True):
    """Have the carrier connect the caller to this number; answers with Transferred,
    TransferRefused or TransferUnknown. `by_agent` if nobody asked but the language model; `use`
    names what it counts as, among those of this call."""

    to: str
    by_agent: bool = False
    use: str = ""


class Record(msgspec.Struct, frozen=True):
    """Change the call's row and tell dashboards (`type`); absent fields stay as they are.

    Times are epoch seconds. `waiting_room` moves the call's entry in the waiting room; `follow_up`
    tells whether what was said has to be looked at after the call; `agreed_to` are words of ours in
    which whoever was called agreed to be recorded; `language` is what the call goes on in.
    """

    type: str | None = None
    status: Status | None = None
    sid: str | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    duration_seconds: int | None = None
    answered_by: AnsweredBy | None = None
    end_reason: str | None = None
    waiting_room: Literal["waiting", "processing", "completed"] | None = None
    follow_up: bool | None = None
    recording: RecordingState | None = None
    agreed_to: str | None = None
    language: str | None = None


class Settle(msgspec.Struct, frozen=True):
    """The reserved call, or a transfer of it (`use`), counts (commit) or does not (release)."""

    commit: bool
    use: str = ""


class Publish(msgspec.Struct, frozen=True):
    """Tell dashboards. `key` names an ephemeral thing, of which only the newest matters; `cause` is
    the id of the command that it follows from."""

    event: Published
    key: str | None = None
    cause: str | None = None


class Close(msgspec.Struct, frozen=True):
    """The call is over and recorded: let go of everything."""


SoundEffect: TypeAlias = (
    OpenMic
    | Recognise
    | TakeUtterance
    | Say
    | SayOn
    | EndTurn
    | StopPlayback
    | PressKeys
    | LetGoOperator
)
Effect: TypeAlias = (
    Dial | LookUp | Reconnect | HangUp | Transfer | Prepare | Think | ThinkAhead | UseTool
    | StopThinking
    | SoundEffect | Record | Settle | Publish | Close
)  # fmt: skip


def lasts(effect: Record | Settle | Publish) -> bool:
    """Whether dashboards get an event of it that lasts."""
    match effect:
        case Publish(key=key):
            return key is None
        case Record(type=kind):
            return kind is not None
        case Settle():
            return True


__all__ = ["Effect", "Prompt", "Speaker", "Status"]
