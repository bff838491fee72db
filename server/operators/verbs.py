"""What an operator can do in a live call, by REST and on the live channel: one row a verb.

Decides nothing; what follows comes as events.
"""

import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from server.calls.verbs import Verb
from server.core.validation import PhoneNumber
from server.operators import actions
from server.operators.actions import AudioTicket, Standing


class Dtmf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys to press: 0-9 * # A-D, and w for half a second's pause."""

    digits: Annotated[
        str,
        Meta(min_length=1, max_length=32, examples=["1w2#"],
             extra_json_schema={"pattern": "^[0-9*#A-Dw]+$"}),
    ]  # fmt: skip


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to connect the caller to; the outcome comes as an event."""

    to: PhoneNumber


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one took over oneself; `of` is whose takeover else, by their id, which operators may
    end."""

    of: uuid.UUID | None = None


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who picked up."""

    answered_by: Annotated[Literal["human", "machine"], Meta(examples=["human"])]


VERBS = (
    Verb(command="call.ai_mute", path="mute", act=actions.mute, summary="Mute the agent"),
    Verb(command="call.ai_unmute", path="unmute", act=actions.unmute, summary="Let it go on"),
    Verb(command="call.takeover", path="takeover", act=actions.take_over, reply=AudioTicket,
         summary="Speak in the agent's place: a ticket for /audio"),
    Verb(command="call.release", path="release", act=actions.release,
         summary="Give the call back to the agent", body=Release),
    Verb(command="call.listen", path="listen", act=actions.listen, reply=AudioTicket,
         summary="Hear the call: a ticket for /audio", has_cause=False),
    Verb(command="call.unlisten", path="unlisten", act=actions.unlisten,
         summary="End one's own listening, as the call's owner all", has_cause=False),
    Verb(command="call.dtmf", path="dtmf", act=actions.dtmf, summary="Press keys", body=Dtmf),
    Verb(command="call.transfer", path="transfer", act=actions.transfer,
         summary="Connect the caller to a number instead", body=Transfer),
    Verb(command="call.recording_start", path="recording/start", act=actions.start_recording,
         summary="Record the call once whoever was called, being asked, says yes; or go on"),
    Verb(command="call.recording_pause", path="recording/pause", act=actions.pause_recording,
         summary="Record nothing until it is started again"),
    Verb(command="call.recording_stop", path="recording/stop", act=actions.stop_recording,
         summary="End the recording, or drop the question for it"),
    Verb(command="call.verdict", path="verdict", act=actions.verdict,
         summary="Say who picked up, in the waiting room", body=Verdict, has_cause=False),
)  # fmt: skip
STANDING = Verb(command="call.standing", act=actions.standing, reply=Standing, has_cause=False)
"""By REST a GET, and asked between nodes."""
