"""Engines of other makers by the sandbox's stand-ins: time to the first sound, and what they cost.

The stand-ins run in a process of their own, say and understand at once, and in tones, so that what
is measured is ours: the wire, its messages and the bytes. Connections are warm, as in a call.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE
from media.dialogue import Prompt
from media.engines.base import LanguageModel, SpeechStream, TextToSpeech, opened_stream
from media.providers import registry
from media.providers.anthropic.settings import AnthropicSettings
from media.providers.assemblyai.settings import AssemblyAISettings
from media.providers.cartesia.settings import CartesiaSettings
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.elevenlabs.settings import ElevenLabsSettings
from media.providers.openai.settings import OpenAISettings
from tests.bench.machine import load, percentile, say, table
from tests.support.vendors import KEY, Sections, ToneWords, running_vendors

SENTENCES, STREAMS = 100, 20
TEXT = "It is a pleasure to talk with you about the garden today."
Make = Callable[[str], Any]
VOICES: dict[str, tuple[str, Make]] = {
    "deepgram": ("deepgram", lambda at: DeepgramSettings(KEY, at)),
    "elevenlabs": ("elevenlabs", lambda at: ElevenLabsSettings(KEY, at)),
    "cartesia": ("cartesia", lambda at: CartesiaSettings(KEY, at)),
    "openai": ("openai", lambda at: OpenAISettings(KEY, f"{at}/v1")),
}
EARS: dict[str, tuple[str, Make]] = {
    "deepgram nova": ("deepgram", lambda at: DeepgramSettings(KEY, at)),
    "deepgram flux": ("deepgram", lambda at: DeepgramSettings(KEY, at, "flux-general-en")),
    "assemblyai": ("assemblyai", lambda at: AssemblyAISettings(KEY, at)),
}
MODELS: dict[str, tuple[str, Make]] = {
    "anthropic": ("anthropic", lambda at: AnthropicSettings(KEY, at))
}


async def report() -> None:
    """Measure everything and print."""
    async with _stand_ins() as origin:
        say(f"Engines by stand-ins in another process, {load()}")
        rows: list[Sequence[str]] = [("", "N", "first p50", "p99 ms", "ms of CPU", "")]
        for name, made in VOICES.items():
            voice: TextToSpeech = _made("text_to_speech", made, origin)
            rows.append((f"voice of {name}", *await _spoken(voice), "a second of speech"))
            await voice.close()
        for name, made in MODELS.items():
            model: LanguageModel = _made("llm", made, origin)
            rows.append((f"language model of {name}", *await _thought(model), "a reply"))
            await model.close()
        for name, made in EARS.items():
            rows.append((f"ears of {name}", *await _heard(made, origin), "a second of speech"))
    table(rows)
    say(
        "first: from a text to the first sound, to a reply's first piece, from the last frame of an"
    )
    say("utterance to its words. The vendor's own is none.")


def _made(kind: registry.Kind, made: tuple[str, Make], origin: str) -> Any:
    name, settings = made
    sections: Any = Sections(**{name: settings(f"{origin}/providers/{name}")})
    return registry.make(kind, name, sections, "en")


async def _spoken(voice: TextToSpeech) -> tuple[str, str, str, str]:
    """Of sentence after sentence: times to the first sound, and CPU."""
    await _first(voice.speak(TEXT))  # opens the connection
    cpu, waits, sound = time.process_time(), list[float](), 0
    for _ in range(SENTENCES):
        waited, size = await _first(voice.speak(TEXT))
        waits.append(waited)
        sound += size
    spent = time.process_time() - cpu
    return _cells(waits, spent * 1000 / (sound / SAMPLE_RATE))


async def _thought(model: LanguageModel) -> tuple[str, str, str, str]:
    prompt = Prompt("roses", ())
    await _first(model.think(prompt))
    cpu, waits = time.process_time(), list[float]()
    for _ in range(SENTENCES):
        waits.append((await _first(model.think(prompt)))[0])
    return _cells(waits, (time.process_time() - cpu) * 1000 / SENTENCES)


async def _first(pieces: AsyncIterator[Any]) -> tuple[float, int]:
    """Milliseconds until the first piece, and how long all of it is."""
    began, first, size = time.perf_counter(), 0.0, 0
    async for piece in pieces:
        first = first or time.perf_counter() - began
        size += len(piece)
    return first * 1000, size


async def _heard(made: tuple[str, Make], origin: str) -> tuple[str, str, str, str]:
    """Many streams at once, fed a frame every 20 ms while somebody speaks on and on."""
    engine = _made("speech_to_text", made, origin)
    sound = ToneWords().sound(TEXT)
    async with asyncio.TaskGroup() as group:
        opened = [one for _ in range(STREAMS) if (one := opened_stream(engine)) is not None]
        running = [group.create_task(stream.run()) for stream in opened]
        await _say(opened, sound[: 10 * FRAME_BYTES])  # opens the connections
        cpu = time.process_time()
        waits = await _say(opened, sound)
        spent = time.process_time() - cpu
        for task in running:
            task.cancel()
    await engine.close()
    return _cells(waits, spent * 1000 / (len(opened) * len(sound) / SAMPLE_RATE))


async def _say(streams: Sequence[SpeechStream], sound: bytes) -> list[float]:
    """At the pace of speech; milliseconds from its end to the words of each."""
    loop = asyncio.get_running_loop()
    for stream in streams:
        stream.begin()
    began = loop.time()
    for number, at in enumerate(range(0, len(sound), FRAME_BYTES), 1):
        for stream in streams:
            stream.feed(sound[at : at + FRAME_BYTES])
        await asyncio.sleep(max(0.0, began + number * 0.02 - loop.time()))  # 50 frames a second
    return list(await asyncio.gather(*map(_finished, streams)))


async def _finished(stream: SpeechStream) -> float:
    began = time.perf_counter()
    await stream.finish()
    return (time.perf_counter() - began) * 1000


def _cells(waits: list[float], cpu_ms: float) -> tuple[str, str, str, str]:
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    return str(len(waits)), f"{p50:.1f}", f"{p99:.1f}", f"{cpu_ms:.2f}"


@asynccontextmanager
async def _stand_ins() -> AsyncIterator[str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.engines", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        yield (await child.stdout.readline()).decode().strip()
    finally:
        child.terminate()
        await child.wait()


async def _serve() -> None:
    async with running_vendors(ToneWords()) as vendors:
        print(vendors.origin, flush=True)  # noqa: T201 - who started it reads this
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve())
