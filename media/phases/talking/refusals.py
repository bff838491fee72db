"""What a conversation refuses of what people, or the language model, ask of it, and why.

It knows no other phase; what an allowed wish leads to is decided elsewhere.
"""

from typing import Literal, TypeAlias

from media.events import (
    AiMuted,
    AiUnmuted,
    DtmfAsked,
    HangUpAsked,
    OperatorSaid,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
)
from media.phases.facts import CallFacts
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Speaking

Refusal: TypeAlias = Literal[
    "not_waiting", "not_talking", "muted", "not_muted", "taken_over", "not_taken_over",
    "no_sound", "transferring", "disclosing", "recording", "not_recording", "recording_declined",
    "held",
]  # fmt: skip
Asked: TypeAlias = (
    AiMuted | AiUnmuted | TakeoverAsked | TakeoverReleased | DtmfAsked | TransferAsked
    | OperatorSaid | RecordStartAsked | RecordPauseAsked | RecordStopAsked | HangUpAsked
)  # fmt: skip


def refused_while_talking(facts: CallFacts, phase: Talking, event: Asked) -> Refusal | None:
    """Why a conversation refuses this wish just now, None when it does not."""
    if _is_held_from(phase, event):
        return "held"
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


def _is_held_from(phase: Talking, event: Asked) -> bool:
    """Whether somebody else took the call over. Its owner may end it all the same, and what is kept
    of it; an administrator ends a takeover by naming who has it, and no other than that one's."""
    if phase.held_by is None:
        return False
    if isinstance(event, TakeoverReleased) and event.of is not None:
        return event.of != phase.held_by
    if phase.held_by == (event.operator_id or ""):
        return False
    match event:
        case HangUpAsked() | RecordPauseAsked() | RecordStopAsked():
            return event.operator_id is not None
        case _:
            return True


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
