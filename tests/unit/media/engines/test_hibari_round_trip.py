"""The offline voice heard by the offline ears over the telephone: words, and time at each stage."""

import asyncio
import re
from collections.abc import Iterator

import pytest

from media.audio import mulaw
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


async def test_what_the_voice_says_the_ears_understand(workers: Workers) -> None:
    voice, ears = HibariVoice(workers), Moonshine(workers)
    await voice.warm()
    await ears.warm()
    errors = total = 0
    for sentence in SENTENCES:
        sound = b"".join([chunk async for chunk in voice.speak(sentence)])
        heard = await ears.recognise(PAUSE + sound + PAUSE)
        errors += word_errors(words(sentence), words(heard))
        total += len(words(sentence))
    assert errors / total < 0.05


async def test_the_event_loop_goes_on_while_four_callers_are_heard(workers: Workers) -> None:
    ears = Moonshine(workers)
    await ears.warm()
    sound = mulaw.encode_float(recording("two_cities.wav", 0, 8))
    async with asyncio.TaskGroup() as tasks:
        hearing = [tasks.create_task(ears.recognise(sound)) for _ in range(4)]
        turns = 0
        while not any(task.done() for task in hearing):
            await asyncio.sleep(0.001)
            turns += 1
    assert turns > 20  # the sound of one takes a hundred times as long
