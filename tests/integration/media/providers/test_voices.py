"""Voices over each vendor's wire: what is said is heard, and faults are told."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest

from media.consumption import metered
from media.engines.base import EngineError, TextToSpeech
from media.providers import registry
from media.providers.cartesia.settings import CartesiaSettings
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.elevenlabs.settings import ElevenLabsSettings
from media.providers.openai.settings import OpenAISettings
from sandbox.core.faults import VendorFault
from tests.integration.media.providers.conftest import KEY, Sections, Vendors

TEXT = "It is a pleasure to talk with you."
SETTINGS: dict[str, Any] = {
    "deepgram": DeepgramSettings,
    "elevenlabs": ElevenLabsSettings,
    "cartesia": CartesiaSettings,
    "openai": OpenAISettings,
}


def settings_of(vendors: Vendors, name: str) -> Any:
    at = vendors.at(name) + ("/v1" if name == "openai" else "")
    return SETTINGS[name](api_key=KEY, base_url=at)


@pytest.fixture(params=sorted(registry.PROVIDERS["text_to_speech"]))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def voice(vendors: Vendors, name: str) -> AsyncIterator[TextToSpeech]:
    sections: Any = Sections(**{name: settings_of(vendors, name)})
    made: TextToSpeech = registry.make("text_to_speech", name, sections, "en")
    yield made
    await made.close()


async def said(voice: TextToSpeech, text: str) -> bytes:
    return b"".join([chunk async for chunk in voice.speak(text)])


async def test_says_a_sentence_and_another(vendors: Vendors, voice: TextToSpeech) -> None:
    with metered(found := Counter[str]()):
        first, second = await said(voice, TEXT), await said(voice, "What would you like?")
    assert list(found.values()) == [len(TEXT) + len("What would you like?")]
    assert await vendors.speech.understood(first) == TEXT
    assert await vendors.speech.understood(second) == "What would you like?"


async def test_a_sentence_that_is_broken_off_is_not_heard_in_the_next(
    vendors: Vendors, voice: TextToSpeech
) -> None:
    speaking = voice.speak("This one is long, and nobody wants to hear the end of it any more.")
    assert await anext(speaking)
    assert isinstance(speaking, AsyncGenerator)
    await speaking.aclose()
    assert await vendors.speech.understood(await said(voice, TEXT)) == TEXT


FAULTS = [
    VendorFault("refuse", status=429),
    VendorFault("close", after_messages=1),
    VendorFault("garbage", after_messages=1),
]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(name, fault, id=f"{name}-{fault.kind}")
        for name in sorted(SETTINGS)
        for fault in FAULTS
        if (name, fault.kind) != ("openai", "garbage")  # bare samples have no form to break
    ],
)
async def test_what_goes_wrong_is_told(
    vendors: Vendors, voice: TextToSpeech, name: str, fault: VendorFault
) -> None:
    vendors.fail(name, fault)
    with pytest.raises(EngineError):
        await said(voice, TEXT)
    vendors.fail(name, None)
    assert await vendors.speech.understood(await said(voice, TEXT)) == TEXT


async def test_one_that_hangs_can_be_left(vendors: Vendors, voice: TextToSpeech, name: str) -> None:
    vendors.fail(name, VendorFault("hang", after_messages=1, times=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await said(voice, TEXT)
    assert await vendors.speech.understood(await said(voice, TEXT)) == TEXT
