"""The hot paths one by one, without sockets: what a frame, a packet and an event cost in CPU.

Each figure is the median of several runs over the product's own functions. Real speech comes from
the product's own voice, because a speech detector does not work on anything less.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterable

from media.audio import twilio_stream
from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, SILENCE
from media.call import begin, step
from media.engines.base import SpeechDetector
from media.engines.detector import detectors
from media.engines.hibari import HibariVoice
from media.engines.moonshine import Moonshine
from media.engines.scripted import ScriptedDetector
from media.engines.silero import Silero
from media.engines.threads import Workers
from media.events import (
    AmdVerdict,
    Answered,
    CarrierStatus,
    Dialled,
    Event,
    GenerationFinished,
    PlaybackStarted,
    Recognised,
    Requested,
    Sentence,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    Tick,
    TurnPlayed,
)
from media.listening import Listening
from media.playback.speaking import AskMark, Play, Speaking
from media.settings import Settings, SpeechSettings
from tests.bench.machine import load, say, table

_RUNS = 7
_FRAMES = 500
_FRAMES_PER_SECOND = 50
_PACKETS_PER_SECOND = 10
_TEXT = (
    "I have been thinking about baking bread at home, and I wonder how long the dough should "
    "rest before it goes into the oven. My kitchen is rather cold in the morning."
)


async def report() -> None:
    """Measure everything and print a table."""
    say(f"Hot paths: median of {_RUNS} runs, one thread, {load()}")
    frames = await _frames()
    quiet = [bytes([SILENCE]) * FRAME_BYTES] * len(frames)
    wire = [twilio_stream.encode_media("MZ" + "0" * 32, frame) for frame in frames]
    new_detector = detectors(Silero())
    rows = [("", "us", "a second of call, us")]

    def add(name: str, micros: float, times_a_second: float) -> None:
        rows.append((name, f"{micros:.2f}", f"{micros * times_a_second:.0f}"))

    per_frame: list[tuple[str, Callable[[], int]]] = [
        ("frame: decode from the wire", lambda: _each(twilio_stream.decode, wire)),
        ("frame: listening, scripted", lambda: _listen(ScriptedDetector(), frames)),
        ("frame: listening, silence", lambda: _listen(new_detector(), quiet)),
        ("frame: listening, speech", lambda: _listen(new_detector(), frames)),
    ]
    for name, run in per_frame:
        add(name, _micros(run), _FRAMES_PER_SECOND)
    add("packet of 100 ms: pull and encode", _micros(_speak), _PACKETS_PER_SECOND)
    add("event: step", _micros(_decide), 1.2)
    table(rows)
    await _voice_and_ears()


def _micros(run: Callable[[], int]) -> float:
    """Microseconds for each thing done; `run` does many and says how many."""
    costs = []
    for _ in range(_RUNS):
        began_at = time.process_time_ns()
        done = run()
        costs.append((time.process_time_ns() - began_at) / done / 1000)
    return statistics.median(costs)


async def speech(text: str) -> bytes:
    """Text in the product's own voice. Raises EngineError when the voice is not installed."""
    workers = Workers(1)
    voice = HibariVoice(workers)
    try:
        return b"".join([chunk async for chunk in voice.speak(text)])
    finally:
        await voice.close()
        workers.close()


async def _voice_and_ears() -> None:
    """How long a caller waits for the models, on one thread with nothing else to do."""
    workers = Workers(1)
    voice, ears = HibariVoice(workers), Moonshine(workers)
    first_ms, heard_ms = [], []
    try:
        await voice.warm()
        await ears.warm()
        for _ in range(_RUNS):
            began_at = time.perf_counter()
            chunks = voice.speak(_TEXT)
            sound = await anext(chunks)
            first_ms.append((time.perf_counter() - began_at) * 1000)
            sound += b"".join([chunk async for chunk in chunks])
            began_at = time.perf_counter()
            await ears.recognise(sound)
            seconds = len(sound) / SAMPLE_RATE
            heard_ms.append((time.perf_counter() - began_at) * 1000 / seconds)
    finally:
        await voice.close()
        await ears.close()
        workers.close()
    say(f"voice: first sound after {statistics.median(first_ms):.0f} ms")
    say(f"ears: {statistics.median(heard_ms):.0f} ms for a second of speech")


async def _frames() -> list[bytes]:
    """Ten seconds of speech."""
    sound = await speech(_TEXT)
    frames = [sound[at : at + FRAME_BYTES] for at in range(0, len(sound) - FRAME_BYTES, 160)]
    return list(itertools.islice(itertools.cycle(frames), _FRAMES))


def _each(function: Callable[[str], object], values: Iterable[str]) -> int:
    done = 0
    for value in values:
        function(value)
        done += 1
    return done


def _listen(detector: SpeechDetector, frames: list[bytes]) -> int:
    listening = Listening(detector, SpeechSettings())
    for number, frame in enumerate(frames):
        listening.push(frame, number / _FRAMES_PER_SECOND)
    return len(frames)


def _speak() -> int:
    """A turn of ten sentences of three seconds, pulled every 100 ms as the runner does."""
    speaking = Speaking(SpeechSettings())
    for number in range(10):
        speaking.begin_sentence(1, f"sentence {number}")
        speaking.push(bytes(24_000))
        speaking.end_sentence()
    speaking.end_turn(1)
    packets, now = 0, 0.0
    while speaking.due(now) is not None:
        out, _ = speaking.pull(now)
        for item in out:
            match item:
                case Play(mulaw=mulaw):
                    twilio_stream.encode_media("MZ" + "0" * 32, mulaw)
                    packets += 1
                case AskMark(name=name):
                    speaking.on_mark(name)
                case _:
                    raise AssertionError("nothing is cut short here")
        now += 0.1
    return packets


def conversation(sid: str, rounds: int) -> list[Event]:
    """A call that is answered by a human who says `rounds` things."""
    events: list[Event] = [
        Dialled(sid), CarrierStatus("ringing", sid), CarrierStatus("in-progress", sid),
        Answered(sid), StreamStarted("MZ1"), AmdVerdict("human"), PlaybackStarted(1),
        TurnPlayed(1, "Hello.", "Hello."),
    ]  # fmt: skip
    for number in range(1, rounds + 1):
        turn = number + 1
        events += [
            SpeechBegan(number), SpeechPaused(number, number, 0.0),
            Recognised(number, number, "That sounds good, please go on"), Tick(),
            Sentence(turn, "I see."), Sentence(turn, "Please tell me more."), PlaybackStarted(turn),
            GenerationFinished(turn),
            TurnPlayed(turn, "I see. Please tell me more.", "I see. Please tell me"),
        ]  # fmt: skip
    return events


def _decide() -> int:
    call, _ = begin(Settings(), Requested("load"), 0.0)
    events = conversation("CA1", 20)
    now = 0.0
    for event in events:
        now += 1.3 if isinstance(event, Tick) else 0.01
        call, _ = step(call, event, now)
    return len(events)
