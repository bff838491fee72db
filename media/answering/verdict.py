"""The verdict who picked up: early for a human, late for whatever is not one.

A decision on weighed evidence, and the moment at which to look again without any news. What
follows from a verdict is decided elsewhere.
"""

from typing import Literal, TypeAlias

import msgspec

from media.answering.evidence import Evidence, Stretch
from media.answering.weighing import SURE, Weighed, weigh

Verdict: TypeAlias = Literal["human", "machine", "screening", "ivr", "intercept", "fax", "silence"]

LEAST_QUIET = 0.6  # a person's breath is shorter
WORDS_QUIET = 1.5  # a recogniser has answered by then, or will not
SETTLING_QUIET = 3.0  # by then it is whatever is likeliest
SCREENING_QUIET = 1.3
SCREENING_SHARE = 0.7
IVR_QUIET = 1.5
LIKELY = 0.8
LIKELIER = 2.0  # times, when waiting ends: a greeted mailbox gives itself away, a person is lost
SPEAKING = 0.97  # while they speak, words to come may change it
SPEAKING_SECONDS = 6
NOISE_SECONDS = 3
SPARSE_WORDS_PER_SECOND = 1.0


# who asks for something goes on for a moment
_PATIENT: tuple[tuple[Literal["screening", "ivr"], float, float], ...] = (
    ("screening", SCREENING_SHARE, SCREENING_QUIET),
    ("ivr", LIKELY, IVR_QUIET),
)


class Judgement(msgspec.Struct, frozen=True):
    """The verdict, if there is one yet; when to judge again although nothing happened."""

    weighed: Weighed
    verdict: Verdict | None = None
    again_at: float | None = None


def judge(evidence: Evidence, now: float, language: str) -> Judgement:
    """Who it is by what was heard until `now`, while nobody has spoken to them."""
    weighed = weigh(evidence, now, language)
    shares = weighed.shares
    if shares["fax"] >= SURE:
        return Judgement(weighed, "fax")
    if shares["intercept"] >= SURE and not evidence.speech:  # by its tones
        return Judgement(weighed, "intercept")
    if evidence.is_speaking and evidence.is_music:
        return Judgement(weighed, again_at=evidence.stretches[-1].next_look(now))
    if evidence.is_speaking:
        return _while_speaking(weighed, evidence.stretches[-1], now)
    if evidence.quiet_since is None:
        return Judgement(weighed)
    quiet = now - evidence.quiet_since
    if evidence.awaits_words and quiet < WORDS_QUIET:
        return Judgement(weighed, again_at=evidence.quiet_since + WORDS_QUIET)
    return _after_words(weighed, evidence.quiet_since, quiet)


def _while_speaking(weighed: Weighed, stretch: Stretch, now: float) -> Judgement:
    """There is no hurry, but some never pause."""
    if stretch.seconds(now) >= SPEAKING_SECONDS:
        for kind in ("machine", "ivr"):
            if weighed.shares[kind] >= SPEAKING:
                return Judgement(weighed, kind)
    seconds = stretch.seconds(now)
    words = len((stretch.text or "").split())
    sparse = 0 < words < seconds * SPARSE_WORDS_PER_SECOND  # the rest is noise, and never ends
    if sparse and seconds >= NOISE_SECONDS and weighed.likeliest == "human":
        return Judgement(weighed, "human")
    return Judgement(weighed, again_at=stretch.next_look(now))


def settled(weighed: Weighed) -> Verdict:
    """Whatever is likeliest, when there is no more waiting; a human if that is hardly likelier."""
    kind = weighed.likeliest
    hardly = weighed.shares[kind] < LIKELIER * weighed.shares["human"]
    return "human" if kind == "hold" or hardly else kind


def _after_words(weighed: Weighed, quiet_since: float, quiet: float) -> Judgement:
    """Nobody speaks any more, and the words are known as far as they can be."""
    shares, waits = weighed.shares, [SETTLING_QUIET]
    for gone in ("machine", "intercept"):
        if shares[gone] >= LIKELY:
            return Judgement(weighed, gone)
    for kind, share, wait in _PATIENT:
        if shares[kind] >= share:
            if _reached(quiet, wait):
                return Judgement(weighed, kind)
            waits.append(wait)
    if shares["hold"] >= 0.5:  # somebody is to come
        return Judgement(weighed)
    if weighed.human_at is not None:
        wait = max(LEAST_QUIET, weighed.human_at)
        if _reached(quiet, wait):
            return Judgement(weighed, "human")
        waits.append(wait)
    if _reached(quiet, SETTLING_QUIET):
        return Judgement(weighed, settled(weighed))
    return Judgement(weighed, again_at=quiet_since + min(waits))


def _reached(quiet: float, wait: float) -> bool:
    return quiet >= wait - 0.001  # sums of seconds are not exact
