"""Voicemail: a machine answered. Leave one short message after its greeting, then end politely.

A greeting is over after a silence longer than those between its sentences. It knows nothing of
conversations: nobody listens, so nothing here recognises or thinks.
"""

from typing import TypeAlias

import msgspec

from media.effects import Effect, EndTurn, OpenMic, Record, Say, Settle
from media.events import (
    EngineFailed,
    Event,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    Tick,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending, end
from media.phases.facts import CallFacts
from media.settings import AmdSettings

TURN = 0
GREETING_OVER_SECONDS = 1.5  # people pause for half a second between sentences


class Voicemail(msgspec.Struct, frozen=True, tag="voicemail"):
    """`speaking` once the greeting is over and our message is on its way.

    A greeting that goes on until `give_up_at` gets no message. After the call was adopted its sound
    may stay away until `soundless_until`; then the message begins anew.
    """

    deadline: float
    give_up_at: float
    speaking: bool = False
    soundless_until: float | None = None


Move: TypeAlias = tuple[CallFacts, Voicemail | Ending | Ended, list[Effect]]


def enter(facts: CallFacts, amd: AmdSettings, now: float) -> Move:
    """A machine took the call; `machine_end_*` means that its greeting is over already."""
    record = Record(type="call.voicemail", status="voicemail", waiting_room="completed")
    if not amd.voicemail_message or not facts.streaming:
        return end(facts, "voicemail", now, record)
    give_up_at = now + amd.voicemail_patience_seconds
    phase = Voicemail(deadline=now + GREETING_OVER_SECONDS, give_up_at=give_up_at)
    if facts.answered_by == "machine_start":
        return facts, phase, [record, OpenMic()]
    facts, phase, effects = _speak(facts, phase, now, amd)
    return facts, phase, [record, *effects]


def _speak(
    facts: CallFacts, phase: Voicemail, now: float, amd: AmdSettings
) -> tuple[CallFacts, Voicemail, list[Effect]]:
    message = amd.voicemail_message.format(topic=facts.topic)
    effects: list[Effect] = [Say(TURN, message), EndTurn(TURN)]
    if amd.count_voicemail and not facts.counted:
        facts = msgspec.structs.replace(facts, counted=True)
        effects.append(Settle(commit=True))
    deadline = now + amd.voicemail_patience_seconds
    return facts, msgspec.structs.replace(phase, deadline=deadline, speaking=True), effects


def _sound_is_back(facts: CallFacts, phase: Voicemail, now: float, amd: AmdSettings) -> Move:
    phase = msgspec.structs.replace(
        phase, soundless_until=None, deadline=now + GREETING_OVER_SECONDS
    )
    return _speak(facts, phase, now, amd) if phase.speaking else (facts, phase, [OpenMic()])


def voicemail(
    facts: CallFacts, phase: Voicemail, event: Event, now: float, amd: AmdSettings
) -> Move:
    """Speak once the greeting is over; end when the message was played or cannot be."""
    match event:
        case StreamStarted() if phase.soundless_until is not None:
            return _sound_is_back(facts, phase, now, amd)
        case SpeechBegan(side="caller") if not phase.speaking:
            return facts, msgspec.structs.replace(phase, deadline=phase.give_up_at), []
        case SpeechPaused(side="caller") if not phase.speaking:
            over_at = min(event.ended_at + GREETING_OVER_SECONDS, phase.give_up_at)
            return facts, msgspec.structs.replace(phase, deadline=over_at), []
        case Tick() if (
            phase.soundless_until is None and not phase.speaking and now < phase.give_up_at
        ):
            return _speak(facts, phase, now, amd)
        case TurnPlayed(turn=turn) | EngineFailed(engine="voice", ref=turn) if (
            turn == TURN and phase.speaking
        ):
            return end(facts, "voicemail", now)
        case Tick() | StreamStopped():
            return end(facts, "voicemail", now)
        case _:
            return facts, phase, []
