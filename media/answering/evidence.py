"""The evidence of who picked up: stretches of speech with their words, tones, what others say.

Learnt from journalled facts alone, so whoever takes the call up later knows the same. What it
means is weighed elsewhere.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from media.events import (
    Adopted,
    AmdVerdict,
    AnsweredBy,
    EngineFailed,
    Event,
    Recognised,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    ToneHeard,
)

START_SECONDS = 0.1  # of speech before it is noticed
MUSIC_SECONDS = 0.6  # it is told each half second while it goes on
AS_SPEECH_SECONDS = 0.25  # a beep may sound like the end of the words before it
MOST_STRETCHES = 24  # a talk longer than that is one
MOST_TONES = 12
SAME_PITCH = 1.06  # a semitone
_UNKNOWN = " "  # speech whose words nobody could tell


class Stretch(msgspec.Struct, frozen=True):
    """Speech without a pause. `ended_at` is None while it goes on, `text` while it is unknown."""

    utterance: int
    began_at: float
    ended_at: float | None = None
    text: str | None = None

    def next_look(self, now: float) -> float:
        """When to look at it again while it goes on: every second of it."""
        return self.began_at + self.seconds(now) + 1

    def seconds(self, now: float) -> int:
        """How many whole seconds it has gone on."""
        return int(now - self.began_at + 0.001)  # sums of seconds are not exact

    @property
    def is_speech(self) -> bool:
        """Whether there are words in it, as far as is known."""
        return self.text != ""


class Evidence(msgspec.Struct, frozen=True):
    """What was heard since `since`, when there was sound; times are epoch seconds."""

    since: float | None = None
    stretches: tuple[Stretch, ...] = ()
    tones: tuple[ToneHeard, ...] = ()
    said_by: str = ""  # who gave the verdict `answered_by`: the carrier or an operator
    answered_by: AnsweredBy | None = None

    @property
    def speech(self) -> tuple[Stretch, ...]:
        """Stretches that are, or may be, speech."""
        return tuple(one for one in self.stretches if one.is_speech)

    @property
    def is_speaking(self) -> bool:
        """Whether somebody speaks just now."""
        return bool(self.stretches) and self.stretches[-1].ended_at is None

    @property
    def quiet_since(self) -> float | None:
        """When the last words ended; None before any and while they go on."""
        speech = self.speech
        return speech[-1].ended_at if speech and not self.is_speaking else None

    @property
    def awaits_words(self) -> bool:
        """Whether a recogniser still works on what was said last."""
        return bool(self.stretches) and self.stretches[-1].text is None

    @property
    def text(self) -> str:
        """All words so far."""
        return " ".join(one.text.strip() for one in self.stretches if one.text)

    @property
    def is_music(self) -> bool:
        """Whether there is music, and nobody spoke after it; what is taken for a word within it is
        part of it."""
        music = [one.ended_at for one in self.tones if one.kind == "music"]
        spoke = [one for one in self.stretches if one.text and one.text.strip()]
        if not music:
            return False
        until = music[-1] + MUSIC_SECONDS
        return all((one.ended_at or music[-1]) <= until for one in spoke)

    @property
    def beeps(self) -> tuple[ToneHeard, ...]:
        """Single tones, but for a network's that were known by those that followed them."""
        tones = self.tones
        return tuple(
            one
            for at, one in enumerate(tones)
            if one.kind in {"beep", "fax"} and not any(_goes_on(one, later) for later in tones[at:])
        )

    @property
    def is_melody(self) -> bool:
        """Whether single tones had several pitches: music, where a mailbox has one beep."""
        pitches = [one.hz for one in self.beeps]
        return bool(pitches) and max(pitches) > min(pitches) * SAME_PITCH

    @property
    def is_ringing(self) -> bool:
        """Whether the line rang, somewhere else, since the last words."""
        quiet = self.quiet_since or 0.0
        return any(one.kind == "ringback" and one.ended_at > quiet for one in self.tones)

    def beep_after_words(self) -> ToneHeard | None:
        """The last single tone since the last words, if any."""
        quiet = self.speech[-1].ended_at if self.speech else 0.0
        if quiet is None:
            return None
        beeps = self.beeps
        return beeps[-1] if beeps and beeps[-1].ended_at > quiet - AS_SPEECH_SECONDS else None


def learn(evidence: Evidence, event: Event, now: float) -> Evidence:
    """Evidence with what this event adds to it; the same object when that is nothing."""
    match event:
        case StreamStarted() if evidence.since is None:
            return replace(evidence, since=now)
        case SpeechBegan(side="caller"):
            return _began(evidence, event.utterance, now - START_SECONDS)
        case SpeechPaused(side="caller"):
            return _change(evidence, event.utterance, ended_at=event.ended_at, text=None)
        case Recognised(side="caller"):
            return _change(evidence, event.utterance, text=event.text)
        case EngineFailed(engine="recogniser", side="caller"):
            return _change(evidence, event.ref, text=_UNKNOWN)
        case ToneHeard(kind=kind):
            others = evidence.tones
            if kind == "music":  # it is told again and again
                others = tuple(one for one in others if one.kind != "music")
            return replace(evidence, tones=(*others, event)[-MOST_TONES:])
        case AmdVerdict() if evidence.answered_by is None:
            return replace(evidence, answered_by=event.answered_by, said_by=event.by)
        case StreamStopped() | Adopted():
            at = event.until if isinstance(event, Adopted) else now
            ended = tuple(_given_up(one, at) for one in evidence.stretches)
            return replace(evidence, stretches=ended)
        case _:
            return evidence


def _goes_on(tone: ToneHeard, later: ToneHeard) -> bool:
    is_network = later.kind in {"ringback", "busy"}
    return is_network and max(tone.hz, later.hz) <= min(tone.hz, later.hz) * SAME_PITCH


def _given_up(stretch: Stretch, at: float) -> Stretch:
    ended_at = at if stretch.ended_at is None else stretch.ended_at
    return replace(
        stretch, ended_at=ended_at, text=_UNKNOWN if stretch.text is None else stretch.text
    )


def _began(evidence: Evidence, utterance: int, at: float) -> Evidence:
    """They speak; going on with an utterance that nobody took is one stretch still."""
    *before, last = evidence.stretches or (None,)
    if last is not None and last.utterance == utterance:
        return replace(evidence, stretches=(*before, replace(last, ended_at=None)))
    if len(evidence.stretches) >= MOST_STRETCHES:
        return evidence
    return replace(evidence, stretches=(*evidence.stretches, Stretch(utterance, at)))


def _change(evidence: Evidence, utterance: int, **changes: Any) -> Evidence:
    stretches = tuple(
        replace(one, **changes) if one.utterance == utterance else one for one in evidence.stretches
    )
    return replace(evidence, stretches=stretches)
