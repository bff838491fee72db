"""Connecting: somebody called us, and the carrier was told to connect the sound.

A person is there, so nothing is judged: with the sound the conversation begins. It counts from then
on, and not before. It knows nothing of who calls.
"""

from typing import TypeAlias

import msgspec

from media.effects import Effect, Prepare, Record
from media.events import Event, StreamStarted, Tick
from media.phases.ending import Ended, Ending, end
from media.phases.facts import CallFacts, answered_at
from media.phases.talking.phase import enter as begin_talking
from media.phases.talking.recording import first_turn
from media.phases.talking.state import Talking
from media.settings import Settings


class Connecting(msgspec.Struct, frozen=True, tag="connecting"):
    """Without sound by `deadline` the call ends."""

    deadline: float


Move: TypeAlias = tuple[CallFacts, Connecting | Talking | Ending | Ended, list[Effect]]


def connect(
    facts: CallFacts, now: float, settings: Settings
) -> tuple[CallFacts, Connecting, list[Effect]]:
    """Wait for the sound, the first words ready."""
    phase = Connecting(now + settings.amd.stream_patience_seconds)
    return facts, phase, [Prepare(text) for text in first_turn(settings, facts)]


def connecting(
    facts: CallFacts, phase: Connecting, event: Event, now: float, settings: Settings
) -> Move:
    """Talk once there is sound; give up when none ever comes."""
    match event:
        case StreamStarted():
            if facts.seen_answered_at is None:
                facts = msgspec.structs.replace(facts, seen_answered_at=now)
            answered = Record(
                type="call.answered", status="answered", answered_at=answered_at(facts)
            )
            facts, talk, effects = begin_talking(facts, now, settings, assumed=False)
            return facts, talk, [answered, *effects]
        case Tick():
            return end(facts, "no_media", now)
        case _:
            return facts, phase, []
