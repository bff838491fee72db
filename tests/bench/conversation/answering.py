"""Who picked up: how often answering detection is right, how soon, and what a mailbox records.

No carrier gives a verdict here: ears are alone. People say "Hello?" again when nobody speaks.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from statistics import median

import msgspec

from media.audio.call_tones import ToneDetector
from media.events import PlaybackStarted, SpeechBegan, SpeechPaused, ToneHeard, TurnPlayed
from media.phases.ending import Ended, Ending
from media.settings import AmdSettings, Settings
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.settings import LineSettings
from tests.bench.conversation import answering_fresh as fresh
from tests.bench.conversation import answering_last as last
from tests.bench.conversation import answering_more as more
from tests.bench.conversation import answering_unseen as unseen
from tests.bench.conversation import answering_usual as usual
from tests.bench.conversation.answering_people import (
    Answerer,
    Silence,
    Sine,
    Waits,
    Words,
    machines,
    others,
    people,
    sound,
    who_pick_up_later,
)
from tests.bench.conversation.call import BenchCall, a_call, phrases
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import Models
from tests.bench.conversation.voices import fresh_voices, speech, unseen_voices, voices
from tests.bench.machine import say, table

TOPIC = "roses"
MESSAGE = AmdSettings().voicemail_message.format(topic=TOPIC)
PEOPLE, MACHINES = 110, 84
HELD_OUT = 40  # of each
COST_FRAMES = 5000


class Heard(msgspec.Struct):
    """What became of one call. Times are seconds since the answer."""

    answerer: Answerer
    verdicts: list[tuple[str, float]]
    words_end: float  # of the first words
    beep_end: float | None
    given_away_at: float  # when what was heard last before the last verdict ended, or went on
    message_at: float | None  # when the last message that was said whole began
    ended: str
    ended_at: float | None
    keys: str

    @property
    def is_right(self) -> bool:
        """Whether the call ended as it should, or goes on with whom it should."""
        last = self.verdicts[-1][0] if self.verdicts else ""
        outcome = self.ended or f"with {last}"
        return self.answerer.right == outcome and self.keys == self.answerer.keys

    @property
    def first(self) -> str:
        """The first verdict; "none" without one."""
        return self.verdicts[0][0] if self.verdicts else "none"

    @property
    def is_whole(self) -> bool:
        """Whether the message was said whole after the beep."""
        if self.message_at is None or self.beep_end is None:
            return False
        return self.message_at >= self.beep_end


def report() -> None:
    """All figures, held-out wordings apart."""
    models = Models()

    def heard(answerers: Sequence[Answerer]) -> list[Heard]:
        return [run(partial(_one, models, one)) for one in answerers]

    try:
        for name, (some_people, some_machines) in _groups().items():
            say(f"answering {name}")
            _people(heard(some_people))
            _machines(heard(some_machines))
        _cost()
        _later(heard(who_pick_up_later()))
        for name, of in _in_other_voices().items():
            say(f"answering people who talk on over us or are there after all, {name}")
            _people(heard(fresh.who_talk_on(*of)))
            _later(heard(fresh.who_are_there_after_all(*of)))
        _others(heard([*others(), *more.others()]))
    finally:
        models.close()


def _groups() -> dict[str, tuple[list[Answerer], list[Answerer]]]:
    return {
        "wordings it was tuned on": (people(PEOPLE), machines(MACHINES)),
        "more of them, in more voices": (more.people(), more.machines()),
        "wordings as usual as in life": (
            fresh.people(usual.TEXTS, voices()),
            fresh.machines(usual.TEXTS, voices()),
        ),
        "held-out wordings": (people(HELD_OUT, held_out=True), machines(HELD_OUT, held_out=True)),
        **{
            name: (fresh.people(*of), fresh.machines(*of))
            for name, of in _in_other_voices().items()
        },
    }


def _in_other_voices() -> dict[str, tuple[fresh.Texts, list[str]]]:
    return {
        "wordings that rules were tried on, in other voices": (fresh.TEXTS, fresh_voices()),
        "more of them, in other voices again": (unseen.TEXTS, unseen_voices()),
        "held-out wordings in all of these voices": (last.TEXTS, unseen_voices() + fresh_voices()),
    }


def _cost() -> None:
    """CPU of the tone detector, which runs while it matters who picked up."""
    frames = {
        "silence": b"\xff" * 160,
        "a voice": speech("Hello, who is calling, please?")[8000:8160],
    }
    took = {}
    for name, frame in frames.items():
        detector, began = ToneDetector(), time.process_time()
        for _ in range(COST_FRAMES):
            detector.push(frame)
        took[name] = (time.process_time() - began) / COST_FRAMES * 50 * 1000
    told = ", ".join(f"{ms:.2f} ms in {name}" for name, ms in took.items())
    say(f"  tones     {told} a call-second while who picked up is open (N = {COST_FRAMES} frames)")


async def _one(models: Models, answerer: Answerer) -> Heard:
    engines, settings = models.engines(), Settings()
    channel = Channel(LineSettings(noise_db=answerer.noise_db))
    prepared = await phrases(engines, settings)
    words_end, beep_end = 0.0, None
    async with a_call(
        engines, channel=channel, prepared=prepared, verdict=None, topic=TOPIC
    ) as call:
        answered = ended = asyncio.get_running_loop().time()
        for part, mulaw in sound(answerer):
            if call.is_over:
                break
            if isinstance(part, Waits):
                await _waits(call, part)
                continue
            _, ended = await call.phone.say(mulaw)
            if isinstance(part, Sine) and part.beep:
                beep_end = ended - answered
            elif not isinstance(part, Silence) and not words_end:
                words_end = ended - answered
            if isinstance(part, Words) and answerer.kind == "human" and call.phone.agent.speaking:
                break
        if answerer.kind == "human":
            words_end = ended - answered
            await _goes_on(call)
        elif answerer.kind == "picks up":
            words_end = ended - answered
            await call.over(6.0)
        elif answerer.kind in {"screening", "ivr"}:
            await call.over(4.0)
        elif answerer.kind == "hold":
            await call.over(10.0)
        else:
            await call.over(40.0)
        return _heard(call, answerer, answered, words_end, beep_end)


async def _waits(call: BenchCall, part: Waits) -> None:
    if part.until == "keyed":
        await call.phone.until(lambda: bool(call.log.published("dtmf.sent")), 20.0)
    elif part.until == "speaks":
        await call.phone.agent_speaks(20.0)
        await call.phone.pause(part.ms / 1000)
    else:
        await call.phone.agent_finishes(part.ms / 1000, 20.0)


async def _goes_on(call: BenchCall) -> None:
    if not await call.phone.agent_speaks(4.0):
        await call.phone.say(sound(Answerer("", "human", (Words("Hello?"),)))[0][1])
        await call.phone.agent_speaks(8.0)
    await call.phone.agent_finishes()
    await call.phone.say(
        sound(Answerer("", "human", (Words("I would like to start with pruning."),)))[0][1]
    )
    await call.phone.pause(3.0)


def _heard(
    call: BenchCall, answerer: Answerer, answered: float, words_end: float, beep_end: float | None
) -> Heard:
    results = call.log.published("call.amd.result")
    at = answered
    verdicts = []
    for one in results:
        took_ms = one["took_ms"]
        assert isinstance(took_ms, int)
        verdicts.append((str(one.get("verdict") or one.get("answered_by")), took_ms / 1000))
    message_at, given_away_at = None, 0.0
    for when, event in call.log.journal:
        is_before = bool(verdicts) and when - answered < verdicts[-1][1] + 0.001
        if isinstance(event, ToneHeard | SpeechPaused) and is_before:
            given_away_at = event.ended_at - answered
        elif isinstance(event, SpeechBegan) and is_before:
            given_away_at = verdicts[-1][1]
        elif isinstance(event, PlaybackStarted):
            at = when
        elif isinstance(event, TurnPlayed) and not event.cut and event.text == MESSAGE:
            message_at = at - answered
    phase = call.call.phase
    ended_at = call.log.journal[-1][0] - answered if isinstance(phase, Ended) else None
    ended = phase.reason if isinstance(phase, Ended | Ending) else ""
    keys = "".join(str(one["digits"]) for one in call.log.published("dtmf.sent"))
    return Heard(
        answerer, verdicts, words_end, beep_end, given_away_at, message_at, ended, ended_at, keys
    )


def _people(heard: Sequence[Heard]) -> None:
    if not heard:
        return
    right = [one for one in heard if {kind for kind, _ in one.verdicts} == {"human"}]
    waits = [one.verdicts[0][1] - one.words_end for one in right]
    lost = [
        one for one in heard if one.verdicts and one.verdicts[-1][0] not in {"human", "silence"}
    ]
    say(
        f"  people    {len(right)} of N = {len(heard)} right; verdict {median(waits or [0]):.2f} s "
        f"after their words (median), {max(waits, default=0):.2f} s (most); lost {len(lost)}"
    )
    for one in heard:
        if one not in right:
            say(f"    {one.answerer.name!r} {one.answerer.voice}: {one.verdicts}")


def _machines(heard: Sequence[Heard]) -> None:
    if not heard:
        return
    right = [one for one in heard if one.first == "machine"]
    turned = [
        one
        for one in heard
        if one not in right and one.verdicts[-1:] and one.verdicts[-1][0] == "machine"
    ]
    spans = [one.verdicts[-1][1] - one.verdicts[0][1] for one in turned] or [0]
    since = [one.verdicts[-1][1] - one.given_away_at for one in turned] or [0]
    whole = [one for one in heard if one.is_whole]
    late = [one.message_at - one.beep_end for one in whole if one.message_at and one.beep_end]
    say(
        f"  mailboxes {len(right)} of N = {len(heard)} right first time; {len(turned)} reversed, "
        f"{median(spans):.1f} s later (median), {max(spans):.1f} s (most), and "
        f"{median(since):.1f} s, {max(since):.1f} s (most) after the last sound of theirs; "
        f"whole message after the beep {len(whole)} of {len(heard)}, {median(late):.2f} s after "
        f"it (median), {max(late):.2f} s"
    )
    for one in heard:
        if one not in right or not one.is_whole:
            say(
                f"    {one.answerer.name!r} {one.answerer.voice}: {one.verdicts}, beep ended "
                f"{one.beep_end}, message {one.message_at}, {one.ended}"
            )


def _later(heard: Sequence[Heard]) -> None:
    if not heard:
        return
    greeted = [one for one in heard if one.verdicts[-1:] and one.verdicts[-1][0] == "human"]
    waits = [one.verdicts[-1][1] - one.words_end for one in greeted]
    say(
        f"  people who pick up after all: {len(greeted)} of N = {len(heard)} greeted, "
        f"{median(waits or [0]):.2f} s after their words (median), {max(waits, default=0):.2f} s"
    )
    for one in heard:
        if one not in greeted:
            say(f"    {one.answerer.name!r} {one.answerer.voice}: {one.verdicts} {one.ended}")


def _others(heard: Sequence[Heard]) -> None:
    for held_out in (False, True):
        part = [one for one in heard if one.answerer.held_out == held_out]
        right, name = sum(one.is_right for one in part), "held out" if held_out else "tuned on"
        say(f"  others    {right} of N = {len(part)} as they should, {name}")
    rows = [["who", "is", "verdicts", "keys", "ended", "at s", "right"]]
    for one in heard:
        told = ", ".join(f"{kind} {at:.1f} s" for kind, at in one.verdicts)
        held = " (held out)" if one.answerer.held_out else ""
        ended_at = "" if one.ended_at is None else f"{one.ended_at:.1f}"
        as_should = "yes" if one.is_right else f"NO: {one.answerer.keys} {one.answerer.right}"
        who = [one.answerer.name + held, one.answerer.kind]
        rows.append([*who, told, one.keys, one.ended, ended_at, as_should])
    table(rows)
