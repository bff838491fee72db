"""A voice of another language, which gets its texts as people say them. It knows no vendor."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from media.engines import guard
from media.engines.base import TextToSpeech
from media.engines.normalization.aloud import aloud


class AloudVoice:
    """TextToSpeech around another one."""

    def __init__(self, voice: TextToSpeech, language: str) -> None:
        self._voice = voice
        self._language = language

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Sound as it comes; none of what cannot be said. Raises EngineError."""
        if line := guard.aloud(partial(aloud, language=self._language), text):
            async with aclosing(guard.spoken(self._voice, line)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def close(self) -> None:
        """Close the voice."""
        await self._voice.close()
