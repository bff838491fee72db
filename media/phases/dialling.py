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
from media.phases.about import TERMINAL, About, ringing_at
from media.phases.conversation import Talking
from media.phases.ending import Ended, Ending, carrier_ended, end, finish
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
    About, Dialling | waiting.Waiting | Talking | Voicemail | Ending | Ended, list[Effect]
]


def dialling(about: About, phase: Dialling, event: Event, now: float, settings: Settings) -> Move:
    """Ringing is shown, an answer leads to the waiting room, a refusal ends it."""
    match event:
        case Dialled():
            known = Dialling(deadline=now + PATIENCE_SECONDS)
            return about, known, [Record(type="call.updated", sid=about.sid)]
        case DialRefused():
            return finish(about, "failed", f"refused_{event.code}", now, None)
        case DialUnknown():
            unknown = Dialling(deadline=now + UNKNOWN_SECONDS, unknown=True)
            return about, unknown, [Record(type="call.submission_unknown")]
        case CarrierStatus(status="ringing"):
            record = Record(
                type="call.ringing", status="ringing", sid=about.sid, ringing_at=ringing_at(about)
            )
            return about, Dialling(deadline=now + PATIENCE_SECONDS), [record]
        case CarrierStatus(status="in-progress") | Answered():
            return waiting.enter(about, now, settings)
        case CarrierStatus() if event.status in TERMINAL:
            return carrier_ended(about, event, None, now)
        case CarrierStatus():
            return about, Dialling(deadline=now + PATIENCE_SECONDS), [Record(sid=about.sid)]
        case CarrierSilent(answered=True) if about.sid is None and phase.looks >= UNKNOWN_LOOKS:
            return finish(about, "failed", "not_placed", now, None)
        case Tick() if phase.looks > UNKNOWN_LOOKS:
            if about.sid is None:
                return finish(about, "lost", "carrier_silent", now, None)
            return end(about, "carrier_silent", now)
        case Tick():
            later = msgspec.structs.replace(
                phase, looks=phase.looks + 1, deadline=now + UNKNOWN_SECONDS
            )
            return about, later, [LookUp()]
        case _:
            return about, phase, []
