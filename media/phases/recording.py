"""Whether a call may be recorded: once whoever was called was asked in this call, and said yes.

The laws of some places want everybody's yes, and silence is none. So nobody is taken to have agreed
because they went on talking, a yes without a question counts for nothing, and a no, or a new
question, ends an earlier yes. Nothing that was said before the yes may be kept as sound. Pure.
"""

import msgspec

from media.events import RecordingAnswered, RecordingAsked
from media.phases.facts import CallFacts


def recording(facts: CallFacts, event: RecordingAsked | RecordingAnswered) -> CallFacts:
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
