"""Voicemail: a machine answered. Leave one short message after its greeting, then end politely.

It knows nothing of conversations: nobody listens, so nothing here recognises or thinks.
"""

from typing import TypeAlias

import msgspec

from media.effects import Effect, EndTurn, OpenMic, Record, Say, Settle
from media.events import EngineFailed, Event, SpeechPaused, Spoken, StreamStopped, Tick
from media.phases.about import About
from media.phases.ending import Ended, Ending, end
from media.settings import AmdSettings

TURN = 0


class Voicemail(msgspec.Struct, frozen=True, tag="voicemail"):
    """`speaking` once the greeting is over and our message is on its way."""

    deadline: float
    speaking: bool = False


Move: TypeAlias = tuple[About, Voicemail | Ending | Ended, list[Effect]]


def enter(about: About, amd: AmdSettings, now: float) -> Move:
    """A machine took the call; `machine_end_*` means that its greeting is over already."""
    record = Record(type="call.voicemail", status="voicemail", waiting_room="completed")
    if not amd.voicemail_message or not about.streaming:
        return end(about, "voicemail", now, record)
    phase = Voicemail(deadline=now + amd.voicemail_patience_seconds)
    if about.answered_by == "machine_start":
        return about, phase, [record, OpenMic()]
    about, phase, effects = _speak(about, phase, amd)
    return about, phase, [record, *effects]


def _speak(
    about: About, phase: Voicemail, amd: AmdSettings
) -> tuple[About, Voicemail, list[Effect]]:
    message = amd.voicemail_message.format(topic=about.topic)
    effects: list[Effect] = [Say(TURN, message), EndTurn(TURN)]
    if amd.count_voicemail and not about.counted:
        about = msgspec.structs.replace(about, counted=True)
        effects.append(Settle(commit=True))
    return about, msgspec.structs.replace(phase, speaking=True), effects


def voicemail(about: About, phase: Voicemail, event: Event, now: float, amd: AmdSettings) -> Move:
    """Speak once the greeting pauses; end when the message was played or cannot be."""
    match event:
        case SpeechPaused() if not phase.speaking:
            return _speak(about, phase, amd)
        case Spoken(turn=turn) if turn == TURN and phase.speaking:
            return end(about, "voicemail", now)
        case EngineFailed() | Tick() | StreamStopped():
            return end(about, "voicemail", now)
        case _:
            return about, phase, []
