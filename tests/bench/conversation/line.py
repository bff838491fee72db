"""The rig itself, shown: a whole conversation on lines of several kinds, and what it costs."""

import asyncio
import time
from functools import partial

from media.events import SpeechBegan, TurnPlayed
from media.settings import Settings
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.settings import LineSettings
from tests.bench.conversation.call import a_call, phrases
from tests.bench.conversation.clock import run
from tests.bench.conversation.engines import BenchModel, Models
from tests.bench.conversation.voices import crowd, speech
from tests.bench.machine import say, table

_LINES = {
    "perfect": LineSettings(),
    "echo -20 dB, 200 ms": LineSettings(echo_db=-20, echo_delay_ms=200),
    "the same in a room of 300 ms": LineSettings(echo_db=-20, echo_delay_ms=200, room_ms=300),
    "GSM, 3 % loss, 60 ms jitter": LineSettings(codec="gsm", loss=0.03, jitter_ms=60),
    "noise 15 dB below": LineSettings(noise_db=15),
    "babble 15 dB below": LineSettings(babble_db=15),
    "talker 20 dB below": LineSettings(talker_db=20),
}
_SAID = (
    "I would like to talk about my roses, please.",
    "They have had yellow leaves since the spring.",
    "All right, I will try that. Thank you.",
)


def report() -> None:
    """One conversation of three turns on each line."""
    models, rows = Models(), [["line", "seconds", "times faster", "cuts", "began", "heard as"]]
    try:
        for name, settings in _LINES.items():
            rows.append(run(partial(_one, models, name, settings)))
    finally:
        models.close()
    say(f"line      N = {len(_LINES)} conversations of {len(_SAID)} turns, mind of 0.5 s")
    table(rows)


async def _one(models: Models, name: str, settings: LineSettings) -> list[str]:
    engines = models.engines(BenchModel(first_seconds=0.5))
    channel = Channel(settings, crowd() if settings.needs_voices else ())
    prepared = await phrases(engines, Settings())
    began = time.perf_counter()
    async with a_call(engines, channel=channel, prepared=prepared) as call:
        await call.phone.agent_finishes()
        for text in _SAID:
            _, ended = await call.phone.say(speech(text, "heart-deep"))
            await call.phone.agent_answers(ended, patience=20)
        seconds = asyncio.get_running_loop().time()
    took = time.perf_counter() - began
    cuts = sum(event.cut for _, event in call.log.journal if isinstance(event, TurnPlayed))
    heard = " / ".join(call.log.heard("caller"))
    return [
        name, f"{seconds:.1f}", f"{seconds / took:.0f}", str(cuts),
        str(len(call.log.times(SpeechBegan))), heard[:80],
    ]  # fmt: skip
