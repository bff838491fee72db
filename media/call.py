"""The decision lane: `step` takes a call, one event and the time, and says what follows.

Pure: no clock, no I/O, no sound. The state of a call is the fold of its journal through `step`,
so a call can be resumed or replayed anywhere the journal can be read.
"""

from collections.abc import Iterable

import msgspec

from media import published
from media.dialogue import Turn
from media.effects import Dial, Effect, Publish, Record
from media.events import (
    AmdVerdict,
    Answered,
    Broken,
    CarrierStatus,
    Dialled,
    Event,
    HangUpAsked,
    ListenBegan,
    ListenEnded,
    Requested,
    Spoken,
    StreamStarted,
    StreamStopped,
)
from media.phases.about import TERMINAL, About, final, learn, times
from media.phases.conversation import Talking
from media.phases.dialling import PATIENCE_SECONDS, Dialling, dialling
from media.phases.ending import Ended, Ending, carrier_ended, end, ending, finish
from media.phases.refusals import Phase, Refusal
from media.phases.refusals import refusal as _refusal
from media.phases.talking import talking
from media.phases.voicemail import Voicemail, voicemail
from media.phases.waiting import Waiting, waiting
from media.settings import Settings

__all__ = ["Call", "Phase", "Refusal", "begin", "fold", "refusal", "step"]


class Call(msgspec.Struct, frozen=True):
    """One call: how it is run, what is true of it, and the phase it is in."""

    settings: Settings
    about: About
    phase: Phase


def begin(settings: Settings, event: Requested, now: float) -> tuple[Call, list[Effect]]:
    """The first event of every journal."""
    about = About(topic=event.topic, begun_at=now, earlier=event.earlier)
    return Call(settings, about, Dialling(deadline=now + PATIENCE_SECONDS)), [Dial()]


def refusal(call: Call, event: Event) -> Refusal | None:
    """Why the call refuses what a person asks for just now; None if `step` will act on it."""
    return _refusal(call.about, call.phase, event)


def step(call: Call, event: Event, now: float) -> tuple[Call, list[Effect]]:
    """What follows from one event; the same answer for the same arguments, always."""
    if refusal(call, event) is not None:
        return call, []
    about, told = _learn(call, event, now)
    about, phase, effects = _move(call, about, event, now)
    return Call(call.settings, about, phase), told + effects


def fold(settings: Settings, journal: Iterable[tuple[float, Event]]) -> Call:
    """The state a journal (time and event, in order) leads to. Raises ValueError on a bad start."""
    rows = iter(journal)
    first = next(rows, None)
    if first is None or not isinstance(first[1], Requested):
        raise ValueError("a journal starts with 'requested'")
    call, _ = begin(settings, first[1], first[0])
    for at, event in rows:
        call, _ = step(call, event, at)
    return call


def _learn(call: Call, event: Event, now: float) -> tuple[About, list[Effect]]:
    """Facts that hold in any phase, and what the row learns from them even after the end."""
    about = call.about
    if (
        _shows_answer(event)
        and about.seen_answered_at is None
        and not isinstance(call.phase, Ended)
    ):
        about = msgspec.structs.replace(about, seen_answered_at=now)
    match event:
        case CarrierStatus():
            about = learn(about, event)
            late = isinstance(call.phase, Waiting | Talking | Voicemail | Ended)
            if late and times(about) != times(call.about):
                record = times(about)
                return about, [msgspec.structs.replace(record, type="call.updated")]
        case Dialled() | Answered() if about.sid is None:
            about = msgspec.structs.replace(about, sid=event.sid)
        case AmdVerdict() if about.answered_by is None and not isinstance(call.phase, Ended):
            about = msgspec.structs.replace(about, answered_by=event.answered_by)
            return about, _verdict_told(call, event, now)
        case Spoken():
            return _spoken_told(call, event, now)
        case ListenBegan(listener=who) if not isinstance(call.phase, Ended):
            return about, [Publish(published.ListenStarted(listener=who))]
        case ListenEnded(listener=who) if not isinstance(call.phase, Ended):
            return about, [Publish(published.ListenEnded(listener=who))]
        case StreamStarted():
            about = msgspec.structs.replace(about, streaming=True)
        case StreamStopped():
            about = msgspec.structs.replace(about, streaming=False)
        case _:
            pass
    return about, []


def _shows_answer(event: Event) -> bool:
    told = isinstance(event, CarrierStatus) and event.status == "in-progress"
    return told or isinstance(event, Answered)


def _verdict_told(call: Call, event: AmdVerdict, now: float) -> list[Effect]:
    record = Record(answered_by=event.answered_by)
    took_ms = event.took_ms
    if isinstance(call.phase, Waiting):
        if event.by == "operator":
            took_ms = round((now - call.phase.since) * 1000)
        record = msgspec.structs.replace(record, waiting_room="processing")
    return [
        record,
        Publish(published.AmdResult(answered_by=event.answered_by, by=event.by, took_ms=took_ms)),
    ]


def _spoken_told(call: Call, event: Spoken, now: float) -> tuple[About, list[Effect]]:
    """What was heard enters the history; a turn nobody heard a word of never happened."""
    about = call.about
    if not event.heard:
        return about, []
    by_operator = isinstance(call.phase, Talking) and event.turn in call.phase.operator_turns
    turn = Turn("operator" if by_operator else "agent", event.text, event.heard, now)
    told = final(turn.speaker, event.text, event.heard, f"agent:{event.turn}", cut=event.cut)
    about = msgspec.structs.replace(about, turns=(*about.turns, turn))
    return about, [told]


def _move(call: Call, about: About, event: Event, now: float) -> tuple[About, Phase, list[Effect]]:
    phase = call.phase
    match phase:
        case Ended():
            return about, phase, []
        case _ if isinstance(event, Broken):
            return finish(about, "lost", "internal_error", now, None)
        case Ending():
            return ending(about, phase, event, now)
        case _ if isinstance(event, HangUpAsked):
            return end(about, event.reason, now)
        case Dialling():
            return dialling(about, phase, event, now, call.settings)
        case _ if isinstance(event, CarrierStatus) and event.status in TERMINAL:
            return carrier_ended(about, event, None, now)
        case Waiting():
            return waiting(about, phase, event, now, call.settings)
        case Talking():
            return talking(about, phase, event, now, call.settings)
        case Voicemail():
            return voicemail(about, phase, event, now, call.settings.amd)
