"""Ears over each vendor's wire: streams utterance by utterance, whole utterances, faults."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE
from media.consumption import metered
from media.engines import guard
from media.engines.base import AUTO, EngineError, SpeechStream, SpeechToText, opened_stream, text_of
from media.providers import registry
from media.providers.assemblyai.settings import AssemblyAISettings
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.openai.settings import OpenAISettings
from sandbox.core.faults import VendorFault
from tests.integration.media.providers.conftest import KEY, Sections, Vendors

FIRST = "I would like to talk about my garden."
SECOND = "Nothing grows in it."
EARS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "nova": ("deepgram", lambda at: DeepgramSettings(KEY, at)),
    "flux": ("deepgram", lambda at: DeepgramSettings(KEY, at, "flux-general-en")),
    "assemblyai": ("assemblyai", lambda at: AssemblyAISettings(KEY, at)),
    "openai": ("openai", lambda at: OpenAISettings(KEY, f"{at}/v1")),
}
STREAMS = [name for name in EARS if name != "openai"]


def ears(vendors: Vendors, which: str) -> SpeechToText:
    name, settings = EARS[which]
    sections: Any = Sections(**{name: settings(vendors.at(name))})
    made: SpeechToText = registry.make("speech_to_text", name, sections, "en")
    return made


@asynccontextmanager
async def streaming(engine: SpeechToText) -> AsyncIterator[SpeechStream]:
    stream = opened_stream(engine)
    assert stream is not None
    async with asyncio.TaskGroup() as group:
        running = group.create_task(stream.run())
        yield stream
        running.cancel()


def feed(stream: SpeechStream, sound: bytes) -> None:
    for at in range(0, len(sound), FRAME_BYTES):
        stream.feed(sound[at : at + FRAME_BYTES])


@pytest.mark.parametrize("which", EARS)
async def test_hears_an_utterance(vendors: Vendors, which: str) -> None:
    engine, sound, found = ears(vendors, which), await vendors.speech.spoken(FIRST), Counter[str]()
    try:
        with metered(found):
            assert text_of(await guard.recognised(engine, sound)) == FIRST
    finally:
        await engine.close()
    ms = found.pop(f"{EARS[which][0]}.stt")
    assert ms >= len(sound) * 1000 // SAMPLE_RATE or (which == "assemblyai" and ms > 0)
    assert not found


@pytest.mark.parametrize("which", STREAMS)
async def test_a_stream_hears_one_utterance_after_the_other(vendors: Vendors, which: str) -> None:
    async with streaming(ears(vendors, which)) as stream:
        for text in (FIRST, SECOND):
            stream.begin()
            feed(stream, await vendors.speech.spoken(text))
            understood = await stream.finish()
            assert text_of(understood) == text
            assert understood.settled_bytes > 0


@pytest.mark.parametrize("which", STREAMS)
async def test_an_utterance_goes_on_after_a_pause(vendors: Vendors, which: str) -> None:
    async with streaming(ears(vendors, which)) as stream:
        stream.begin()
        feed(stream, await vendors.speech.spoken(FIRST))
        await stream.finish()
        feed(stream, await vendors.speech.spoken(SECOND))
        assert text_of(await stream.finish()) == f"{FIRST} {SECOND}"


@pytest.mark.parametrize("which", STREAMS)
async def test_silence_has_no_words(vendors: Vendors, which: str) -> None:
    async with streaming(ears(vendors, which)) as stream:
        stream.begin()
        feed(stream, b"\xff" * 4000)
        assert text_of(await stream.finish()) == ""


@pytest.mark.parametrize("which", STREAMS)
@pytest.mark.parametrize(
    "fault",
    [VendorFault("refuse", status=429), VendorFault("close"), VendorFault("garbage"),
     VendorFault("hang")],
    ids=lambda fault: fault.kind,
)  # fmt: skip
async def test_what_goes_wrong_is_told_when_words_are_asked_for(
    vendors: Vendors, which: str, fault: VendorFault
) -> None:
    vendors.fail(EARS[which][0], fault)
    async with streaming(ears(vendors, which)) as stream:
        stream.begin()
        feed(stream, b"\xff" * 4000)
        with pytest.raises(EngineError):
            await stream.finish()


async def test_without_a_key_it_is_refused(vendors: Vendors) -> None:
    engine = registry.make("speech_to_text", "deepgram", _sections_without_key(vendors), "en")
    with pytest.raises(EngineError, match="refused with HTTP 401"):
        await engine.recognise(b"\xff" * 800)


def _sections_without_key(vendors: Vendors) -> Any:
    class _Bare(DeepgramSettings, frozen=True):
        @property
        def headers(self) -> dict[str, str]:
            return {}

    return Sections(deepgram=_Bare(KEY, vendors.at("deepgram")))


TELLING: dict[str, tuple[str, Callable[[str], Any]]] = {
    "nova": EARS["nova"],
    "flux": ("deepgram", lambda at: DeepgramSettings(KEY, at, "flux-general-multi")),
    "assemblyai": EARS["assemblyai"],
    "gpt-transcribe": EARS["openai"],
    "whisper": ("openai", lambda at: OpenAISettings(KEY, f"{at}/v1", stt_model="whisper-1")),
}


@pytest.mark.parametrize("which", TELLING)
@pytest.mark.parametrize(
    ("text", "language"), [("Quisiera hablar de mi jardín.", "es"), (FIRST, "en"), ("Xylophon", "")]
)
async def test_the_language_is_told_by_ears_that_are_to_tell_it(
    vendors: Vendors, which: str, text: str, language: str
) -> None:
    name, settings = TELLING[which]
    sections: Any = Sections(**{name: settings(vendors.at(name))})
    assert registry.tells_language(name, sections)
    engine = registry.make("speech_to_text", name, sections, AUTO)
    try:
        heard = await guard.recognised(engine, await vendors.speech.spoken(text))
    finally:
        await engine.close()
    assert (text_of(heard), heard.language) == (text, language)
