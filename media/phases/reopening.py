"""The question who picked up is opened again: a person comes on after all, or was none.

What is said and heard after the verdict is weighed with what came before. Somebody who answers the
agent is a person, whatever a carrier says later, and so is whoever called us; an operator's word
stands.
"""

from math import inf
from typing import TypeAlias

from msgspec.structs import replace

from media.answering import menu
from media.answering.evidence import Evidence, Stretch
from media.answering.phrases import matches, normal
from media.answering.verdict import LIKELY, Verdict
from media.answering.weighing import SURE, Weighed, weigh
from media.effects import SO_FAR, Effect, Recognise, StopPlayback, StopThinking
from media.events import AmdVerdict, Event, Recognised, Tick, ToneHeard
from media.phases import voicemail, waiting
from media.phases.ending import Ended, Ending, end
from media.phases.facts import MACHINES, CallFacts
from media.phases.talking.phase import enter as begin_talking
from media.phases.talking.standby import is_on_standby
from media.phases.talking.state import Talking
from media.phases.talking.turn_state import Quiet
from media.settings import Settings

IS_OPEN_SECONDS = 45.0  # of talk; longer than a carrier takes for its verdict
TONES_SECONDS = 10.0  # of talk
UNANSWERED_TONES_SECONDS = 20.0  # a greeting that cut ours off may take half of it
AFTER_BEEP_SECONDS = 2.0  # whoever is there says something by then
LOOKS_SECONDS = 15.0
PERSON_WORDS = 3.0  # weight of words that no greeting has
LONGEST_HELLO_SECONDS = 3.0
SHORT_SECONDS = 1.5  # over our message: what goes on longer may be the greeting still
HELLOS = 2  # one after another are somebody's who waits for an answer
WORDS_OVER_US = 2  # a mailbox that records is silent, so words over our message are a person's

Move: TypeAlias = tuple[
    CallFacts, Talking | voicemail.Voicemail | waiting.Waiting | Ending | Ended, list[Effect]
]


def reopened(
    facts: CallFacts, phase: Talking | voicemail.Voicemail, event: Event, now: float,
    settings: Settings,
) -> Move | None:  # fmt: skip
    """Where the call goes when this event shows that the verdict was wrong; None if it does not."""
    if facts.is_inbound or facts.answering.said_by == "operator" or not facts.streaming:
        return None
    if isinstance(phase, Talking):
        return _no_person(facts, phase, event, now, settings)
    if isinstance(event, Recognised) and _is_person(facts, phase, settings):
        return _person(facts, phase, now, settings)
    if isinstance(event, Recognised) and _is_menu(facts, phase, now, settings):
        return facts, _room(phase, facts.answering.since or now, now), []
    return None


def look(
    facts: CallFacts, move: tuple[CallFacts, Talking | Ending | Ended, list[Effect]], event: Event,
    now: float,
) -> tuple[CallFacts, Talking | Ending | Ended, list[Effect]]:  # fmt: skip
    """While somebody taken for a person speaks on, what they said so far is recognised again and
    again: greetings are long, and nobody listens to our own meanwhile. A silence after a beep is
    looked at before we ask whether they are there."""
    after, phase, effects = move
    if not isinstance(phase, Talking) or not phase.assumed:
        return move
    until = _silent_until(facts)
    if until is not None and until > now:
        return after, _look_at(phase, until), effects
    if not facts.answering.is_speaking:
        return move
    if now >= phase.began_at + LOOKS_SECONDS:
        return move
    stretch = facts.answering.stretches[-1]
    if isinstance(event, Tick) and stretch.seconds(now):
        effects = [*effects, Recognise(stretch.utterance, SO_FAR)]
    return after, _look_at(phase, stretch.next_look(now)), effects


def _look_at(phase: Talking, at: float) -> Talking:
    return replace(phase, deadline=min(phase.deadline, at))


def _no_person(
    facts: CallFacts, phase: Talking, event: Event, now: float, settings: Settings
) -> Move | None:
    late = isinstance(event, AmdVerdict) and phase.assumed
    is_open = now < phase.began_at + IS_OPEN_SECONDS
    heard = is_open and (
        isinstance(event, Recognised | ToneHeard) or _unanswered(facts, phase, event, now)
    )
    if not (late or heard) or is_on_standby(phase) or phase.closing:
        return None
    if late and not facts.answering.speech and facts.answered_by in MACHINES:
        verdict: Verdict = "machine"
        weighed = weigh(facts.answering, now, settings.amd.language, quiet_counts=False)
    else:
        weighed = _with_answers(facts, phase, event, now, settings)
        found = _other(weighed)
        if found is None:
            return None
        verdict = found
    before: list[Effect] = [StopThinking(), StopPlayback()]
    if not (late and verdict in {"machine", "fax"}):  # the carrier's is told already
        before += waiting.tell(verdict, weighed, now - (facts.answering.since or now))
    return _as_other(facts, phase, verdict, now, settings, before)


def _with_answers(
    facts: CallFacts, phase: Talking, event: Event, now: float, settings: Settings
) -> Weighed:
    return weigh(
        facts.answering, now, settings.amd.language, quiet_counts=False,
        answers=answers(facts, spoke=isinstance(event, Recognised)),
        unanswered=_unanswered(facts, phase, event, now),
    )  # fmt: skip


def _unanswered(facts: CallFacts, phase: Talking, event: Event, now: float) -> int:
    """How many turns of ours running nobody has answered, if that is what happens now."""
    quiet, silent = phase.turn_state, _silent_until(facts)
    is_over = isinstance(quiet, Quiet) and now >= quiet.until
    is_over |= silent is not None and now >= silent
    return phase.silences + 1 if isinstance(event, Tick) and is_over else 0


def _silent_until(facts: CallFacts) -> float | None:
    """When nobody has said a word for so long after a beep that nobody will; None without one."""
    beep = facts.answering.beep_after_words()
    return None if beep is None else beep.ended_at + AFTER_BEEP_SECONDS


def answers(facts: CallFacts, *, spoke: bool = False) -> int:
    """How often the caller spoke after a turn of ours was heard to its end, with this time if they
    spoke: a beep answers nobody."""
    ours = [turn.speaker == "agent" and turn.heard == turn.text for turn in facts.turns]
    theirs = [turn.speaker == "caller" for turn in facts.turns[1:]]
    return sum(a and b for a, b in zip(ours, theirs, strict=False)) + (
        spoke and ours[-1:] == [True]
    )


def _other(weighed: Weighed) -> Verdict | None:
    shares = weighed.shares
    if shares["machine"] >= LIKELY:
        return "machine"
    if shares["screening"] >= LIKELY:
        return "screening"
    for kind in ("fax", "intercept", "ivr"):
        if shares[kind] >= SURE:
            return kind
    return None


def _as_other(
    facts: CallFacts, phase: Talking, verdict: Verdict, now: float, settings: Settings,
    before: list[Effect],
) -> Move:  # fmt: skip
    """What the machine said is no part of a conversation."""
    turns = tuple(turn for turn in facts.turns if turn.speaker != "caller")
    facts = replace(facts, turns=turns)
    if verdict in waiting.ENDS:
        return end(facts, waiting.ENDS[verdict], now, *before)
    if verdict == "machine":
        facts, after, effects = voicemail.enter(facts, settings.amd, now, turn=phase.turn + 1)
        return facts, after, before + effects
    room = _room(phase, now, now)
    if verdict == "ivr":
        return waiting.choose(facts, room, now, settings, *before)
    return waiting.introduce(facts, room, now, settings, *before)


def _room(phase: Talking | voicemail.Voicemail, since: float, now: float) -> waiting.Waiting:
    """The waiting room once more, to decide at once."""
    until = since + waiting.MENU_SECONDS
    return waiting.Waiting(since, soundless_since=now, deadline=now, until=until, turn=phase.turn)


def _is_menu(facts: CallFacts, phase: voicemail.Voicemail, now: float, settings: Settings) -> bool:
    """Whether what began like a mailbox names a key that leads to a person."""
    language = settings.amd.language
    if phase.speaking or menu.choose(facts.answering.text, language) is None:
        return False
    weighed = weigh(facts.answering, now, language)
    return weighed.shares["ivr"] >= LIKELY and not weighed.promises_tone


def _is_person(facts: CallFacts, phase: voicemail.Voicemail, settings: Settings) -> bool:
    """Whether the last words are a person's, who came on while a machine was thought to listen."""
    language = settings.amd.language
    stretches = [one for one in facts.answering.stretches if one.began_at >= phase.since]
    last = stretches[-1] if stretches else None
    if last is None or not last.text or _seconds(last) > LONGEST_HELLO_SECONDS:
        return False
    found = matches(language, last.text)
    human = max((one.weight for one in found if one.verdict == "human"), default=0.0)
    others = any(one.verdict != "human" and one.weight >= 1.0 for one in found)
    alone = weigh(_alone(facts), 0.0, language, quiet_counts=False).shares["human"]
    if others and alone < SURE:
        return False
    if human >= PERSON_WORDS:
        return True
    if not phase.speaking:
        asks = last.text.rstrip().endswith("?") and alone >= LIKELY
        return asks or (human > 0 and _repeats(stretches, language))
    records = any(one.ended_at <= phase.since for one in facts.answering.tones)
    said = records and len(last.text.split()) >= WORDS_OVER_US
    return human > 0 or said or _seconds(last) <= SHORT_SECONDS


def _seconds(stretch: Stretch) -> float:
    return inf if stretch.ended_at is None else stretch.ended_at - stretch.began_at


def _repeats(stretches: list[Stretch], language: str) -> bool:
    """Whether somebody says hello again, which a mailbox does before its greeting at most."""
    words = normal(stretches[-1].text or "", language).split()
    hellos = [
        any(one.verdict == "human" for one in matches(language, stretch.text or ""))
        for stretch in stretches[-HELLOS:]
    ]
    return len(set(words)) < len(words) or (len(hellos) == HELLOS and all(hellos))


def _alone(facts: CallFacts) -> Evidence:
    """The last words, as if nothing had been said before."""
    return Evidence(since=facts.answering.since, stretches=facts.answering.stretches[-1:])


def _person(facts: CallFacts, phase: voicemail.Voicemail, now: float, settings: Settings) -> Move:
    alone = _alone(facts)
    weighed = weigh(alone, now, settings.amd.language)
    told = waiting.tell("human", weighed, now - (facts.answering.since or now))
    facts = replace(facts, answering=alone)
    turn = phase.turn + phase.repeats
    facts, talk, effects = begin_talking(facts, now, settings, assumed=False, turn=turn)
    return facts, talk, [*told, StopPlayback(), *effects]
