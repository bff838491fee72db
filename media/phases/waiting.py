"""Waiting: answered, and nobody knows yet by whom or what. This is the AMD waiting room.

The caller's line is silent until either the verdict or our patience opens it. The verdict may
come before the sound stream or after it, twice or never: the outcome does not depend on order.
"""

from typing import TypeAlias

import msgspec

from media import published
from media.effects import Effect, Prepare, Publish, Record
from media.events import AmdVerdict, Event, StreamStarted, StreamStopped, Tick
from media.phases import voicemail
from media.phases.ending import Ended, Ending, end
from media.phases.facts import MACHINES, CallFacts, answered_at
from media.phases.talking.disclosure import greeting
from media.phases.talking.phase import enter as begin_talking
from media.phases.talking.state import Talking
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
    CallFacts, Waiting | Talking | voicemail.Voicemail | Ending | Ended, list[Effect]
]


def enter(facts: CallFacts, now: float, settings: Settings) -> Move:
    """Answered: queue in the waiting room and prepare the first words meanwhile."""
    facts = msgspec.structs.replace(facts, waited=True)
    effects: list[Effect] = [
        Record(
            type="call.answered", status="answered", sid=facts.sid, answered_at=answered_at(facts)
        ),
        Record(type="call.waiting", status="waiting", waiting_room="waiting"),
        *(Prepare(text) for text in greeting(settings.conversation, facts.topic)),
    ]
    phase = Waiting(now, soundless_since=now, deadline=now + settings.amd.patience_seconds)
    if facts.answered_by is None:
        return facts, phase, effects
    facts, decided, more = _decide(facts, phase, now, settings)
    return facts, decided, [*effects, *more]


def waiting(facts: CallFacts, phase: Waiting, event: Event, now: float, settings: Settings) -> Move:
    """Open on the verdict, or on patience; give up when no sound ever comes."""
    match event:
        case AmdVerdict() | StreamStarted():
            return _decide(facts, phase, now, settings)
        case StreamStopped():  # it may come back; else the deadline for a stream ends it
            return facts, msgspec.structs.replace(phase, soundless_since=now), []
        case Tick() if phase.assumed or facts.answered_by is not None:
            return end(facts, "no_media", now)
        case Tick():
            assumed = msgspec.structs.replace(phase, assumed=True)
            facts, decided, effects = _decide(facts, assumed, now, settings)
            return (
                facts,
                decided,
                [
                    Publish(
                        published.AmdResult(
                            answered_by=None, assumed="human", took_ms=_ms(now - phase.since)
                        )
                    ),
                    *effects,
                ],
            )
        case _:
            return facts, phase, []


def _decide(facts: CallFacts, phase: Waiting, now: float, settings: Settings) -> Move:
    verdict = facts.answered_by
    if verdict == "fax":
        return end(facts, "fax", now)
    if verdict is None and not phase.assumed:
        return facts, phase, []
    if not facts.streaming:
        limit = phase.soundless_since + settings.amd.stream_patience_seconds
        return facts, msgspec.structs.replace(phase, deadline=limit), []
    if verdict in MACHINES:
        return voicemail.enter(facts, settings.amd, now)
    return begin_talking(facts, now, settings, assumed=verdict is None)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
