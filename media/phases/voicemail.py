"""Voicemail: a machine answered. Leave one whole message after its beep, then end politely.

The message follows the beep, or a silence where none was promised; a beep in its first seconds
means that nothing of it was recorded, and it begins anew. A mailbox that is full gets none.
A person who picks up after all is told from the machine elsewhere. It knows nothing of
conversations.
"""

from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from media.answering.phrases import matches
from media.answering.weighing import weigh
from media.dialogue import within
from media.effects import (
    Effect,
    EndTurn,
    OpenMic,
    Recognise,
    Record,
    Say,
    Settle,
    StopPlayback,
    TakeUtterance,
)
from media.events import (
    AmdVerdict,
    EngineFailed,
    Event,
    Recognised,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    Tick,
    ToneHeard,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending, end
from media.phases.facts import CallFacts
from media.settings import AmdSettings

GREETING_OVER_SECONDS = 1.5  # people pause for half a second between sentences
AFTER_BEEP_SECONDS = 0.2
UNRECORDED_SECONDS = 7.0  # so long after the message's start a beep may still be the first one
REPEATS = 2


class Voicemail(msgspec.Struct, frozen=True, tag="voicemail"):
    """`speaking` since the message of turn `turn` is on its way; the wait for it began at `since`.

    A greeting that goes on until `give_up_at` gets no message. After the call was adopted its sound
    may stay away until `soundless_until`; then the message begins anew.
    """

    deadline: float
    give_up_at: float
    since: float
    turn: int = 0
    speaking: bool = False
    repeats: int = 0
    soundless_until: float | None = None


Move: TypeAlias = tuple[CallFacts, Voicemail | Ending | Ended, list[Effect]]


def enter(facts: CallFacts, amd: AmdSettings, now: float, *, turn: int = 0) -> Move:
    """A machine took the call; `machine_end_*` means that its greeting is over already."""
    record = Record(type="call.voicemail", status="voicemail", waiting_room="completed")
    if _takes_no_message(facts, amd):
        return end(facts, "mailbox_full", now, record)
    if not amd.voicemail_message or not facts.streaming:
        return end(facts, "voicemail", now, record)
    give_up_at = now + amd.voicemail_patience_seconds
    phase = Voicemail(deadline=now, give_up_at=give_up_at, since=now, turn=turn)
    if _is_over(facts, amd, now):
        facts, phase, effects = _speak(facts, phase, now, amd)
        return facts, phase, [record, *effects]
    return facts, _wait(facts, phase, now, amd), [record]


def _is_over(facts: CallFacts, amd: AmdSettings, now: float) -> bool:
    """Whether the carrier heard the greeting's end, and ears do not know better."""
    match facts.answered_by:
        case "machine_end_beep":
            return True
        case "machine_end_silence" | "machine_end_other":
            return not facts.answering.is_speaking and not _is_promised(facts, amd, now)
        case _:
            return False


def _is_promised(facts: CallFacts, amd: AmdSettings, now: float) -> bool:
    """Whether the greeting promised a tone that was not heard yet."""
    if facts.answering.beep_after_words() is not None:
        return False
    return weigh(facts.answering, now, amd.language).promises_tone


def _wait(facts: CallFacts, phase: Voicemail, now: float, amd: AmdSettings) -> Voicemail:
    """Until the message may begin, as far as is known by now."""
    evidence = facts.answering
    beep = evidence.beep_after_words()
    if evidence.is_speaking:
        due = phase.give_up_at
    elif beep is not None:
        due = beep.ended_at + AFTER_BEEP_SECONDS
    else:
        promised = _is_promised(facts, amd, now)
        patience = amd.beep_patience_seconds if promised else GREETING_OVER_SECONDS
        due = (evidence.quiet_since or phase.since) + patience
    return replace(phase, deadline=max(now, min(due, phase.give_up_at)))


def _speak(
    facts: CallFacts, phase: Voicemail, now: float, amd: AmdSettings
) -> tuple[CallFacts, Voicemail, list[Effect]]:
    turn = phase.turn + phase.repeats
    message = amd.voicemail_message.format(topic=within(facts.topic))
    effects: list[Effect] = [Say(turn, message), EndTurn(turn)]
    if amd.count_voicemail and not facts.counted:
        facts = replace(facts, counted=True)
        effects.append(Settle(commit=True))
    deadline = now + amd.voicemail_patience_seconds
    return facts, replace(phase, deadline=deadline, since=now, speaking=True), effects


def _sound_is_back(facts: CallFacts, phase: Voicemail, now: float, amd: AmdSettings) -> Move:
    phase = replace(phase, soundless_until=None, since=now)
    if phase.speaking:
        facts, phase, effects = _speak(facts, phase, now, amd)
        return facts, phase, [OpenMic(), *effects]
    return facts, _wait(facts, phase, now, amd), [OpenMic()]


def voicemail(
    facts: CallFacts, phase: Voicemail, event: Event, now: float, amd: AmdSettings
) -> Move:
    """Speak once the greeting is over; end when the message was played or cannot be."""
    spoken = phase.turn + phase.repeats
    match event:
        case StreamStarted() if phase.soundless_until is not None:
            return _sound_is_back(facts, phase, now, amd)
        case Recognised(side="caller") if _takes_no_message(facts, amd):
            return end(facts, "mailbox_full", now, StopPlayback())
        case SpeechPaused(side="caller"):
            asked: list[Effect] = [
                Recognise(event.utterance, event.revision), TakeUtterance(event.utterance),
            ]  # fmt: skip
            return facts, phase if phase.speaking else _wait(facts, phase, now, amd), asked
        case ToneHeard() if phase.speaking and _is_unrecorded(phase, event, now):
            again = replace(phase, speaking=False, repeats=phase.repeats + 1)
            return facts, _wait(facts, again, now, amd), [StopPlayback()]
        case Recognised(side="caller") if phase.speaking and _goes_on(facts, phase, amd):
            again = replace(phase, speaking=False, repeats=phase.repeats + 1)
            return facts, _wait(facts, again, now, amd), [StopPlayback()]
        case AmdVerdict(answered_by="machine_end_beep") if not phase.speaking:
            return _speak(facts, phase, now, amd)
        case SpeechBegan() | Recognised() | ToneHeard() | EngineFailed(engine="recogniser") if (
            not phase.speaking and phase.soundless_until is None
        ):
            return facts, _wait(facts, phase, now, amd), []
        case Tick() if (
            phase.soundless_until is None and not phase.speaking and now < phase.give_up_at
        ):
            return _speak(facts, phase, now, amd)
        case TurnPlayed(turn=turn, cut=False) | EngineFailed(engine="voice", ref=turn) if (
            turn == spoken and phase.speaking
        ):
            return end(facts, "voicemail", now)
        case Tick() | StreamStopped():
            return end(facts, "voicemail", now)
        case _:
            return facts, phase, []


def _takes_no_message(facts: CallFacts, amd: AmdSettings) -> bool:
    """Whether the mailbox said that it is full, or not set up."""
    return any(one.takes_no_message for one in matches(amd.language, facts.answering.text))


def _goes_on(facts: CallFacts, phase: Voicemail, amd: AmdSettings) -> bool:
    """Whether the greeting was not over yet when the message began."""
    last = facts.answering.stretches[-1] if facts.answering.stretches else None
    if last is None or last.began_at < phase.since or phase.repeats >= REPEATS:
        return False
    return any(one.verdict == "machine" for one in matches(amd.language, last.text or ""))


def _is_unrecorded(phase: Voicemail, tone: ToneHeard, now: float) -> bool:
    early = now - phase.since < UNRECORDED_SECONDS
    return tone.kind in {"beep", "fax"} and early and phase.repeats < REPEATS
