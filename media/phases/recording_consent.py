"""Whether a call may be recorded: once whoever was called was asked in this call, and said yes.

The laws of some places want everybody's yes, and silence is none. So nobody is taken to have agreed
because they went on talking, a yes without a question counts for nothing, and a no, or a new
question, ends an earlier yes. Nothing that was said before the yes may be kept as sound. Pure; who
asks, and reads answers, is `media/phases/talking/recording.py`.
"""

import msgspec

from media.effects import Record, RecordingState
from media.events import RecordingAnswered, RecordingAsked
from media.phases.facts import CallFacts
from media.wishes.agreement import agreement, wants_no_recording


def consented(facts: CallFacts, event: RecordingAsked | RecordingAnswered) -> CallFacts:
    """The facts after a question whether the call may be recorded, or an answer to it."""
    match event:
        case RecordingAsked():
            return msgspec.structs.replace(facts, recording_consent="asked")
        case RecordingAnswered(agreed=False):
            return msgspec.structs.replace(facts, recording_consent="no")
        case _ if facts.recording_consent == "asked":
            return msgspec.structs.replace(facts, recording_consent="yes")
        case _:
            return facts


def may_record(facts: CallFacts) -> bool:
    """Whether what is heard from now on may be kept as sound."""
    return facts.recording_consent == "yes"


def is_recorded(facts: CallFacts) -> bool:
    """Whether it is to be kept: it may, and somebody wants it just now."""
    return facts.recording == "on" and may_record(facts)


def asked_anew(facts: CallFacts) -> CallFacts:
    """The facts once the question is not what they heard of us last: it is due again."""
    if facts.recording == "asking" and facts.recording_consent == "asked":
        return msgspec.structs.replace(facts, recording_consent="")
    return facts


def refused(facts: CallFacts, said: str) -> tuple[CallFacts, list[Record]]:
    """What words of theirs end, be it that nobody can reply: a recording, or the wait for a yes."""
    match facts.recording:
        case "on" | "paused" if wants_no_recording(said):
            return changed(consented(facts, RecordingAnswered(agreed=False)), "stopped")
        case "asking" if facts.recording_consent == "asked" and agreement(said) == "no":
            return changed(consented(facts, RecordingAnswered(agreed=False)), "declined")
        case _:
            return facts, []


def ended(facts: CallFacts) -> tuple[CallFacts, list[Record]]:
    """The conversation is over, and its recording with it; a question without an answer is a no."""
    match facts.recording:
        case "on" | "paused":
            return changed(facts, "stopped")
        case "asking":
            return changed(facts, "declined")
        case _:
            return facts, []


def changed(
    facts: CallFacts, to: RecordingState, agreed_to: str | None = None
) -> tuple[CallFacts, list[Record]]:
    """The recording's new state, as the call's row and dashboards learn it."""
    record = Record(type="call.recording", recording=to, agreed_to=agreed_to)
    return msgspec.structs.replace(facts, recording=to), [record]
