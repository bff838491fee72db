"""Language models that take their time: how soon the caller hears something, and who is lost."""

from collections.abc import Callable
from functools import partial

import numpy as np

from media.events import EngineFailed, SpeechBegan
from media.settings import Settings
from tests.bench.conversation.call import a_call, phrases
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import BenchModel, Models
from tests.bench.conversation.voices import speech
from tests.bench.machine import say, table

_SAID = (
    "I would like to talk about my roses, please.", "They have had yellow leaves since the spring.",
    "I water them twice a week.", "All right, I will try that.", "How long will it take?",
)  # fmt: skip
_VOICES = ("heart-deep", "heart-high", "flite-slt", "flite-rms")
_CALLS = 20
_MODELS: tuple[tuple[str, float | Callable[[int], float]], ...] = (
    ("0.5 s", 0.5),
    ("1.1 s", 1.1),
    ("3 s", 3.0),
    ("0.5 s, one in ten 4.5 s", lambda number: 4.5 if number % 10 == 9 else 0.5),
)


def report(calls: int = _CALLS) -> None:
    """Calls of five turns with models of several speeds."""
    rows = [["first words after", "calls", "live", "turns", "something heard: median", "90 %",
             "asked again", "failures"]]  # fmt: skip
    models = Models()
    try:
        for name, seconds in _MODELS:
            found = [run(partial(_one, models, seconds, _VOICES[n % 4])) for n in range(calls)]
            waits = [wait * 1000 for waits, *_ in found for wait in waits]
            median, late = np.percentile(waits, [50, 90])
            rows.append([
                name, str(calls), str(sum(live for _, live, _, _ in found)), str(len(waits)),
                f"{median:.0f} ms", f"{late:.0f} ms", str(sum(extra for *_, extra, _ in found)),
                str(sum(failures for *_, failures in found)),
            ])  # fmt: skip
    finally:
        models.close()
    say("slow      from the caller's last sound to the agent's next, at the ear")
    table(rows)


async def _one(
    models: Models, first_seconds: float | Callable[[int], float], voice: str
) -> tuple[list[float], bool, int, int]:
    """Waits, whether the call lived, thoughts that were dropped, and failures."""
    model = BenchModel(first_seconds=first_seconds)
    engines = models.engines(model)
    waits = []
    async with a_call(engines, prepared=await phrases(engines, Settings())) as call:
        await call.phone.agent_finishes()
        for text in _SAID:
            _, ended = await call.phone.say(speech(text, voice))
            await call.phone.agent_answers(ended, quiet=4.0, patience=20)
            heard = call.phone.first_audible(ended)
            if heard is not None:
                waits.append(heard - ended)
        live = not call.is_over
        turns = sum(turn.speaker == "caller" for turn in call.call.facts.turns)
        failures = len(call.log.events(EngineFailed))
        assert call.log.times(SpeechBegan), "nobody was heard"
    return waits, live, len(model.prompts) - turns, failures
