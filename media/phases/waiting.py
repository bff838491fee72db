"""Waiting: answered, and nobody knows yet by whom or what. This is the AMD waiting room.

What is heard, the carrier's verdict and an operator's are weighed together, and the room opens on
the verdict that follows, or on patience. A phone that screens its calls is told who calls, for whom
and why, a menu of keys gets the one that leads to a person, and then whoever comes is waited for.
Facts may come in any order and twice: the outcome does not depend on it.
"""

from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from media import published
from media.answering import menu
from media.answering.evidence import Evidence
from media.answering.verdict import LIKELY, Judgement, Verdict, judge, settled
from media.answering.weighing import Weighed, weigh
from media.dialogue import within
from media.effects import (
    SO_FAR,
    Effect,
    EndTurn,
    OpenMic,
    Prepare,
    PressKeys,
    Publish,
    Recognise,
    Record,
    Say,
    TakeUtterance,
)
from media.events import (
    AmdVerdict,
    AnsweredBy,
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
from media.phases import voicemail
from media.phases.ending import Ended, Ending, end
from media.phases.facts import MACHINES, CallFacts, answered_at
from media.phases.talking.phase import enter as begin_talking
from media.phases.talking.recording import first_turn
from media.phases.talking.state import Talking
from media.settings import Settings

INTRODUCTIONS = 2  # who asks more often is not satisfied with it
LOOKS = (2, 4, 8, 16)  # seconds of speech without a pause at which its words are asked for
LOOK_SECONDS = 1.0  # how often somebody who speaks as patience ends is waited for
LONGEST_HELLO_SECONDS = 4
SPEECH_WORDS = 8  # that were understood are no noise
AFTER_TONE_SECONDS = 4.0  # whoever is to come has come by then
MENUS = 3  # one after another, or the same again
MENU_QUIET = 3.0  # by then it has named all of its keys
MENU_SECONDS = 45.0
SHOWN_REASONS = 6

# What the row says of a verdict of our own; the carrier has no words for the others.
ANSWERED_BY: dict[Verdict, AnsweredBy] = {
    "human": "human", "machine": "machine_start", "ivr": "machine_end_other", "fax": "fax",
    "intercept": "unknown",
}  # fmt: skip
ENDS: dict[Verdict, str] = {"fax": "fax", "intercept": "not_reached"}


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """`assumed` once patience, which lasts until `until`, ran out on somebody silent.

    `soundless_since` is when the wait for a sound stream began: the answer, or the last stop.
    `introductions` counts how often a screening phone was told who calls; `speaking` while it is,
    in turn `turn`. `held` when whoever answered asked us to wait. `menus` counts those in which we
    chose.
    """

    since: float
    soundless_since: float
    deadline: float
    until: float
    assumed: bool = False
    turn: int = 0
    introductions: int = 0
    speaking: bool = False
    held: bool = False
    menus: int = 0


Move: TypeAlias = tuple[
    CallFacts, Waiting | Talking | voicemail.Voicemail | Ending | Ended, list[Effect]
]


def enter(facts: CallFacts, now: float, settings: Settings) -> Move:
    """Answered: queue in the waiting room and prepare the first words meanwhile."""
    facts = replace(facts, waited=True)
    effects: list[Effect] = [
        Record(
            type="call.answered", status="answered", sid=facts.sid, answered_at=answered_at(facts)
        ),
        Record(type="call.waiting", status="waiting", waiting_room="waiting"),
        *(Prepare(text) for text in first_turn(settings, facts)),
    ]
    until = now + settings.amd.patience_seconds
    phase = Waiting(now, soundless_since=now, deadline=until, until=until)
    if facts.answered_by is None:
        return facts, phase, effects
    facts, decided, more = _told(facts, phase, now, settings)
    return facts, decided, [*effects, *more]


def waiting(facts: CallFacts, phase: Waiting, event: Event, now: float, settings: Settings) -> Move:
    """Open on the verdict, or on patience; give up when no sound ever comes."""
    match event:
        case AmdVerdict():
            return _told(facts, phase, now, settings)
        case StreamStarted() if phase.speaking:  # it was cut off, and is the same one
            again = replace(phase, introductions=phase.introductions - 1)
            return introduce(facts, again, now, settings, OpenMic())
        case StreamStarted():
            facts, decided, effects = _told(facts, phase, now, settings)
            return facts, decided, [OpenMic(), *effects]
        case StreamStopped():  # it may come back; else the deadline for a stream ends it
            return facts, replace(phase, soundless_since=now, deadline=phase.until), []
        case TurnPlayed(turn=turn, cut=False) if phase.speaking and turn == phase.turn:
            until = now + settings.amd.screening_patience_seconds
            said = replace(phase, speaking=False, until=until, deadline=until)
            return _weighed(facts, said, now, settings)
        case EngineFailed(engine="voice", ref=ref) if phase.speaking and ref == phase.turn:
            return end(facts, "screened", now)
        case SpeechPaused(side="caller"):  # each stretch by itself: greetings are long
            asked: list[Effect] = [
                Recognise(event.utterance, event.revision), TakeUtterance(event.utterance),
            ]  # fmt: skip
            facts, decided, effects = _weighed(facts, phase, now, settings)
            return facts, decided, asked + effects
        case SpeechBegan(side="caller") if phase.held:  # whoever comes is judged anew
            facts = replace(facts, answering=_last_only(facts.answering))
            return _weighed(facts, replace(phase, held=False), now, settings)
        case SpeechBegan() | Recognised() | ToneHeard() | EngineFailed(engine="recogniser"):
            return _weighed(facts, phase, now, settings)
        case Tick():
            return _ticked(facts, phase, now, settings)
        case _:
            return facts, phase, []


def introduce(
    facts: CallFacts, phase: Waiting, now: float, settings: Settings, *before: Effect
) -> Move:
    """Tell a screening phone in one sentence who calls, for whom and why."""
    turn = phase.turn + 1
    deadline = now + settings.amd.voicemail_patience_seconds
    phase = replace(
        phase, turn=turn, speaking=True, introductions=phase.introductions + 1, deadline=deadline
    )
    facts = replace(facts, answering=Evidence(since=now))
    words = settings.amd.screening_introduction.format(topic=within(facts.topic))
    return facts, phase, [*before, Say(turn, words), EndTurn(turn)]


def _last_only(evidence: Evidence) -> Evidence:
    music = tuple(one for one in evidence.tones if one.kind == "music")
    return replace(evidence, stretches=evidence.stretches[-1:], tones=music)


def _ticked(facts: CallFacts, phase: Waiting, now: float, settings: Settings) -> Move:
    if phase.speaking:  # nothing was heard of our own voice
        return end(facts, "screened", now)
    if not facts.streaming:
        if phase.assumed or facts.answered_by is not None:
            return end(facts, "no_media", now)
        return _told(facts, replace(phase, assumed=True), now, settings, patience_over=True)
    if now < phase.until:
        asked: list[Effect] = []
        stretch = facts.answering.stretches[-1] if facts.answering.is_speaking else None
        if stretch is not None and stretch.seconds(now) in LOOKS:
            asked.append(Recognise(stretch.utterance, SO_FAR))
        facts, after, effects = _weighed(facts, phase, now, settings)
        return facts, after, asked + effects
    if phase.introductions and facts.answering.beeps:  # it records, and nobody came
        weighed = weigh(facts.answering, now, settings.amd.language)
        return _follow(facts, phase, "machine", weighed, now, settings)
    if phase.introductions:
        return end(facts, "screened", now)
    if phase.held:
        return end(facts, "on_hold", now)
    if phase.menus and not facts.answering.speech:
        return end(facts, "ivr", now)
    return _patience_over(facts, phase, now, settings)


def _patience_over(facts: CallFacts, phase: Waiting, now: float, settings: Settings) -> Move:
    evidence = facts.answering
    longest = phase.since + 2 * settings.amd.patience_seconds
    talks = evidence.is_speaking and evidence.stretches[-1].seconds(now) < LONGEST_HELLO_SECONDS
    if talks and now < longest:
        return _ticked(facts, replace(phase, until=now + LOOK_SECONDS), now, settings)
    if not evidence.speech and not _is_contradicted(facts, now, settings):
        return _told(facts, replace(phase, assumed=True), now, settings, patience_over=True)
    weighed = weigh(evidence, now, settings.amd.language)
    is_speech = weighed.is_heard or len(evidence.text.split()) >= SPEECH_WORDS
    verdict = settled(weighed) if is_speech else "human"  # a noisy place talks on and on
    return _follow(facts, phase, verdict, weighed, now, settings)


def _told(
    facts: CallFacts, phase: Waiting, now: float, settings: Settings, *, patience_over: bool = False
) -> Move:
    """Somebody said who it is, or patience assumes it, or there is sound now."""
    told = facts.answered_by
    effects: list[Effect] = []
    if patience_over:
        took_ms = _ms(now - phase.since)
        silence = published.AmdResult(None, took_ms, assumed="human", verdict="silence")
        effects.append(Publish(silence))
    if told == "fax":
        return end(facts, "fax", now)
    if told is None and not phase.assumed:
        return (
            (facts, phase, effects)
            if not facts.streaming
            else _weighed(facts, phase, now, settings)
        )
    if not facts.streaming:
        limit = phase.soundless_since + settings.amd.stream_patience_seconds
        if limit <= now:  # it was held longer than that
            return end(facts, "no_media", now)
        return facts, replace(phase, deadline=limit), effects
    is_early = not patience_over  # else what goes on without words is a noise
    if is_early and (_is_contradicted(facts, now, settings) or _is_heard_out(facts)):
        return _weighed(facts, phase, now, settings)
    if told in MACHINES:
        facts, after, more = voicemail.enter(facts, settings.amd, now, turn=phase.turn)
        return facts, after, effects + more
    facts, talk, more = begin_talking(facts, now, settings, assumed=told is None, turn=phase.turn)
    return facts, talk, effects + more


def _is_heard_out(facts: CallFacts) -> bool:
    """Whether they speak just now: nobody is talked over for a verdict, and a phone that screens
    its calls is a human to the carrier."""
    evidence = facts.answering
    is_human = evidence.said_by == "carrier" and facts.answered_by == "human"
    return is_human and evidence.is_speaking


def _is_contradicted(facts: CallFacts, now: float, settings: Settings) -> bool:
    """Whether words and tones speak clearly against what the carrier says."""
    evidence = facts.answering
    if evidence.said_by != "carrier" or not (evidence.text or evidence.tones):
        return False
    weighed = weigh(evidence, now, settings.amd.language)
    kind = weighed.likeliest
    agrees = "machine" if facts.answered_by in MACHINES else "human"
    return kind not in {agrees, "hold"} and weighed.shares[kind] >= LIKELY


def _weighed(facts: CallFacts, phase: Waiting, now: float, settings: Settings) -> Move:
    """Judge by all that is known, and follow the verdict if there is one."""
    if phase.speaking or not facts.streaming:
        return facts, phase, []
    judgement = judge(facts.answering, now, settings.amd.language)
    if judgement.verdict is not None:
        return _follow(facts, phase, judgement.verdict, judgement.weighed, now, settings)
    phase = _asked_to_wait(facts, phase, judgement, now, settings)
    if phase.introductions and facts.answering.beeps and not facts.answering.speech:
        phase = replace(phase, until=min(phase.until, now + AFTER_TONE_SECONDS))
    deadline = phase.until if judgement.again_at is None else min(phase.until, judgement.again_at)
    shown: list[Effect] = []
    if judgement.weighed.reasons:
        shown.append(Publish(_running(judgement.weighed), key="answering"))
    return facts, replace(phase, deadline=deadline), shown


def _asked_to_wait(
    facts: CallFacts, phase: Waiting, judgement: Judgement, now: float, settings: Settings
) -> Waiting:
    is_known = not facts.answering.awaits_words  # what is said over music may be its end
    if phase.held or not is_known or judgement.weighed.shares["hold"] < 0.5:
        return phase
    until = max(phase.until, now + settings.amd.hold_patience_seconds)
    return replace(
        phase, held=True, until=min(until, phase.since + 2 * settings.amd.hold_patience_seconds)
    )


def _follow(
    facts: CallFacts, phase: Waiting, verdict: Verdict, weighed: Weighed, now: float,
    settings: Settings,
) -> Move:  # fmt: skip
    told = tell(verdict, weighed, now - phase.since)
    if verdict == "screening":
        if phase.introductions >= INTRODUCTIONS:
            return end(facts, "screened", now, *told)
        return introduce(facts, phase, now, settings, *told)
    if verdict == "ivr":
        more_at = _names_more_until(facts.answering, phase, now)
        choice = menu.choose(facts.answering.text, settings.amd.language)
        if more_at is not None and not (choice and choice.is_sure):
            return facts, replace(phase, deadline=more_at, until=max(phase.until, more_at)), []
        return choose(facts, phase, now, settings, *told)
    return _gone(facts, phase, verdict, now, settings, told)


def _names_more_until(evidence: Evidence, phase: Waiting, now: float) -> float | None:
    """When to look at a menu's words again, which may go on; None when it has had its time."""
    if now >= phase.since + MENU_SECONDS:
        return None
    if evidence.is_speaking:
        return evidence.stretches[-1].next_look(now)
    quiet_until = (evidence.quiet_since or now) + MENU_QUIET
    return quiet_until if quiet_until > now + 0.001 else None


def choose(facts: CallFacts, phase: Waiting, now: float, settings: Settings, *told: Effect) -> Move:
    """Do what leads to a person in a menu, and wait for whoever comes; without it, end."""
    choice = menu.choose(facts.answering.text, settings.amd.language)
    if choice is None or phase.menus >= MENUS:
        return end(facts, "ivr", now, *told)
    facts = replace(facts, answering=Evidence(since=now))
    amd = settings.amd
    until = now + (amd.screening_patience_seconds if choice.key else amd.hold_patience_seconds)
    phase = replace(phase, menus=phase.menus + 1, held=not choice.key, until=until, deadline=until)
    if not choice.key:
        return facts, phase, list(told)
    sent = Publish(published.DigitsSent(digits=choice.key))
    return facts, phase, [*told, PressKeys(choice.key), sent]


def _gone(
    facts: CallFacts, phase: Waiting, verdict: Verdict, now: float, settings: Settings,
    told: list[Effect],
) -> Move:  # fmt: skip
    if verdict in ENDS:
        return end(facts, ENDS[verdict], now, *told)
    if verdict == "machine":
        facts, after, effects = voicemail.enter(facts, settings.amd, now, turn=phase.turn)
        return facts, after, told + effects
    facts, talk, effects = begin_talking(facts, now, settings, assumed=True, turn=phase.turn)
    return facts, talk, told + effects


def tell(verdict: Verdict, weighed: Weighed, seconds: float) -> list[Effect]:
    """A verdict of our own: what the row and dashboards learn."""
    answered_by = ANSWERED_BY.get(verdict)
    share = weighed.shares.get(verdict, 0.0) if verdict != "silence" else 1.0
    result = published.AmdResult(
        answered_by, _ms(seconds), by="detector", verdict=verdict, probability=share,
        reasons=_reasons(weighed),
    )  # fmt: skip
    return [Record(answered_by=answered_by, waiting_room="processing"), Publish(result)]


def _running(weighed: Weighed) -> published.AnsweringEvidence:
    return published.AnsweringEvidence(
        shares={str(kind): share for kind, share in weighed.shares.items()},
        reasons=_reasons(weighed),
    )


def _reasons(weighed: Weighed) -> tuple[published.AnsweringReason, ...]:
    return tuple(
        published.AnsweringReason(one.source, one.note, one.verdict, round(one.weight, 1))
        for one in weighed.reasons[:SHOWN_REASONS]
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
