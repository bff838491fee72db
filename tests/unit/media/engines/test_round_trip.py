"""The offline voice heard by the offline ears over the telephone: words, and time at each stage."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Iterator

import pytest

from media import mulaw
from media.engines.hibari import HibariVoice
from media.engines.moonshine import Moonshine
from media.engines.threads import Workers
from tests.unit.media.engines.recordings import recording

SENTENCES = (
    "Hello, this is the assistant you asked for.",
    "I would like to talk about your garden today.",
    "Please stop calling me.",
    "Who is this?",
    "My train was late because of the snow.",
    "I think the weather is lovely, but my knees hurt.",
    "What do you like most about the smell of the leaves?",
    "Could you say that again, please?",
    "Yes, of course.",
    "I have to go now.",
    "We went to the sea every summer when I was a child.",
    "Thank you for talking with me.",
)
PAUSE = bytes([mulaw.SILENCE]) * 1600


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(threads=2)
    yield workers
    workers.close()


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower().replace("-", " "))


def word_errors(said: list[str], heard: list[str]) -> int:
    """Fewest words to insert, drop or change to make one of the other (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        previous, row = row, [i]
        for j, other in enumerate(heard, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (word != other)))
    return row[-1]


async def test_what_the_voice_says_the_ears_understand(
    workers: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    voice, ears = HibariVoice(workers), Moonshine(workers)
    await voice.warm()
    await ears.warm()
    errors = total = 0
    first_audio_ms: list[float] = []
    heard_per_second_ms: list[float] = []
    for sentence in SENTENCES:
        start = time.perf_counter()
        sound = b""
        async for chunk in voice.speak(sentence):
            if not sound:
                first_audio_ms.append((time.perf_counter() - start) * 1000)
            sound += chunk
        start = time.perf_counter()
        heard = await ears.recognise(PAUSE + sound + PAUSE)
        seconds = (len(sound) + 2 * len(PAUSE)) / mulaw.SAMPLE_RATE
        heard_per_second_ms.append((time.perf_counter() - start) * 1000 / seconds)
        errors += word_errors(words(sentence), words(heard))
        total += len(words(sentence))
    with capsys.disabled():
        sys.stdout.write(
            f"\nround trip: {errors} of {total} words wrong; first audio"
            f" {statistics.median(first_audio_ms):.0f} ms (worst {max(first_audio_ms):.0f});"
            f" hearing {statistics.median(heard_per_second_ms) * 3:.0f} ms for 3 s\n"
        )
    assert errors / total < 0.05
    assert statistics.median(first_audio_ms) < 250


async def test_the_event_loop_keeps_its_pace_while_four_callers_are_heard(
    workers: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    ears = Moonshine(workers)
    await ears.warm()
    sound = mulaw.encode_float(recording("two_cities.wav", 0, 8))
    late_ms: list[float] = []

    async def tick() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.02)
            late_ms.append((time.perf_counter() - start) * 1000 - 20)

    async with asyncio.TaskGroup() as tasks:
        ticking = tasks.create_task(tick())
        await asyncio.gather(*(ears.recognise(sound) for _ in range(4)))
        ticking.cancel()
    with capsys.disabled():
        sys.stdout.write(
            f"\nloop while hearing: {statistics.median(late_ms):.1f} ms late"
            f" (worst {max(late_ms):.0f})\n"
        )
    assert len(late_ms) > 5
    assert statistics.median(late_ms) < 20
