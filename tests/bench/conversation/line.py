"""The rig itself, shown: a whole conversation on lines of several kinds, and what it costs."""

import asyncio
import time
from functools import partial
from itertools import product

import msgspec
import numpy as np

from media.events import SpeechBegan, TurnPlayed
from media.settings import Settings
from sandbox.core.audio import FRAME_BYTES, RATE, SILENCE, decode_mulaw, encode_mulaw
from sandbox.core.channel.channel import Channel
from sandbox.core.channel.codec import CodecMissingError, new_codec
from sandbox.core.channel.settings import LineSettings
from sandbox.core.channel.sound import VOICE_DB, Samples, level_db, voice_level_db
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
    "AMR": LineSettings(codec="amr"),
    "noise 15 dB below": LineSettings(noise_db=15),
    "babble 15 dB below": LineSettings(babble_db=15),
    "talker 20 dB below": LineSettings(talker_db=20),
}
_ECHO_DB = (-10.0, -15.0, -20.0, -25.0, -30.0, -35.0, -40.0, -45.0)
_DELAY_MS = (50, 120, 250, 400)
_SAID = (
    "I would like to talk about my roses, please.",
    "They have had yellow leaves since the spring.",
    "All right, I will try that. Thank you.",
)


def report() -> None:
    """The line against its settings, then one conversation of three turns on each line."""
    _fidelity()
    models, rows = Models(), [["line", "seconds", "times faster", "cuts", "began", "heard as"]]
    try:
        for name, settings in _LINES.items():
            try:
                new_codec(settings.codec)
            except CodecMissingError as error:
                say(f"line      left out: {name}; {error}")
                continue
            rows.append(run(partial(_one, models, name, settings)))
    finally:
        models.close()
    say(f"line      N = {len(rows) - 1} conversations of {len(_SAID)} turns, mind of 0.5 s")
    table(rows)


def _fidelity() -> None:
    """How far what is measured of a line is from what it was set to."""
    voice = decode_mulaw(speech(" ".join(_SAID), "heart-deep")).astype(np.float32)
    levels: list[float] = []
    delays: list[float] = []
    for echo_db, delay_ms, room_ms in product(_ECHO_DB, _DELAY_MS, (0, 150, 400)):
        line = LineSettings(echo_db=echo_db, echo_delay_ms=delay_ms, room_ms=room_ms)
        echo = _echo(Channel(line), voice)
        late = delay_ms * RATE // 1000
        levels.append(level_db(echo[late:]) - level_db(voice[:-late]) - echo_db)
        delays.append(_delay_ms(voice, echo) - delay_ms)
    backgrounds: list[float] = []
    for below in (5.0, 10.0, 15.0, 20.0, 30.0):
        for name in ("noise_db", "babble_db", "talker_db"):
            channel = Channel(msgspec.convert({name: below}, LineSettings), crowd())
            sent = b"".join(channel.says(SILENCE) for _ in range(1000))
            behind = decode_mulaw(sent).astype(np.float32)
            level = level_db(behind) if name == "noise_db" else voice_level_db(behind)
            backgrounds.append(VOICE_DB - level - below)
    for what, unit, errors in (
        ("echo's level", "dB", levels),
        ("echo's delay", "ms", delays),
        ("noise, babble, talker", "dB", backgrounds),
    ):
        worst = max(abs(error) for error in errors)
        say(f"line      {what}: N = {len(errors)}, at worst {worst:.2f} {unit} from what was set")


def _echo(channel: Channel, voice: Samples) -> Samples:
    heard, sent = encode_mulaw(voice.astype(np.int16)), b""
    for at in range(0, len(heard), FRAME_BYTES):
        sent += channel.says(SILENCE)
        channel.hears(heard[at : at + FRAME_BYTES])
    return decode_mulaw(sent).astype(np.float32)


def _delay_ms(voice: Samples, echo: Samples) -> float:
    """Where the two are most alike; a room's loudest moment is not always its first."""
    size = 2 * voice.size
    spectrum = np.fft.rfft(echo, size) * np.conj(np.fft.rfft(voice, size))
    return float(np.argmax(np.abs(np.fft.irfft(spectrum, size)))) / RATE * 1000


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
