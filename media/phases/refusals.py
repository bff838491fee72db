"""What people may not ask of a call just now, and why: one answer for who asks and who decides.

`step` lets a refused event change nothing, and whoever wants to ask learns the reason here before.
It knows nothing of what an allowed wish leads to, and no facts: those are never refused.
"""

from typing import Literal, TypeAlias, TypeGuard, get_args

from media.events import (
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    DtmfAsked,
    Event,
    OperatorSaid,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
)
from media.phases.connecting import Connecting
from media.phases.dialling import Dialling
from media.phases.ending import Ended, Ending
from media.phases.facts import CallFacts
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Speaking
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting

Refusal: TypeAlias = Literal[
    "not_waiting", "not_talking", "muted", "not_muted", "taken_over", "not_taken_over",
    "no_sound", "transferring", "disclosing", "recording", "not_recording", "recording_declined",
]  # fmt: skip
Phase: TypeAlias = Dialling | Connecting | Waiting | Talking | Voicemail | Ending | Ended
Asked: TypeAlias = (
    AiMuted | AiUnmuted | TakeoverAsked | TakeoverReleased | DtmfAsked | TransferAsked
    | OperatorSaid | RecordStartAsked | RecordPauseAsked | RecordStopAsked
)  # fmt: skip
_ASKED = frozenset(get_args(Asked))


def refusal(facts: CallFacts, phase: Phase, event: Event) -> Refusal | None:
    """Why this event is refused, None when it is not. Only what people ask for ever is."""
    if isinstance(event, AmdVerdict) and event.by == "operator":
        undecided = isinstance(phase, Waiting) and facts.answered_by is None
        return None if undecided else "not_waiting"
    if not _is_asked(event):
        return None
    if not isinstance(phase, Talking):
        return "not_talking"
    return _while_talking(facts, phase, event)


def _is_asked(event: Event) -> TypeGuard[Asked]:
    return type(event) in _ASKED


def _while_talking(facts: CallFacts, phase: Talking, event: Asked) -> Refusal | None:
    match event:
        case AiMuted() if phase.muted:
            return "muted"
        case AiUnmuted() if not phase.muted:
            return "not_muted"
        case TakeoverReleased() if not phase.operator:
            return "not_taken_over"
        case TakeoverAsked() if phase.operator:
            return "taken_over"
        case DtmfAsked() | TransferAsked() if not facts.streaming:
            return "no_sound"
        case TakeoverAsked() | DtmfAsked() | TransferAsked() if phase.transfer_until is not None:
            return "transferring"
        case TransferAsked() if isinstance(phase.turn_state, Speaking) and not facts.disclosed:
            return "disclosing"
        case RecordStartAsked():
            return _to_record(facts, phase)
        case RecordPauseAsked() if facts.recording != "on":
            return "not_recording"
        case RecordStopAsked() if facts.recording not in {"asking", "on", "paused"}:
            return "not_recording"
        case _:
            return None


def _to_record(facts: CallFacts, phase: Talking) -> Refusal | None:
    """Whoever did not say yes yet is asked, for which the agent has to be able to speak."""
    if facts.recording in {"asking", "on"}:
        return "recording"
    if facts.recording_consent == "yes":
        return None
    if facts.recording_consent == "no":
        return "recording_declined"
    if phase.transfer_until is not None:
        return "transferring"
    if phase.operator is not None:
        return "taken_over"
    if phase.muted:
        return "muted"
    return None if facts.streaming else "no_sound"
