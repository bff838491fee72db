"""The decision lane: `step` takes a call, one event and the time, and says what follows.

Pure: no clock, no I/O, no sound. The state of a call is the fold of its journal through `step`,
so a call can be resumed or replayed anywhere the journal can be read.
"""

from collections.abc import Iterable

import msgspec

from media import published
from media.agent import answering, settings_of
from media.answering.evidence import learn as learn_answering
from media.dialogue import Speaker, Turn
from media.effects import Dial, Effect, Publish, Record
from media.events import (
    Adopted,
    AmdVerdict,
    Answered,
    Broken,
    BudgetSpent,
    CarrierStatus,
    Dialled,
    Event,
    HangUpAsked,
    ListenBegan,
    ListenEnded,
    NodeStopping,
    Recognised,
    RecordingAnswered,
    RecordingAsked,
    Requested,
    StreamStarted,
    StreamStopped,
    TurnPlayed,
)
from media.phases.adoption import adopt
from media.phases.caller_language import heard_language
from media.phases.connecting import Connecting, connect, connecting
from media.phases.dialling import PATIENCE_SECONDS, Dialling, dialling
from media.phases.ending import (
    NODE_LOST,
    Ended,
    Ending,
    carrier_ended,
    end,
    ending,
    finish,
    transfer_told,
)
from media.phases.facts import MOST_STREAMS, TERMINAL, CallFacts, final, learn, times
from media.phases.last_words import asks_more, known
from media.phases.recording_consent import consented, ended, refused
from media.phases.refusals import Phase, Refusal
from media.phases.refusals import refusal as _refusal
from media.phases.reopening import (
    IS_OPEN_SECONDS,
    TONES_SECONDS,
    UNANSWERED_TONES_SECONDS,
    answers,
    look,
    reopened,
)
from media.phases.talking.disclosure import was_told
from media.phases.talking.phase import hung_up, talking
from media.phases.talking.recording import heard_asked
from media.phases.talking.state import Talking, heard_until
from media.phases.talking.turn_state import Away, Quiet, Standby
from media.phases.voicemail import Voicemail, voicemail
from media.phases.waiting import Waiting, waiting
from media.settings import Settings, in_language

__all__ = [
    "Call", "Phase", "Refusal", "begin", "fold", "hears_tones", "is_movable", "refusal", "step",
    "wants_sound",
]  # fmt: skip


class Call(msgspec.Struct, frozen=True):
    """One call: how it is run, what is true of it, and the phase it is in. `first` is how it is run
    in its agent's language, while it is in another that the caller speaks."""

    settings: Settings
    facts: CallFacts
    phase: Phase
    first: Settings | None = None


def begin(settings: Settings, event: Requested, now: float) -> tuple[Call, list[Effect]]:
    """The first event of every journal; the call has the settings of its agent."""
    facts = CallFacts(
        topic=event.topic, begun_at=now, earlier=event.earlier, keys=event.keys, agent=event.agent
    )
    if event.inbound_sid:
        chosen = settings_of(event.agent, answering(settings))
        facts = msgspec.structs.replace(facts, sid=event.inbound_sid, is_inbound=True)
        facts, phase, effects = connect(facts, now, chosen)
        return Call(chosen, facts, phase), effects
    chosen = settings_of(event.agent, settings)
    return Call(chosen, facts, Dialling(deadline=now + PATIENCE_SECONDS)), [Dial()]


def refusal(call: Call, event: Event) -> Refusal | None:
    """Why the call refuses what a person asks for just now; None if `step` will act on it."""
    return _refusal(call.facts, call.phase, event)


def step(call: Call, event: Event, now: float) -> tuple[Call, list[Effect]]:
    """What follows from one event; the same answer for the same arguments, always."""
    if refusal(call, event) is not None:
        return call, []
    call, changed = _in_callers_language(call, event)
    facts, emitted = _learn(call, event, now)
    emitted = changed + emitted
    if isinstance(call.phase, Talking) and _is_end(event):
        facts, words = hung_up(facts, call.phase, now, call.settings)
        emitted += words
    facts, phase, effects = _move(call, facts, event, now)
    if facts.recording is not None and not isinstance(phase, Talking):
        facts, told = ended(facts)
        emitted += told
    return Call(call.settings, facts, phase, call.first), emitted + effects


def _in_callers_language(call: Call, event: Event) -> tuple[Call, list[Effect]]:
    """The call in the language that this shows the caller to speak."""
    if not isinstance(event, Recognised) or not isinstance(call.phase, Talking):
        return call, []
    facts, language = heard_language(call.facts, call.settings.language, event)
    if language == call.settings.language:
        return msgspec.structs.replace(call, facts=facts), []
    first = call.first or call.settings
    settings = first if language == first.language else in_language(first, language, also_own=True)
    spoken = Call(settings, facts, call.phase, first)
    return spoken, [Record(type="call.language", language=language)]


def _is_end(event: Event) -> bool:
    """Whether a conversation ends with it whatever its state."""
    told = isinstance(event, CarrierStatus) and event.status in TERMINAL
    return told or isinstance(event, HangUpAsked)


def wants_sound(call: Call) -> bool:
    """Whether a stream that ended is to be followed by another one."""
    match call.phase:
        case Voicemail(soundless_until=None) | Ending() | Ended():  # all is said, or cannot be
            return False
        case _:
            return True


def is_movable(call: Call) -> bool:
    """Whether another node may take the call over just now without interrupting anybody."""
    match call.phase:
        case Talking(transfer_until=None, turn_state=state):
            idle = Standby(unspoken_text=getattr(state, "unspoken_text", ""))
            return isinstance(state, Quiet | Away) or state == idle
        case Dialling() | Connecting() | Waiting(speaking=False) | Voicemail(speaking=False):
            return True
        case _:
            return False


def hears_tones(call: Call, now: float) -> bool:
    """Whether a tone on the line would still tell who picked up, or that a mailbox records."""
    match call.phase:
        case Talking(began_at=began_at):
            if now >= began_at + UNANSWERED_TONES_SECONDS:  # before all turns are looked through
                return False
            return now < began_at + TONES_SECONDS or not answers(call.facts)
        case Waiting() | Voicemail():
            return True
        case _:
            return False


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


def _why_ended(facts: CallFacts, phase: Phase) -> str | None:
    """Our reason for an end that the carrier tells of, if it is no matter of theirs."""
    if facts.orphaned:
        return NODE_LOST
    return "ivr" if isinstance(phase, Waiting) and phase.menus else None


def _learn(call: Call, event: Event, now: float) -> tuple[CallFacts, list[Effect]]:
    """Facts that hold in any phase, and what the row learns from them even after the end."""
    facts = call.facts
    if _is_open(call.phase, now):
        answering = learn_answering(facts.answering, event, now)
        if answering is not facts.answering:
            facts = msgspec.structs.replace(facts, answering=answering)
    if (
        _shows_answer(event)
        and facts.seen_answered_at is None
        and not isinstance(call.phase, Ended)
    ):
        facts = msgspec.structs.replace(facts, seen_answered_at=now)
    match event:
        case CarrierStatus():
            facts = learn(facts, event)
            late = isinstance(call.phase, Waiting | Talking | Voicemail | Ended)
            if late and times(facts) != times(call.facts):
                record = times(facts)
                return facts, [msgspec.structs.replace(record, type="call.updated")]
        case Dialled() | Answered() if facts.sid is None:
            facts = msgspec.structs.replace(facts, sid=event.sid)
        case AmdVerdict() if facts.answered_by is None and not isinstance(call.phase, Ended):
            facts = msgspec.structs.replace(facts, answered_by=event.answered_by)
            return facts, _verdict_told(call, event, now)
        case RecordingAsked() | RecordingAnswered() if not isinstance(call.phase, Ended):
            facts = consented(facts, event)
        case TurnPlayed():
            return _turn_played(call, event, now)
        case Recognised() if facts.last_words is not None:
            return _last_words(call, event, now)
        case ListenBegan(listener=who) | ListenEnded(listener=who) if not isinstance(
            call.phase, Ended
        ):
            began = isinstance(event, ListenBegan)
            kind = published.ListenStarted if began else published.ListenEnded
            return facts, [Publish(kind(listener=who))]
        case StreamStarted():
            streams = (*facts.streams, now)[-MOST_STREAMS:]
            facts = msgspec.structs.replace(facts, streaming=True, orphaned=False, streams=streams)
        case StreamStopped():
            facts = msgspec.structs.replace(facts, streaming=False)
        case Adopted():
            facts = msgspec.structs.replace(
                facts, streaming=False, orphaned=facts.streaming or facts.orphaned
            )
            return _cut_off(Call(call.settings, facts, call.phase), event, now)
        case _:
            pass
    return facts, []


def _is_open(phase: Phase, now: float) -> bool:
    """Whether what is heard may still tell who picked up."""
    match phase:
        case Talking(began_at=began_at):
            return now < began_at + IS_OPEN_SECONDS
        case Dialling() | Waiting() | Voicemail():
            return True
        case _:
            return False


def _shows_answer(event: Event) -> bool:
    in_progress = isinstance(event, CarrierStatus) and event.status == "in-progress"
    return in_progress or isinstance(event, Answered)


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


def _cut_off(call: Call, event: Adopted, now: float) -> tuple[CallFacts, list[Effect]]:
    """A turn that was being spoken as its node was lost ends with what can have been heard."""
    cut = (
        heard_until(call.phase.turn_state, event.until) if isinstance(call.phase, Talking) else None
    )
    return (call.facts, []) if cut is None else _turn_played(call, cut, now)


def _turn_played(call: Call, event: TurnPlayed, now: float) -> tuple[CallFacts, list[Effect]]:
    """What was heard enters the history; a turn nobody heard a word of never happened."""
    facts = call.facts
    if not event.heard:
        return facts, []
    by_operator = isinstance(call.phase, Talking) and event.turn in call.phase.operator_turns
    speaker: Speaker = "operator" if by_operator else "agent"
    said = final(speaker, event.text, event.heard, f"agent:{event.turn}", cut=event.cut)
    if was_told(event.text, event.heard, call.settings.conversation):
        facts = msgspec.structs.replace(facts, disclosed=True)
    facts = heard_asked(facts, event.text, event.heard, call.settings.recording)
    filler = ""
    if isinstance(call.phase, Talking) and event.turn == call.phase.answer_turn:
        filler = call.phase.filler  # was heard, but answers nothing: no prompt should hold it
    text, heard = event.text[len(filler) :].strip(), event.heard[len(filler) :].strip()
    if heard:
        turn = Turn(speaker, text, heard, now)
        facts = msgspec.structs.replace(facts, turns=(*facts.turns, turn))
    return facts, [said]


def _last_words(call: Call, event: Recognised, now: float) -> tuple[CallFacts, list[Effect]]:
    """The caller's last words, also when the call is over and was looked at without them."""
    facts, said = known(call.facts, event, now)
    if said:
        facts, records = refused(facts, facts.turns[-1].text)
        said += records
    if said and isinstance(call.phase, Ended) and asks_more(facts, call.facts):
        said = [*said, Record(follow_up=True)]
    return facts, said


def _move(
    call: Call, facts: CallFacts, event: Event, now: float
) -> tuple[CallFacts, Phase, list[Effect]]:
    phase = call.phase
    match phase:
        case Ended():
            facts, settled = transfer_told(facts, event)
            return facts, phase, settled
        case _ if isinstance(event, Broken):
            return finish(facts, "lost", "internal_error", now, None)
        case _ if isinstance(event, Adopted):
            return adopt(facts, phase, event, now, call.settings)
        case Ending():
            return ending(facts, phase, event, now)
        case _ if isinstance(event, HangUpAsked):
            return end(facts, event.reason, now)
        case Dialling() | Connecting() | Waiting() | Voicemail(speaking=False) if isinstance(
            event, NodeStopping | BudgetSpent
        ):
            reason = "budget" if isinstance(event, BudgetSpent) else "server_stopping"
            return end(facts, reason, now)
        case Dialling():
            return dialling(facts, phase, event, now, call.settings)
        case _ if isinstance(event, CarrierStatus) and event.status in TERMINAL:
            return carrier_ended(facts, event, _why_ended(facts, phase), now)
        case Connecting():
            return connecting(facts, phase, event, now, call.settings)
        case Talking() | Voicemail() if other := reopened(facts, phase, event, now, call.settings):
            return other
        case Waiting():
            return waiting(facts, phase, event, now, call.settings)
        case Talking():
            return look(facts, talking(facts, phase, event, now, call.settings), event, now)
        case Voicemail():
            return voicemail(facts, phase, event, now, call.settings.amd)
