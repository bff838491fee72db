"""Offline ears: the token table, cutting long sound, no invented words, and real people."""

import asyncio
import re
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from media.audio import mulaw
from media.audio.mulaw import SAMPLE_RATE, Float32
from media.engines import moonshine
from media.engines.base import EngineError
from media.engines.decoding.grammar import DIGITS
from media.engines.hibari import HibariVoice
from media.engines.moonshine import Moonshine, split_long
from media.engines.moonshine_model import Model, load_model, read_tokens, transcribe
from media.engines.threads import Workers
from tests.unit.media.engines.recordings import recording


@pytest.fixture(scope="module")
def ears() -> Iterator[Moonshine]:
    workers = Workers(threads=2)
    yield Moonshine(workers)
    workers.close()


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def test_tokens_are_read_with_short_and_long_lengths() -> None:
    table = b"\x02hi" + b"\x00" + b"\x81\x01" + b"x" * 129 + b"\x01!"
    assert read_tokens(table) == (b"hi", b"", b"x" * 129, b"!")


def test_a_token_table_cut_short_is_refused() -> None:
    with pytest.raises(EngineError, match="cut short"):
        read_tokens(b"\x02h")


def test_the_real_token_table_has_one_token_for_each_output_of_the_model(model: Model) -> None:
    [logits] = [o for o in model.decoder.get_outputs() if o.name == "logits"]
    assert len(model.tokens) == logits.shape[-1] == 32768


@pytest.mark.parametrize("seconds", [0.0, 0.3, 19.9, 20.0])
def test_short_sound_stays_in_one_piece(seconds: float) -> None:
    sound = np.ones(int(seconds * SAMPLE_RATE), np.float32)
    assert [segment.size for segment in split_long(sound)] == [sound.size]


def test_long_sound_is_cut_in_its_quiet_places_and_none_is_lost() -> None:
    sound = np.ones(50 * SAMPLE_RATE, np.float32)
    for pause in (15, 31):
        sound[int(pause * SAMPLE_RATE) : int((pause + 0.3) * SAMPLE_RATE)] = 0
    segments = split_long(sound)
    assert np.concatenate(segments).size == sound.size
    ends = np.cumsum([segment.size for segment in segments]) / SAMPLE_RATE
    assert 15 < ends[0] < 15.3
    assert 31 < ends[1] < 31.3
    assert max(segment.size for segment in segments) <= 20 * SAMPLE_RATE


def noise(level: float) -> Float32:
    rng = np.random.default_rng(5)
    return (level * rng.standard_normal(3 * SAMPLE_RATE)).astype(np.float32)


@pytest.mark.parametrize("level", [0.0, 0.001, 0.01, 0.1])
async def test_silence_and_noise_hold_no_words(ears: Moonshine, level: float) -> None:
    assert await ears.recognise(mulaw.encode_float(noise(level))) == ""


@pytest.mark.parametrize("hz", [50, 440])
async def test_a_hum_or_a_tone_holds_no_words(ears: Moonshine, hz: int) -> None:
    seconds = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.3 * np.sin(2 * np.pi * hz * seconds)).astype(np.float32)
    assert await ears.recognise(mulaw.encode_float(tone)) == ""


@pytest.mark.parametrize("sound", [b"", b"\xff", bytes(80)])
async def test_next_to_no_sound_holds_no_words(ears: Moonshine, sound: bytes) -> None:
    assert await ears.recognise(sound) == ""


async def test_people_are_understood_over_the_telephone(ears: Moonshine) -> None:
    heard = await ears.recognise(mulaw.encode_float(recording("beckett.wav")))
    for phrase in ("ever tried", "ever failed", "no matter", "try again", "fail better"):
        assert phrase in heard.lower()


async def test_more_than_twenty_seconds_of_speech_are_understood_to_the_end(
    ears: Moonshine,
) -> None:
    heard = await ears.recognise(mulaw.encode_float(recording("two_cities.wav", 0, 25)))
    for phrase in ("best of times", "age of foolishness", "season of light", "winter of despair"):
        assert phrase in heard.lower()


@pytest.mark.parametrize("gap_seconds", [0.0, 0.15])
async def test_ten_digits_said_in_a_row_are_ten(ears: Moonshine, gap_seconds: float) -> None:
    voice = HibariVoice(ears._workers)
    gap = bytes([mulaw.SILENCE]) * int(gap_seconds * SAMPLE_RATE)
    groups = ["Eight zero zero.", "Five five five.", "Zero zero zero zero."]
    said = [b"".join([chunk async for chunk in voice.speak(group)]) for group in groups]
    heard = await ears.recognise(gap.join(said))
    names = dict(zip(DIGITS, "01234567890", strict=True))
    digits = [names.get(word, word) for word in re.findall(r"[a-z]+|\d", heard.lower())]
    assert "".join(digits) == "8005550000"


@pytest.mark.parametrize("word", ["Yes.", "No.", "Monday.", "Stop.", "Tomorrow."])
async def test_a_word_with_no_silence_around_it_is_understood(ears: Moonshine, word: str) -> None:
    voice = HibariVoice(ears._workers)
    sound = b"".join([chunk async for chunk in voice.speak(word)])
    heard = await ears.recognise(sound[: -int(0.15 * SAMPLE_RATE)])
    assert heard.rstrip(".!?") == word.rstrip(".")


async def test_a_faint_voice_is_understood(ears: Moonshine) -> None:
    heard = await ears.recognise(mulaw.encode_float(0.1 * recording("beckett.wav")))
    assert "try again" in heard.lower()


async def test_two_callers_are_heard_at_once_without_mixing(ears: Moonshine) -> None:
    one = mulaw.encode_float(recording("beckett.wav", 0, 4))
    two = mulaw.encode_float(recording("two_cities.wav", 0, 4))
    alone = [await ears.recognise(one), await ears.recognise(two)]
    together = await asyncio.gather(*(ears.recognise(sound) for sound in (one, two, one, two)))
    assert together == alone * 2


def test_an_abandoned_segment_stops_before_its_first_word(model: Model) -> None:
    abandoned = threading.Event()
    abandoned.set()
    assert transcribe(model, recording("beckett.wav", 0, 3), abandoned) == ""


async def test_cancelling_drops_the_work_and_the_next_caller_is_heard(ears: Moonshine) -> None:
    sound = mulaw.encode_float(recording("two_cities.wav", 0, 20))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ears.recognise(sound), 0.01)
    assert await ears.recognise(mulaw.encode_float(recording("beckett.wav", 0, 4)))


async def test_a_glimpse_shows_the_words_so_far_and_gives_way(ears: Moonshine) -> None:
    sound = mulaw.encode_float(recording("beckett.wav", 0, 4))
    while (words := await ears.glimpse(sound)) is None:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    assert words == await ears.recognise(sound)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ears.recognise(sound))
        await asyncio.sleep(0)
        assert await ears.glimpse(sound) is None


async def test_warming_up_without_the_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)  # as if it were not installed
    workers = Workers(threads=1)
    with pytest.raises(EngineError, match=r"pip install 'moonshine-voice==0\.0\.73'"):
        await Moonshine(workers).warm()
    workers.close()


def test_the_old_spelling_of_goodbye_is_made_new() -> None:
    assert moonshine._OLD_GOODBYE.sub(r"\1oodbye", "Good-by, good-by.") == "Goodbye, goodbye."
