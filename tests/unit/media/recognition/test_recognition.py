"""Words while somebody speaks: piece by piece, for show, and all of them at the end."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from msgspec import to_builtins

from media.audio.mulaw import FRAME_BYTES
from media.effects import Publish, Recognise
from media.engines.base import EngineError, Engines
from media.engines.scripted import (
    Behaviour,
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)
from media.events import EngineFailed, Event, Recognised
from media.listening import Listening
from media.recognition.recognition import Recognition
from media.settings import SpeechSettings
from tests.support.script import Script

SETTINGS = SpeechSettings()
LOUD, QUIET = b"\x10" * FRAME_BYTES, b"\xff" * FRAME_BYTES
SECOND = 50  # frames


def count_frames(mulaw: bytes) -> str:
    """Words of a sound: how many loud frames it has."""
    return str(sum(mulaw[at] == LOUD[0] for at in range(0, len(mulaw), FRAME_BYTES)))


class Model:
    """How finished a sound is: as it is told."""

    def __init__(self, given: float | EngineError | None) -> None:
        self.given = given

    async def complete(self, _mulaw: bytes) -> float | None:
        if isinstance(self.given, EngineError):
            raise self.given
        return self.given


class Ears:
    """One side of a call, with its sound and what comes of it."""

    def __init__(self, speech_to_text: ScriptedSpeechToText, model: Model | None = None) -> None:
        self.posted: list[Event] = []
        self.shown: list[Publish] = []
        self.begun: list[str] = []
        self.listening = Listening(ScriptedDetector(), SETTINGS)
        llm, voice = ScriptedLanguageModel([""]), ScriptedTextToSpeech()
        engines = Engines(speech_to_text, voice, llm, ScriptedDetector, model)
        self.recognition = Recognition(
            "caller", self.listening, engines, SETTINGS, self.posted.append, self.shown.append,
            self.start,
        )  # fmt: skip
        self.call = Script().quiet().caller_begins().call
        self.group = asyncio.TaskGroup()
        self.now = 0.0

    def start(self, name: str, work: Coroutine[None, None, None]) -> None:
        self.begun.append(name)
        self.group.create_task(work)

    async def hears(self, frames: bytes, *, watched: bool = False) -> None:
        for at in range(0, len(frames), FRAME_BYTES):
            self.now += 0.02
            self.listening.push(frames[at : at + FRAME_BYTES], self.now)
            self.recognition.heard(self.now, self.call, is_watched=watched)
            await asyncio.sleep(0)

    async def recognised(self) -> Event:
        await self.recognition.recognise(Recognise(1, 1))
        return self.posted[-1]


@asynccontextmanager
async def ears(
    speech_to_text: ScriptedSpeechToText | None = None, model: Model | None = None
) -> AsyncIterator[Ears]:
    made = Ears(speech_to_text or ScriptedSpeechToText(count_frames), model)
    async with made.group:
        yield made


async def test_of_a_monologue_nothing_is_lost_and_little_is_left_for_the_end() -> None:
    async with ears() as made:
        await made.hears((LOUD * 140 + QUIET * 10) * 20)  # a minute
        assert made.begun.count("pieces-caller") >= 4
        assert made.listening.pending_bytes <= 12 * 8000
        match await made.recognised():
            case Recognised(text=text):
                assert sum(map(int, text.split())) == 140 * 20
            case other:
                raise AssertionError(other)


async def test_what_is_taken_before_the_work_begins_is_recognised_all_the_same() -> None:
    async with ears() as made:
        await made.hears(LOUD * 20 + QUIET * 15)
        work = made.recognition.recognise(Recognise(1, 1))
        made.listening.take(1)
        await work
        match made.posted[-1]:
            case Recognised(text=text):
                assert int(text) == 20
            case other:
                raise AssertionError(other)


async def test_a_piece_at_work_is_waited_for() -> None:
    slow = ScriptedSpeechToText(count_frames, Behaviour(delay_seconds=0.05))
    async with ears(slow) as made:
        await made.hears(LOUD * 13 * SECOND + QUIET * 15)
        assert made.begun == ["pieces-caller"]
        match await made.recognised():
            case Recognised(text=text):
                assert sum(map(int, text.split())) == 13 * SECOND
            case other:
                raise AssertionError(other)


async def test_a_piece_that_fails_is_recognised_with_the_rest() -> None:
    engine = ScriptedSpeechToText(count_frames, Behaviour(fails=True))
    async with ears(engine) as made:
        await made.hears(LOUD * 13 * SECOND + QUIET * 15)
        engine.behaviour = Behaviour()
        assert await made.recognised() == Recognised(1, 1, str(13 * SECOND))


async def test_a_recogniser_that_fails_is_told() -> None:
    async with ears(ScriptedSpeechToText(count_frames, Behaviour(fails=True))) as made:
        await made.hears(LOUD * SECOND + QUIET * 15)
        assert await made.recognised() == EngineFailed("recogniser", 1)


async def test_words_are_shown_three_times_a_second_at_most_and_grow() -> None:
    async with ears() as made:
        await made.hears(LOUD * 14 * SECOND, watched=True)
    words = [to_builtins(shown.event)["text"] for shown in made.shown]
    assert len(words) == made.begun.count("interim-caller")
    assert 35 <= len(words) <= 42
    sums = [sum(map(int, text.split())) for text in words]
    assert sums == sorted(set(sums))
    assert {shown.key for shown in made.shown} == {"interim:caller"}


async def test_nothing_is_shown_to_nobody_nor_of_an_utterance_that_is_over() -> None:
    slow = ScriptedSpeechToText(count_frames, Behaviour(delay_seconds=0.01))
    async with ears(slow) as made:
        await made.hears(LOUD * SECOND)
        assert made.begun == []
        await made.hears(LOUD, watched=True)
        made.listening.take(1)
    assert (made.begun, made.shown) == (["interim-caller"], [])


async def test_sound_that_nobody_takes_for_speech_is_not_recognised_meanwhile() -> None:
    async with ears() as made:
        made.call = Script().quiet().call
        await made.hears(LOUD * 13 * SECOND, watched=True)
    assert made.begun == []


async def test_how_finished_it_sounds_is_told_where_a_model_can() -> None:
    wanted = {0.05: 0.05, None: None}
    for given, told in wanted.items():
        async with ears(ScriptedSpeechToText(["I like red roses."]), Model(given)) as made:
            await made.hears(LOUD * SECOND + QUIET * 15)
            assert await made.recognised() == Recognised(
                1, 1, "I like red roses.", sounds_complete=told
            )


async def test_a_model_that_fails_changes_nothing() -> None:
    async with ears(ScriptedSpeechToText(["I like roses."]), Model(EngineError("no"))) as made:
        await made.hears(LOUD * SECOND + QUIET * 15)
        assert await made.recognised() == Recognised(1, 1, "I like roses.")
