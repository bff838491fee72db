"""Calls in virtual time whose words are tones, and the engines of this machine that know them.

With them a model that hears and speaks itself, by the sandbox's stand-in for it. What is said is
exact: at the ear, in the history of the call and in the session.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from media.dialogue import CHARACTERS_PER_SECOND
from media.engines.base import Engines, SpeechToSpeech
from media.engines.scripted import ScriptedDetector, ScriptedLanguageModel
from media.fallback.engines import FallbackSpeechToSpeech
from media.providers.openai.realtime import OpenAIRealtime
from media.providers.openai.settings import OpenAISettings
from media.settings import ConversationSettings
from sandbox.core.audio import FRAME_BYTES, RATE
from tests.bench.conversation.clock import held
from tests.support.vendors import KEY, ToneWords, Vendors, running_vendors

CHARACTER_SECONDS, GAP_SECONDS = 1 / CHARACTERS_PER_SECOND, 0.06
OTHER = "Well then, go on."  # of the language model that stands by
_LISTEN_SECONDS = 0.15
TALK = ConversationSettings(
    greeting="Hello, computer voice here.", disclosure="Hello, computer voice here.",
    disclosure_words="computer voice", fillers=("Hm.", "Well.", "So."),
    silence_prompt="Still there?", silence_goodbye="Bye.", time_goodbye="Bye.", line_back="Back.",
    line_resumed="Back.", stopping_goodbye="Bye.", sorry_again="Sorry?", sorry_goodbye="Sorry.",
    limit_seconds=600.0, wrap_up_seconds=500.0, urgent_seconds=550.0,
)  # fmt: skip


class OfflineEars:
    """The last of the list: a recogniser of tones on this machine."""

    def __init__(self, speech: ToneWords) -> None:
        self._speech = speech

    async def recognise(self, mulaw: bytes) -> str:
        """The words."""
        return await self._speech.understood(mulaw)

    async def glimpse(self, mulaw: bytes) -> str | None:
        """Nobody watches."""
        del mulaw
        return None

    async def close(self) -> None:
        """Nothing is held."""


class OfflineVoice:
    """The last of the list: a voice of tones on this machine."""

    def __init__(self, speech: ToneWords) -> None:
        self._speech = speech

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """All at once."""
        yield await self._speech.spoken(text)

    async def close(self) -> None:
        """Nothing is held."""


class Words(ToneWords):
    """A word lasts as long as it is written, and ends in a short silence."""

    def _word(self, word: str) -> bytes:
        tone = super()._word(word)
        size = int((len(word) + 1) * CHARACTER_SECONDS * RATE)
        size -= size % FRAME_BYTES
        gap = int(GAP_SECONDS * RATE)
        frame = tone[:1600]  # whole periods, or nearly
        return (frame * 20)[: size - gap] + b"\xff" * gap

    def whole(self, sound: bytes, words: list[str]) -> set[int]:
        """How many of these words may be said to be wholly in the sound, which begins with them: a
        word's own silence, and a frame, decide nothing."""
        fits, end = set(), 0
        for count in range(len(words) + 1):
            following = len(self._word(words[count])) if count < len(words) else len(sound)
            low = end - GAP_SECONDS * RATE - FRAME_BYTES
            high = end + following + FRAME_BYTES
            if low <= len(sound) <= high or (count == len(words) and len(sound) >= low):
                fits.add(count)
            end += following
        return fits


@asynccontextmanager
async def realtime_engines(
    struck: Counter[str] | None = None, session_seconds: float = 3600.0
) -> AsyncIterator[tuple[Engines, Vendors]]:
    """The session's engine first; ears, voice and language model of this machine stand by."""
    async with running_vendors(Words(_LISTEN_SECONDS), struck) as vendors:
        settings = OpenAISettings(
            KEY, f"{vendors.at('openai')}/v1", realtime_session_seconds=session_seconds
        )
        made: dict[str, SpeechToSpeech] = {"openai": OpenAIRealtime(settings, "en")}
        yield (
            Engines(
                OfflineEars(vendors.speech), OfflineVoice(vendors.speech),
                ScriptedLanguageModel([OTHER] * 1000), ScriptedDetector,
                speech_to_speech=FallbackSpeechToSpeech("speech_to_speech", made),
            ),
            vendors,
        )  # fmt: skip
    with held():  # threads that libraries started look up names, if anything
        await asyncio.get_running_loop().shutdown_default_executor()


async def realtime_sessions(vendors: Vendors) -> list[dict[str, Any]]:
    """As the stand-in has them, the oldest first."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{vendors.origin}/world/realtime") as answer,
    ):
        shown: list[dict[str, Any]] = await answer.json()
        return shown
