"""When turns end: callers cut off, and how long they wait, on 341 turns of eight kinds.

The product is the real runner, asked by the agent's greeting; others are played beside it. A turn
is cut off when it is taken before its last sound; the wait is from there to the turn, of those that
were not. A third of the turns is held out: nobody looked at them while rules were
made. Then answers over the end of a question, and monologues. Long readings stand apart, all held
out.
"""

import os
import statistics
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from media.engines.base import EngineError, Engines
from media.engines.smart_turn import SmartTurn, weights
from media.engines.threads import Workers
from media.settings import ConversationSettings, Settings
from tests.bench.conversation import turn_stories
from tests.bench.conversation.call import a_call
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import BenchModel, Models, TimedTurnEnd
from tests.bench.conversation.turn_policies import Policy, ends, pauses, policies
from tests.bench.conversation.turn_set import KINDS, Said, readings, turns
from tests.bench.conversation.voices import (
    PROMPTS,
    has_prompts,
    mulaw,
    recording,
    speech,
    trimmed,
    voices,
)
from tests.bench.machine import say, table

MODEL_VARIABLE = "TALKING_SPEECH__TURN_END_MODEL"
_BETWEEN_WORDS = np.zeros(480, np.float32)  # 60 ms between words recorded one by one
_BEFORE_SECONDS, _AFTER_SECONDS = 0.4, 3.6


class Spoken(msgspec.Struct, frozen=True):
    """The sound of a turn, and when its last part ends, in seconds."""

    said: Said
    mulaw: bytes
    ended: float


class Outcome(msgspec.Struct, frozen=True):
    """What became of a turn: whether it was cut off, and the wait at its end if it was not."""

    said: Said
    cut: bool
    wait_ms: float | None


def report() -> None:
    """All policies, then the product's rules by kind."""
    spoken = [_spoken(said) for said in turns() if _can_be_said(said)]
    models, workers = Models(), Workers(1)
    model = turn_end_model(workers)
    say(f"turns     N = {len(spoken)}, {sum(one.said.held_out for one in spoken)} held out")
    read = [_spoken(said) for said in readings() if _can_be_said(said)]
    try:
        turn_stories.report(models)
        _say_row("", _HEADS)
        by_kind = [run(partial(_ours, models.engines(_mind()), one)) for one in spoken]
        _say_row("this product, by words", _figures(by_kind))
        if model is not None:
            engines = msgspec.structs.replace(models.engines(_mind()), turn_end=model)
            braked = [run(partial(_ours, engines, one)) for one in spoken]
            _say_row("the same, with Smart Turn as a brake", _figures(braked))
        for name, (pause_ms, policy) in policies(models.speech_to_text, model).items():
            _say_row(name, _figures(run(partial(_others, models, spoken, pause_ms, policy))))
        by_kind += [run(partial(_ours, models.engines(_mind()), one)) for one in read]
    finally:
        models.close()
        workers.close()
    say()
    heads = ["by words", "N", "cut off", "mean wait", "median wait"]
    table([heads, *(_of_kind(by_kind, kind) for kind in (*KINDS, "reading"))])
    if model is None:
        say(f"no Smart Turn: pip install --no-deps pipecat-ai==1.14.0, or {MODEL_VARIABLE}=FILE")


def turn_end_model(workers: Workers) -> TimedTurnEnd | None:
    """Smart Turn where it is installed or named by the environment."""
    try:
        path = os.environ.get(MODEL_VARIABLE)
        return TimedTurnEnd(SmartTurn(workers, Path(path) if path else weights()))
    except EngineError:
        return None


def _mind() -> BenchModel:
    return BenchModel(first_seconds=0.5)


def _can_be_said(said: Said) -> bool:
    """Whether the recordings and the voice are installed."""
    recorded = [part.startswith("@") for part in said.parts]
    return (has_prompts() or not any(recorded)) and (said.voice in voices() or all(recorded))


def _spoken(said: Said) -> Spoken:
    sound, ended = _quiet(_BEFORE_SECONDS), 0.0
    for part, pause_ms in zip(said.parts, (*said.pauses_ms, 0), strict=True):
        sound += _part(part, said.voice)
        ended = len(sound) / 8000
        sound += _quiet(pause_ms / 1000)
    return Spoken(said, sound + _quiet(_AFTER_SECONDS), ended)


def _quiet(seconds: float) -> bytes:
    return b"\xff" * (round(seconds * 50) * 160)


def _part(part: str, voice: str) -> bytes:
    if not part.startswith("@"):
        return speech(part, voice)
    words = [trimmed(recording(PROMPTS / f"{name}.wav")) for name in part[1:].split()]
    pieces = [piece for word in words for piece in (_BETWEEN_WORDS, word)]
    return mulaw(np.concatenate(pieces[1:]))


async def _others(
    models: Models, spoken: Sequence[Spoken], pause_ms: int, policy: Policy
) -> list[Outcome]:
    return [
        _outcome(one, await ends(pauses(one.mulaw, models.new_detector(), pause_ms), policy))
        for one in spoken
    ]


async def _ours(engines: Engines, one: Spoken) -> Outcome:
    """The turn on a line to the real runner."""
    asked = one.said.asked  # and nothing else, not even that a machine asks
    talk = ConversationSettings(greeting=asked, disclosure=asked, disclosure_words=asked.split()[0])
    settings = Settings(conversation=talk)
    async with a_call(engines, settings=settings) as call:
        await call.phone.agent_finishes()
        began, _ = await call.phone.say(one.mulaw)
        taken = [turn.at for turn in call.call.facts.turns if turn.speaker == "caller"]
    return _outcome(one, taken[0] - began if taken else None)


def _outcome(one: Spoken, taken: float | None) -> Outcome:
    if taken is None:
        return Outcome(one.said, cut=False, wait_ms=None)
    cut = taken < one.ended
    return Outcome(one.said, cut, None if cut else (taken - one.ended) * 1000)


_HEADS = [
    "cut off", "made", "held out", "mean wait", "made", "held out", "grouped", "short", "prompts",
]  # fmt: skip


def _say_row(name: str, figures: Sequence[str]) -> None:
    """One policy, as soon as it is known: it takes minutes."""
    say(f"{name:38}" + "".join(f"{figure:>10}" for figure in figures))


def _figures(outcomes: Sequence[Outcome]) -> list[str]:
    """Cut off and mean wait, of all and of each part; then of grouped digits what was cut off, the
    median wait of short answers, and long prompts cut off."""
    parts = (
        outcomes,
        [one for one in outcomes if not one.said.held_out],
        [one for one in outcomes if one.said.held_out],
    )
    grouped, short, long = (
        [one for one in outcomes if one.said.kind == kind]
        for kind in ("grouped digits", "short answer", "long prompt")
    )
    return [
        *(_cut(part) for part in parts),
        *(f"{statistics.mean(_waits(part)):.0f} ms" for part in parts),
        _cut(grouped), f"{statistics.median(_waits(short)):.0f} ms", _cut(long),
    ]  # fmt: skip


def _of_kind(outcomes: Sequence[Outcome], kind: str) -> list[str]:
    mine = [one for one in outcomes if one.said.kind == kind]
    waits = _waits(mine)
    mean, median = statistics.mean(waits), statistics.median(waits)
    return [kind, str(len(mine)), _cut(mine), f"{mean:.0f} ms", f"{median:.0f} ms"]


def _cut(outcomes: Sequence[Outcome]) -> str:
    return f"{100 * sum(one.cut for one in outcomes) / max(1, len(outcomes)):.1f} %"


def _waits(outcomes: Sequence[Outcome]) -> list[float]:
    return [one.wait_ms for one in outcomes if one.wait_ms is not None] or [float("nan")]
