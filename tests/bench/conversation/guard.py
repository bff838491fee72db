"""Who may interrupt: the agent's own echo, real stops, backgrounds, and noises that give way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import product
from typing import TypeAlias

import numpy as np

from media.audio.mulaw import decode_float, encode_float
from media.events import TurnPlayed
from media.settings import Settings
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.settings import LineSettings
from tests.bench.conversation.call import BenchCall, a_call, phrases
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import BenchModel, Models
from tests.bench.conversation.noises import cough, laugh, throat
from tests.bench.conversation.voices import crowd, has_music, music, speech
from tests.bench.machine import say, table

_ANSWER = (
    "You should water them early in the morning, and never on the leaves. Then cut the old wood "
    "back in spring, and give them some food every other week. Is there anything else about it?"
)
_ECHO_DB = (-10, -15, -20, -30, -45)
_DELAYS_MS = (50, 120, 200, 300, 400)
_ROOMS_MS = (0, 300)
_OWN_VOICES = ("heart", "heart-deep", "heart-deeper", "heart-high")  # others spell mm-hmm
_STOPS = (
    "Stop.", "Wait, stop, please.", "What do you mean?", "No, that is wrong.",
    "Hold on a second.", "Can I ask you something?",
)  # fmt: skip
_VOICES = ("heart-deep", "heart-high", "flite-rms", "flite-slt")
_LINES = {
    "perfect": LineSettings(),
    "echo -20 dB in a room": LineSettings(echo_db=-20, echo_delay_ms=200, room_ms=300),
}
_GO_ON = ("Mm-hmm.", "Uh-huh.", "Yeah.", "Okay.", "Right.", "I see.")
_NOISES = 8  # of a kind
_TALKERS_DB = (12, 15, 18, 21, 24, 27, 15)


def report() -> None:
    """Print all of it."""
    models = Models()
    try:
        _echo(models)
        _stops(models)
        _background(models)
        _backchannels(models)
        _noises(models)
    finally:
        models.close()


def _echo(models: Models) -> None:
    lines = [
        LineSettings(echo_db=db, echo_delay_ms=delay, room_ms=room)
        for db, delay, room in product(_ECHO_DB, _DELAYS_MS, _ROOMS_MS)
    ]
    cuts = [run(partial(_listens, models, line)) for line in lines]
    bad = [f"{line.echo_db:.0f}/{line.echo_delay_ms}/{line.room_ms}"
           for line, cut in zip(lines, cuts, strict=True) if cut]  # fmt: skip
    say(f"guard     own echo of -10 to -45 dB: {sum(cuts)} cuts, N = {len(cuts)} calls; {bad}")


async def _listens(models: Models, line: LineSettings) -> int:
    """A caller who says one sentence and otherwise hears the agent out on a speakerphone."""
    async with _call(models, line) as call:
        await call.phone.agent_finishes()
        _, ended = await call.phone.say(speech("How do I look after my roses?", "heart-deep"))
        await call.phone.agent_answers(ended, patience=20)
    return _cuts(call)


def _stops(models: Models) -> None:
    rows = [["line", "N", "stopped", "onset to silence at the ear: median", "90 %"]]
    for name, line in _LINES.items():
        found = [
            run(partial(_stop, models, line, text, voice, 0.7 + 0.37 * (n % 7)))
            for n, (text, voice) in enumerate(product(_STOPS, _VOICES))
        ]
        known = [seconds * 1000 for _, seconds in found if seconds is not None]
        median, late = np.percentile(known, [50, 90]) if known else (0, 0)
        stopped = sum(stopped for stopped, _ in found)
        rows.append([name, str(len(found)), str(stopped), f"{median:.0f} ms", f"{late:.0f} ms"])
    say("guard     real stops and questions over an answer")
    table(rows)


async def _stop(
    models: Models, line: LineSettings, text: str, voice: str, into: float
) -> tuple[bool, float | None]:
    """Whether it stopped, and after how long if it was audible as the caller began."""
    async with _call(models, line) as call:
        phone = call.phone
        await phone.agent_finishes()
        _, ended = await phone.say(speech("How do I look after my roses?", "heart-deep"))
        await phone.until(lambda: phone.first_audible(ended) is not None)
        await phone.pause(into)
        began = phone.now
        cuts = _cuts(call)
        async with asyncio.TaskGroup() as group:
            group.create_task(phone.say(speech(text, voice)))
            stopped = await phone.until(lambda: _cuts(call) > cuts, patience=2.0)
        await phone.pause(0.5)
        last = phone.last_audible(began)
    return stopped, None if not stopped or last is None else last - began


def _background(models: Models) -> None:
    taken = [run(partial(_television, models, db, n)) for n, db in enumerate(_TALKERS_DB)]
    floors = sum(bool(turns) for turns, _ in taken)
    silenced = sum(not spoke for _, spoke in taken)
    say(f"guard     a talker 12 to 27 dB down takes the floor in {floors}, silences the agent for")
    say(f"          good in {silenced}, N = {len(taken)} calls of three turns")


async def _television(models: Models, below: float, number: int) -> tuple[int, bool]:
    """How many turns somebody else got, and whether the agent answered each of the caller's."""
    line = LineSettings(talker_db=below)
    said = ("How do I look after my roses?", "And what about the tulips?", "Thank you very much.")
    answered = True
    async with _call(models, line, seed=number + 1) as call:
        await call.phone.agent_finishes()
        for text in said:
            _, ended = await call.phone.say(speech(text, "heart-deep"))
            answered &= await call.phone.agent_answers(ended, patience=20)
        await call.phone.pause(4.0)
        turns = [turn for turn in call.call.facts.turns if turn.speaker == "caller"]
    return max(0, len(turns) - len(said)) + _cuts(call), answered


def _backchannels(models: Models) -> None:
    rows = [["sound", "N", "cut", "floor back", "lost words", "median gap"]]
    for text in _GO_ON:
        found = [
            run(partial(_over_an_answer, models, speech(text, voice), 0.6 + 0.53 * n))
            for n, voice in enumerate(_OWN_VOICES + _OWN_VOICES)
        ]
        rows.append(_row(text, found))
    say("guard     said to go on, over an answer")
    table(rows)


Over: TypeAlias = tuple[bool, bool, bool, float | None]


def _row(name: str, found: Sequence[Over]) -> list[str]:
    gaps = [gap for _, back, _, gap in found if back and gap is not None]
    return [
        name, str(len(found)), str(sum(cut for cut, *_ in found)),
        str(sum(back for _, back, _, _ in found)), str(sum(lost for _, _, lost, _ in found)),
        f"{np.median(gaps) * 1000:.0f} ms" if gaps else "-",
    ]  # fmt: skip


async def _over_an_answer(models: Models, sound: bytes, into: float) -> Over:
    """Whether it cut, whether the agent went on to the end, lost a word, and the gap."""
    async with _call(models, LineSettings()) as call:
        phone = call.phone
        await phone.agent_finishes()
        _, ended = await phone.say(speech("How do I look after my roses?", "heart-deep"))
        await phone.until(lambda: phone.first_audible(ended) is not None)
        await phone.pause(into)
        began = phone.now
        await phone.say(sound)
        await phone.agent_finishes(quiet=2.5)
        heard = [turn.heard for turn in call.call.facts.turns if turn.speaker == "agent"][1:]
        callers = [turn for turn in call.call.facts.turns if turn.speaker == "caller"]
        cut_at = [
            at for at, event in call.log.journal if isinstance(event, TurnPlayed) and event.cut
        ]
        again = phone.first_audible(cut_at[0]) if cut_at else None
        silent = phone.last_audible(began)
    back = len(callers) == 1
    said = " ".join(heard).split()
    lost = back and said != _ANSWER.split()
    return bool(cut_at), back, lost, again - silent if again and silent else None


def _noises(models: Models) -> None:
    """Coughs and the like are made by a program (`noises`), the odd seeds held out; music is at the
    caller's own level and below it, the last three pieces held out."""
    rows = [["sound", "N", "cut", "floor back", "lost words", "median gap"]]
    made = {"cough": cough, "laugh": laugh, "throat": throat}
    kinds = {
        f"{name}{', held out' if odd else ''}": [make(2 * n + odd) for n in range(_NOISES)]
        for name, make in made.items()
        for odd in (0, 1)
    }
    if has_music():
        for name, pieces in (("music", (0, 1)), ("music, held out", (2, 3, 4))):
            kinds[name] = [
                _quieter(music(4.0, 20.0 + 31 * n, piece), db)
                for piece in pieces
                for n, db in enumerate((0, 6, 12, 18))
            ]
    for name, sounds in kinds.items():
        found = [
            run(partial(_over_an_answer, models, sound, 0.6 + 0.41 * (n % 8)))
            for n, sound in enumerate(sounds)
        ]
        rows.append(_row(name, found))
    say("guard     noises over an answer")
    table(rows)


def _quieter(sound: bytes, db: float) -> bytes:
    return encode_float((decode_float(sound) * 10 ** (-db / 20)).astype(np.float32))


def _cuts(call: BenchCall) -> int:
    return sum(isinstance(event, TurnPlayed) and event.cut for _, event in call.log.journal)


@asynccontextmanager
async def _call(models: Models, line: LineSettings, seed: int = 1) -> AsyncIterator[BenchCall]:
    """A call with an agent that has a good deal to say."""
    engines = models.engines(BenchModel([_ANSWER], first_seconds=0.5))
    channel = Channel(line, crowd() if line.needs_voices else (), seed=seed)
    prepared = await phrases(engines, Settings())
    async with a_call(engines, channel=channel, prepared=prepared) as call:
        yield call
