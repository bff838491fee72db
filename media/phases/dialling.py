"""Dialling: the carrier was asked, or is about to be, and nobody has picked up yet.

A dial whose outcome is unknown is never repeated: we wait for the carrier's callbacks, look,
and only then give up.
"""

from typing import TypeAlias

import msgspec

from media.effects import Effect, LookUp, Record
from media.events import (
    Answered,
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    Event,
    Tick,
)
from media.phases import waiting
from media.phases.ending import Ended, Ending, carrier_ended, end, finish
from media.phases.facts import TERMINAL, CallFacts, ringing_at
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.settings import Settings

PATIENCE_SECONDS = 90.0  # longer than any ring time, then we look
UNKNOWN_SECONDS = 5.0  # how often we look for a call that may or may not exist
UNKNOWN_LOOKS = 4


class Dialling(msgspec.Struct, frozen=True, tag="dialling"):
    """`looks` counts how often we asked after a dial of unknown outcome."""

    deadline: float
    unknown: bool = False
    looks: int = 0


Move: TypeAlias = tuple[
    CallFacts, Dialling | waiting.Waiting | Talking | Voicemail | Ending | Ended, list[Effect]
]


def dialling(
    facts: CallFacts, phase: Dialling, event: Event, now: float, settings: Settings
) -> Move:
    """Ringing is shown, an answer leads to the waiting room, a refusal ends it."""
    match event:
        case Dialled():
            known = Dialling(deadline=now + PATIENCE_SECONDS)
            return facts, known, [Record(type="call.updated", sid=facts.sid)]
        case DialRefused():
            return finish(facts, "failed", f"refused_{event.code}", now, None)
        case DialUnknown():
            unknown = Dialling(deadline=now + UNKNOWN_SECONDS, unknown=True)
            return facts, unknown, [Record(type="call.submission_unknown")]
        case CarrierStatus(status="ringing"):
            record = Record(
                type="call.ringing", status="ringing", sid=facts.sid, ringing_at=ringing_at(facts)
            )
            return facts, Dialling(deadline=now + PATIENCE_SECONDS), [record]
        case CarrierStatus(status="in-progress") | Answered():
            return waiting.enter(facts, now, settings)
        case CarrierStatus() if event.status in TERMINAL:
            return carrier_ended(facts, event, None, now)
        case CarrierStatus():
            return facts, Dialling(deadline=now + PATIENCE_SECONDS), [Record(sid=facts.sid)]
        case CarrierSilent(answered=True) if facts.sid is None and phase.looks >= UNKNOWN_LOOKS:
            return finish(facts, "failed", "not_placed", now, None)
        case Tick() if phase.looks > UNKNOWN_LOOKS:
            if facts.sid is None:
                return finish(facts, "lost", "carrier_silent", now, None)
            return end(facts, "carrier_silent", now)
        case Tick():
            later = msgspec.structs.replace(
                phase, looks=phase.looks + 1, deadline=now + UNKNOWN_SECONDS
            )
            return facts, later, [LookUp()]
        case _:
            return facts, phase, []
