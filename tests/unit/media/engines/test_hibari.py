"""Offline voice: telephone sound of sentences, pieces that come early, and clear failures."""

import asyncio
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from media.audio import mulaw
from media.audio.mulaw import SAMPLE_RATE, Float32
from media.engines.base import EngineError
from media.engines.hibari import HibariVoice, short_opening, telephone_sound
from media.engines.threads import Workers

LONG = (
    "Well, that is quite a long story, but the short version is that the harbour froze, the ships"
    " could not leave, and everyone in the town had to share what little flour was left."
)


@pytest.fixture(scope="module")
def voice() -> Iterator[HibariVoice]:
    workers = Workers(threads=2)
    yield HibariVoice(workers)
    workers.close()


async def spoken(voice: HibariVoice, text: str) -> list[bytes]:
    return [chunk async for chunk in voice.speak(text)]


def seconds(chunks: list[bytes]) -> float:
    return len(b"".join(chunks)) / SAMPLE_RATE


async def test_each_sentence_is_a_chunk_of_sound_at_telephone_level(voice: HibariVoice) -> None:
    chunks = await spoken(voice, "Hello there. I grow tomatoes on my balcony.")
    assert len(chunks) == 2
    samples = mulaw.decode_float(b"".join(chunks))
    assert np.abs(samples).max() < 0.97
    assert -24 < 10 * np.log10(np.mean(samples**2)) < -15


async def test_the_same_text_always_sounds_the_same(voice: HibariVoice) -> None:
    workers = Workers(threads=1)
    fresh = HibariVoice(workers, kept_bytes=0)
    text = "My train was late. It snowed."
    once = await spoken(voice, text)
    assert await spoken(voice, text) == once
    assert await spoken(fresh, text) == await spoken(fresh, text) == once
    workers.close()


async def test_what_was_said_before_needs_no_worker(voice: HibariVoice) -> None:
    workers = Workers(threads=1)
    voice = HibariVoice(workers)
    once = await spoken(voice, "Hello there. And you?")
    workers.close()
    assert await spoken(voice, "Hello there. And you?") == once
    with pytest.raises(EngineError, match="closed"):
        await spoken(voice, "Something else.")


async def test_what_was_broken_off_is_not_kept(voice: HibariVoice) -> None:
    speaking = voice.speak("One more. Two more.")
    await anext(speaking)
    await speaking.aclose()
    assert len(await spoken(voice, "One more. Two more.")) == 2


async def test_sound_begins_and_ends_close_to_the_words(voice: HibariVoice) -> None:
    loud = np.abs(mulaw.decode_float(b"".join(await spoken(voice, "Yes, of course.")))) > 0.03
    assert np.flatnonzero(loud)[0] < 0.1 * SAMPLE_RATE
    assert loud.size - np.flatnonzero(loud)[-1] < 0.3 * SAMPLE_RATE


async def test_a_long_opening_sentence_comes_in_two_pieces(voice: HibariVoice) -> None:
    first, second = await spoken(voice, LONG)
    assert seconds([first]) < 5 < seconds([second])


async def test_markup_is_not_spoken(voice: HibariVoice) -> None:
    plain = seconds(await spoken(voice, "This is important."))
    assert abs(seconds(await spoken(voice, "This is **important**. 👍")) - plain) < 0.1


@pytest.mark.parametrize("nothing", ["", "  ", "👍", "***"])
async def test_nothing_to_say_makes_no_sound(voice: HibariVoice, nothing: str) -> None:
    assert await spoken(voice, nothing) == []


async def test_closing_the_iterator_drops_the_rest_and_the_voice_goes_on(
    voice: HibariVoice,
) -> None:
    speaking = voice.speak("One. Two. Three.")
    assert await anext(speaking)
    await speaking.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(speaking)
    assert len(await spoken(voice, "Four. Five.")) == 2


async def test_two_texts_are_spoken_at_once_without_mixing(voice: HibariVoice) -> None:
    texts = ["A short one.", "A rather longer sentence, spoken at the same time as the other."]
    alone = [seconds(await spoken(voice, text)) for text in texts]
    together = await asyncio.gather(*(spoken(voice, text) for text in texts * 3))
    assert [seconds(chunks) for chunks in together] == pytest.approx(alone * 3, abs=0.05)


async def test_a_faster_voice_takes_less_time() -> None:
    workers = Workers(threads=1)
    text = "My train was late because of the snow."
    normal = seconds(await spoken(HibariVoice(workers), text))
    assert seconds(await spoken(HibariVoice(workers, speed=1.5), text)) < 0.8 * normal
    workers.close()


@pytest.mark.parametrize(
    ("name", "message"), [("nobody", "unknown voice"), ("emma", "HIBARI_HOME")]
)
async def test_a_voice_that_is_not_here_is_an_engine_error_and_never_fetched(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    workers = Workers(threads=1)
    with pytest.raises(EngineError, match=message):
        await HibariVoice(workers, voice=name).warm()
    workers.close()


async def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)  # as if it were not installed
    workers = Workers(threads=1)
    with pytest.raises(EngineError, match="pip install hibari-tts"):
        await HibariVoice(workers).warm()
    workers.close()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Short, and sweet.", ["Short, and sweet."]),
        ("One. Two, three. " + "Four " * 40, ["One. Two, three. " + "Four " * 40]),
        (
            LONG,
            [
                "Well, that is quite a long story,",
                LONG.removeprefix("Well, that is quite a long story, "),
            ],
        ),
    ],
)
def test_only_a_long_opening_sentence_is_cut_and_only_after_a_clause(
    text: str, pieces: list[str]
) -> None:
    assert short_opening(text) == pieces


def tone(level: float) -> Float32:
    return (level * np.sin(2 * np.pi * 300 * np.arange(24000) / 24000)).astype(np.float32)


def test_peaks_are_bent_so_that_they_neither_clip_nor_wrap() -> None:
    samples = mulaw.decode_float(telephone_sound(tone(1.0), 24000))
    assert 0.9 < np.abs(samples).max() < 0.97


def test_speech_under_the_knee_is_only_made_louder() -> None:
    samples = mulaw.decode_float(telephone_sound(tone(0.2), 24000))
    assert np.abs(samples).max() == pytest.approx(0.4, rel=0.05)


def test_silence_becomes_no_sound() -> None:
    assert telephone_sound(np.zeros(24000, np.float32), 24000) == b""
