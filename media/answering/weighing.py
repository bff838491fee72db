"""How probable each kind of answerer is, by all the evidence so far, with reasons.

Each piece of evidence says how many times likelier it makes one kind (natural logarithm); what a
kind's pieces sum up to gives its share. Timing, words, tones and what others say count alike.
The figures are judgement, tried on recorded and spoken greetings, not learnt.
"""

from math import exp, log
from typing import Literal, TypeAlias, get_args

import msgspec

from media.answering.evidence import Evidence, Stretch
from media.answering.phrases import Class, Match, matches
from media.events import AnsweredBy, ToneHeard

Source: TypeAlias = Literal["timing", "words", "tone", "carrier", "operator"]

_PRIOR: dict[Class, float] = {
    "human": 0.0, "machine": 0.7, "screening": -1.5, "ivr": -1.5, "intercept": -2.5, "fax": -4.0,
    "hold": -2.0,
}  # fmt: skip
_MOST_BY_WORDS = 9.0  # repeating oneself proves nothing more
# who speaks for so long without a break is less and less a person: up to seconds, weight
_LENGTHS = ((1.3, 1.5), (2.0, 1.3), (3.0, 0.8), (4.0, 0.0), (5.5, -1.2), (7.0, -2.4))
_LONG = -4.0
SLOWEST_WORDS_PER_SECOND = 1.5
_BREATH_SECONDS = 1.0  # shorter pauses do not end it
_QUIET_FROM = 0.3
_QUIET_PER_SECOND = 2.2
_QUIET_MOST = 3.5
_QUIET_MOST_AFTER_LONG = 1.5  # a mailbox is as silent before its beep
_ASKS_FOR_KEYS = 4.0  # and then waits for them in silence
_ASKS_FOR_NAME = 6.0  # and may speak of a tone and of waiting, as a mailbox and a queue do
_ANNOUNCES = 4.0  # that one must wait, or cannot be put through: silence is what follows
_OF_A_MAILBOX = 2.8
_SURELY = 6.0  # no number, or nobody at it
_QUESTION = 1.5
_MUSIC = 7.0  # what a recogniser makes of it counts for nothing
_BEEP = 4.0  # after words; few people's lines have one
_UNANSWERED = 2.0
_MOST_UNANSWERED = 2
_ANSWER = 5.0
_MOST_ANSWERS = 3
_MACHINES: frozenset[AnsweredBy] = frozenset(
    {"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"}
)


class Reason(msgspec.Struct, frozen=True):
    """One piece of evidence: where from, in words and figures, what it points to, how strongly."""

    source: Source
    note: str
    verdict: Class
    weight: float


class Weighed(msgspec.Struct, frozen=True):
    """Shares of all kinds, which sum up to 1, and why; the strongest reason first.

    `human_at` is how long a silence after the last words would make it a human with `SURE`, None
    if none would. `promises_tone` when words did.
    """

    shares: dict[Class, float]
    reasons: tuple[Reason, ...]
    human_at: float | None
    promises_tone: bool

    @property
    def is_heard(self) -> bool:
        """Whether more than mere length speaks for the likeliest."""
        sources = {one.source for one in self.reasons if one.verdict == self.likeliest}
        return bool(sources - {"timing"})

    @property
    def likeliest(self) -> Class:
        """The kind with the largest share."""
        return max(self.shares, key=lambda kind: self.shares[kind])


SURE = 0.9


def weigh(
    evidence: Evidence, now: float, language: str, *, quiet_counts: bool = True, answers: int = 0,
    unanswered: int = 0,
) -> Weighed:  # fmt: skip
    """All evidence at `now`. Silence counts for a human only while nobody speaks to them; `answers`
    are turns of theirs after one of ours, `unanswered` turns of ours that were followed by none."""
    words, promises = _words(evidence, language)
    asked = any(one.verdict == "screening" for one in words)  # who asks for a name beeps, too
    keys = any(one.verdict == "ivr" and one.weight >= _ASKS_FOR_KEYS for one in words)
    quiet_counts = quiet_counts and evidence.beep_after_words() is None and not keys
    quiet_counts = quiet_counts and not evidence.is_ringing and not _announces(words)
    tones = [] if asked else _tones(evidence)
    reasons = [*_said(evidence), *tones, *_length(evidence.speech, now), *words]
    if unanswered and evidence.speech:
        weight = _UNANSWERED * min(unanswered, _MOST_UNANSWERED)
        reasons.append(Reason("timing", f"no answer to {unanswered} turns", "machine", weight))
    if answers:
        weight = _ANSWER * min(answers, _MOST_ANSWERS)
        reasons.append(Reason("words", f"{answers} answers to us", "human", weight))
    sums: dict[Class, float] = {
        kind: prior + sum(one.weight for one in reasons if one.verdict == kind)
        for kind, prior in _PRIOR.items()
    }
    others = log(sum(exp(value) for kind, value in sums.items() if kind != "human"))
    wanted = log(SURE / (1 - SURE)) + others - sums["human"]
    human_at, most = None, _quiet_most(reasons)
    if quiet_counts and wanted <= most:
        human_at = _QUIET_FROM + max(0.0, wanted) / _QUIET_PER_SECOND
    if quiet_counts and evidence.quiet_since is not None:
        quiet = max(0.0, now - evidence.quiet_since)
        weight = min(most, max(0.0, (quiet - _QUIET_FROM) * _QUIET_PER_SECOND))
        reasons.append(Reason("timing", f"{quiet:.1f} s of silence after it", "human", weight))
        sums["human"] += weight
    total = sum(exp(value) for value in sums.values())
    shares = {kind: round(exp(value) / total, 3) for kind, value in sums.items()}
    shown = sorted((one for one in reasons if one.weight), key=lambda one: -abs(one.weight))
    return Weighed(shares, tuple(shown), human_at, promises)


def _announces(words: list[Reason]) -> bool:
    """Whether a queue or a network speaks, rather than a person who came to the phone from one."""
    told = max((one.weight for one in words if one.verdict in {"hold", "intercept"}), default=0.0)
    return told >= _ANNOUNCES and told > sum(one.weight for one in words if one.verdict == "human")


def _said(evidence: Evidence) -> list[Reason]:
    verdict = evidence.answered_by
    if verdict is None or verdict == "unknown":
        return []
    kind: Class = "human"
    weight = 3.5
    if verdict in _MACHINES:
        kind, weight = "machine", 3.5 if verdict == "machine_start" else 5.0
    elif verdict == "fax":
        kind, weight = "fax", 9.0
    if evidence.said_by == "operator":
        return [Reason("operator", f"says {verdict}", kind, 20.0)]
    return [Reason("carrier", f"says {verdict}", kind, weight)]


def _tones(evidence: Evidence) -> list[Reason]:
    found: dict[str, Reason] = {}
    spoken = any(one.text and one.text.strip() for one in evidence.stretches)
    spoken, beeps = spoken and not evidence.is_melody, evidence.beeps
    for tone in evidence.tones:
        is_over = tone.kind == "music" and not evidence.is_music
        is_over |= tone.kind == "beep" and tone not in beeps
        if not is_over:
            found[tone.kind] = _tone(tone, spoken=spoken)
    return list(found.values())


def _tone(tone: ToneHeard, *, spoken: bool) -> Reason:
    note = f"{tone.kind} tone, {tone.hz} Hz for {tone.ms} ms"
    match tone.kind:
        case "fax" if not spoken:
            return Reason("tone", note, "fax", 9.0)
        case "beep" | "fax":
            return Reason("tone", note, "machine", _BEEP if spoken else 1.5)
        case "ringback":
            return Reason("tone", note, "hold", 5.0)
        case "music":
            return Reason("tone", "music", "hold", _MUSIC)
        case "busy":
            return Reason("tone", note, "intercept", 6.0)
        case "intercept":
            return Reason("tone", note, "intercept", 9.0)


def _length(speech: tuple[Stretch, ...], now: float) -> list[Reason]:
    """How long the first words went on, pauses for breath included."""
    if not speech:
        return []
    began, ended = speech[0].began_at, speech[0].ended_at or now
    for one in speech[1:]:
        if one.began_at - ended > _BREATH_SECONDS:
            break
        ended = one.ended_at or now
    seconds = max(0.0, ended - began)
    words = len(" ".join(one.text or "" for one in speech).split())
    if words and speech[0].text:  # behind few words in a long time there is only noise
        seconds = min(seconds, words / SLOWEST_WORDS_PER_SECOND + 1)
    weight = next((weight for most, weight in _LENGTHS if seconds <= most), _LONG)
    return [Reason("timing", f"first words last {seconds:.1f} s", "human", weight)]


def _quiet_most(reasons: list[Reason]) -> float:
    """How much silence can count for a human: less after a long speech in which nothing did."""
    ours = [one for one in reasons if one.verdict == "human"]
    is_long = any(one.source == "timing" and one.weight < 0 for one in ours)
    is_human = any(one.source == "words" and one.weight >= 1.0 for one in ours)
    return _QUIET_MOST_AFTER_LONG if is_long and not is_human else _QUIET_MOST


def _words(evidence: Evidence, language: str) -> tuple[list[Reason], bool]:
    text = evidence.text
    if not text:
        return [], False
    found = {(one.words, one.verdict): one for one in matches(language, text)}
    for stretch in evidence.stretches:  # what is whole, and what ends a sentence
        for one in matches(language, stretch.text or ""):
            found.setdefault((one.words, one.verdict), one)
    left: dict[Class, float] = dict.fromkeys(get_args(Class), _MOST_BY_WORDS)
    reasons = []
    for one in sorted(_meant(list(found.values())), key=lambda one: -one.weight):
        weight = min(one.weight, left[one.verdict])
        left[one.verdict] -= weight
        if weight:
            reasons.append(Reason("words", f'"{one.words}"', one.verdict, weight))
    promises = any(one.promises_tone for one in found.values())
    if evidence.stretches[-1].text and evidence.stretches[-1].text.rstrip().endswith("?"):
        reasons.append(Reason("words", "ends in a question", "human", _QUESTION))
    return reasons, promises


def _meant(found: list[Match]) -> list[Match]:
    """Without what is only how others are spoken of: a mailbox tells that its owner's telephone is
    switched off, a network whom "you have reached"."""
    found = _asked(found)
    if not any(one.verdict == "intercept" and one.weight >= _SURELY for one in found):
        return found
    other = "intercept" if any(one.invites for one in found) else "machine"
    return [one for one in found if one.verdict != other]


def _asked(found: list[Match]) -> list[Match]:
    """Without what is only how a phone that asks for a name goes on: "after the tone, and hold"."""
    asks = any(one.verdict == "screening" and one.weight >= _ASKS_FOR_NAME for one in found)
    if not asks:
        return found
    is_mailbox = any(
        one.verdict == "machine" and one.weight >= _OF_A_MAILBOX and not one.promises_tone
        for one in found
    )
    return [one for one in found if one.verdict != "hold" and (is_mailbox or not one.promises_tone)]
