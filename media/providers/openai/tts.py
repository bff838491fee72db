"""A voice of OpenAI's protocol: `/audio/speech`, streamed.

Read in openai 3.57.0. There is no mu-law: samples of 16 bits at 24 kHz are made into it.
"""

from collections.abc import AsyncGenerator

from media.consumption import consumed
from media.engines.base import EngineError
from media.providers.openai.client import new_client, reason
from media.providers.openai.settings import OpenAISettings
from media.providers.sound import ToTelephone

_RATE = 24_000


class OpenAIVoice:
    """TextToSpeech, one request a sentence."""

    def __init__(self, settings: OpenAISettings, language: str) -> None:
        """`language` is that of the text it gets; nothing is said of it."""
        del language
        self._settings = settings
        self._client = new_client(settings)

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Sound as it comes. Raises EngineError."""
        sound = ToTelephone(_RATE)
        consumed("openai.tts", len(text))
        try:
            async with self._client.audio.speech.with_streaming_response.create(
                model=self._settings.tts_model,
                voice=self._settings.voice,
                input=text,
                response_format="pcm",
            ) as response:
                async for data in response.iter_bytes():
                    if chunk := sound.push(data):
                        yield chunk
        except Exception as error:  # of two libraries, one under the other
            raise EngineError(f"the voice failed with {reason(error)}") from error
        if chunk := sound.end():
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
