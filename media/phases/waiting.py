"""Waiting: answered, and nobody knows yet by whom or what. This is the AMD waiting room.

The caller's line is silent until either the verdict or our patience opens it. The verdict may
come before the sound stream or after it, twice or never: the outcome does not depend on order.
"""

from typing import TypeAlias

import msgspec

from media.effects import Effect, Json, Prepare, Publish, Record
from media.events import AmdVerdict, Event, StreamStarted, StreamStopped, Tick
from media.phases import voicemail
from media.phases.about import MACHINES, About, answered_at
from media.phases.conversation import Talking
from media.phases.ending import Ended, Ending, end
from media.phases.talking import enter as begin_talking
from media.settings import Settings


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """`assumed` once patience ran out and we take whoever it is for a human.

    `soundless_since` is when the wait for a sound stream began: the answer, or the last stop.
    """

    since: float
    soundless_since: float
    deadline: float
    assumed: bool = False


Move: TypeAlias = tuple[
    About, Waiting | Talking | voicemail.Voicemail | Ending | Ended, list[Effect]
]


def enter(about: About, now: float, settings: Settings) -> Move:
    """Answered: queue in the waiting room and prepare the first words meanwhile."""
    about = msgspec.structs.replace(about, waited=True)
    effects: list[Effect] = [
        Record(
            type="call.answered", status="answered", sid=about.sid, answered_at=answered_at(about)
        ),
        Record(type="call.waiting", status="waiting", waiting_room="waiting"),
        Prepare(settings.conversation.greeting.format(topic=about.topic)),
    ]
    phase = Waiting(now, soundless_since=now, deadline=now + settings.amd.patience_seconds)
    if about.answered_by is None:
        return about, phase, effects
    about, decided, more = _decide(about, phase, now, settings)
    return about, decided, [*effects, *more]


def waiting(about: About, phase: Waiting, event: Event, now: float, settings: Settings) -> Move:
    """Open on the verdict, or on patience; give up when no sound ever comes."""
    match event:
        case AmdVerdict() | StreamStarted():
            return _decide(about, phase, now, settings)
        case StreamStopped():  # it may come back; else the deadline for a stream ends it
            return about, msgspec.structs.replace(phase, soundless_since=now), []
        case Tick() if phase.assumed or about.answered_by is not None:
            return end(about, "no_media", now)
        case Tick():
            assumed = msgspec.structs.replace(phase, assumed=True)
            about, decided, effects = _decide(about, assumed, now, settings)
            data: dict[str, Json] = {
                "answered_by": None, "assumed": "human", "took_ms": _ms(now - phase.since),
            }  # fmt: skip
            return about, decided, [Publish("call.amd.result", data), *effects]
        case _:
            return about, phase, []


def _decide(about: About, phase: Waiting, now: float, settings: Settings) -> Move:
    verdict = about.answered_by
    if verdict == "fax":
        return end(about, "fax", now)
    if verdict is None and not phase.assumed:
        return about, phase, []
    if not about.streaming:
        limit = phase.soundless_since + settings.amd.stream_patience_seconds
        return about, msgspec.structs.replace(phase, deadline=limit), []
    if verdict in MACHINES:
        return voicemail.enter(about, settings.amd, now)
    return begin_talking(about, now, settings, assumed=verdict is None)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
