"""The scripted engines: they say what they were told to, and misbehave when told to."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import numpy as np
import pytest

from media.audio import mulaw
from media.dialogue import Prompt
from media.engines.base import (
    EngineError,
    LanguageModel,
    SpeechDetector,
    SpeechToText,
    TextToSpeech,
)
from media.engines.scripted import (
    Behaviour,
    ScriptedDetector,
    ScriptedLanguageModel,
    ScriptedSpeechToText,
    ScriptedTextToSpeech,
)

PROMPT = Prompt("tea", ())
T = TypeVar("T")


async def collected(stream: AsyncIterator[T]) -> list[T]:
    return [piece async for piece in stream]


def test_they_fit_the_engine_protocols() -> None:
    speech_to_text: SpeechToText = ScriptedSpeechToText([])
    text_to_speech: TextToSpeech = ScriptedTextToSpeech()
    llm: LanguageModel = ScriptedLanguageModel(["Yes."])
    detector: SpeechDetector = ScriptedDetector()
    assert all((speech_to_text, text_to_speech, llm, detector))


async def test_the_recogniser_hears_its_texts_in_turn_and_then_nothing() -> None:
    speech_to_text = ScriptedSpeechToText(["one", "two"])
    assert [await speech_to_text.recognise(b"") for _ in range(3)] == ["one", "two", ""]


async def test_the_recogniser_can_judge_by_the_sound() -> None:
    speech_to_text = ScriptedSpeechToText(lambda sound: f"{len(sound)} bytes")
    assert await speech_to_text.recognise(bytes(320)) == "320 bytes"


async def test_the_voice_sounds_a_burst_of_the_given_length_for_each_word() -> None:
    chunks = await collected(ScriptedTextToSpeech(word_ms=200).speak("one two three"))
    assert [len(chunk) for chunk in chunks] == [1600, 1600, 1600]
    assert np.abs(mulaw.decode_float(chunks[0])).max() > 0.25


async def test_the_thinker_gives_its_replies_in_turn_sentence_by_sentence() -> None:
    llm = ScriptedLanguageModel(["Yes. Go on.", "No."])
    replies = [await collected(llm.think(PROMPT)) for _ in range(3)]
    assert replies == [
        ["Yes. ", "Go on."],
        ["No."],
        ["Yes. ", "Go on."],
    ]
    assert list(llm.prompts) == [PROMPT] * 3


async def test_a_failure_can_come_after_some_pieces() -> None:
    text_to_speech = ScriptedTextToSpeech(behaviour=Behaviour(after_pieces=2, fails=True)).speak(
        "a b c"
    )
    assert len([await anext(text_to_speech), await anext(text_to_speech)]) == 2
    with pytest.raises(EngineError):
        await anext(text_to_speech)


async def test_a_hang_lasts_until_it_is_cancelled() -> None:
    speech_to_text = ScriptedSpeechToText(["never"], Behaviour(hangs=True))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(speech_to_text.recognise(b""), timeout=0.02)


def test_the_detector_tells_a_word_from_silence_and_from_line_noise() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(mulaw.FRAME_BYTES) / mulaw.SAMPLE_RATE
    word = mulaw.encode_float((0.1 * np.sin(2 * np.pi * 300 * time)).astype(np.float32))
    noise = mulaw.encode_float((0.001 * rng.standard_normal(time.size)).astype(np.float32))
    detector = ScriptedDetector()
    assert detector.probability(word) == 1.0
    assert detector.probability(noise) == 0.0
    assert detector.probability(bytes([mulaw.SILENCE]) * mulaw.FRAME_BYTES) == 0.0
