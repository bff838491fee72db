"""A call as clients see it: its row in public shape. Knows no requests and no sockets."""

import uuid

import msgspec

from db.calls import CallRow, Direction
from server.core.events import Event
from server.core.times import rfc3339


class CallOut(msgspec.Struct, frozen=True):
    """A call on the wire; `direction` is "inbound" where the user called us. `recording` is null
    while nobody wanted one; one that is `stopped` can be heard, until its time is up. `language` is
    what the caller made it go on in; null: it is in its agent's."""

    id: uuid.UUID
    user_id: uuid.UUID
    user_phone_number: str
    topic: str
    twilio_call_sid: str | None
    status: str
    answered_by: str | None
    initiated_time: str | None
    ringing_time: str | None
    answered_time: str | None
    ended_time: str | None
    duration_seconds: int | None
    end_reason: str | None
    recording: str | None
    created_at: str | None
    updated_at: str | None
    direction: Direction
    language: str | None


class CallKept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What changes of a call, as rows of events keep it."""

    status: str
    updated_at: str | None
    twilio_call_sid: str | None = None
    answered_by: str | None = None
    ringing_time: str | None = None
    answered_time: str | None = None
    ended_time: str | None = None
    duration_seconds: int | None = None
    end_reason: str | None = None
    recording: str | None = None
    language: str | None = None


def call_out(row: CallRow) -> CallOut:
    """A call's row as clients see it."""
    return CallOut(
        id=row.id,
        user_id=row.user_id,
        user_phone_number=row.user_phone_number,
        topic=row.topic,
        twilio_call_sid=row.twilio_call_sid,
        status=row.status,
        answered_by=row.answered_by,
        initiated_time=rfc3339(row.initiated_time),
        ringing_time=rfc3339(row.ringing_time),
        answered_time=rfc3339(row.answered_time),
        ended_time=rfc3339(row.ended_time),
        duration_seconds=row.duration_seconds,
        end_reason=row.end_reason,
        recording=row.recording,
        created_at=rfc3339(row.created_at),
        updated_at=rfc3339(row.updated_at),
        direction=row.direction,
        language=row.language,
    )


class CallData(Event, frozen=True):
    """The call as it now is."""

    schema = "CallData"

    call: CallOut

    def kept(self) -> dict[str, CallKept]:
        """The call's row has the rest of it, at all times: whoever reads the event puts it back."""
        return {"call": msgspec.convert(self.call, CallKept, from_attributes=True)}


class CallInitiating(CallData, frozen=True):
    type, tells = "call.initiating", "A call was asked for, or comes in"


class CallUpdated(CallData, frozen=True):
    type = "call.updated"
    tells = "The carrier took the call, or told more of it"


class CallSubmissionUnknown(CallData, frozen=True):
    type = "call.submission_unknown"
    tells = "Whether it was dialled is being looked up"


class CallRinging(CallData, frozen=True):
    type, tells = "call.ringing", "It rings"


class CallAnswered(CallData, frozen=True):
    type, tells = "call.answered", "Somebody or something picked up"


class CallWaiting(CallData, frozen=True):
    type, tells = "call.waiting", "In the waiting room until it is known who"


class CallTalking(CallData, frozen=True):
    type, tells = "call.talking", "The conversation began"


class CallRecording(CallData, frozen=True):
    type = "call.recording"
    tells = "Whether it is recorded: asked for, begun, paused, stopped or declined"


class CallLanguage(CallData, frozen=True):
    type = "call.language"
    tells = "It goes on in the language that the caller speaks"


class CallVoicemail(CallData, frozen=True):
    type, tells = "call.voicemail", "A message is being left"


class CallEnded(CallData, frozen=True):
    type, tells = "call.ended", "It is over"


class CallLost(CallData, frozen=True):
    type, tells = "call.lost", "It is over and nobody knows how it went"


CALL_EVENTS: dict[str, type[CallData]] = {
    event.type: event
    for event in (
        CallInitiating,
        CallUpdated,
        CallSubmissionUnknown,
        CallRinging,
        CallAnswered,
        CallWaiting,
        CallTalking,
        CallRecording,
        CallLanguage,
        CallVoicemail,
        CallEnded,
        CallLost,
    )
}
