"""Deepgram's voice: `/v1/speak`, a sentence between Speak and Flushed.

Read in deepgram-sdk 7.17.0. Mu-law at 8 kHz comes as the carrier wants it.
"""

from collections.abc import AsyncGenerator

from media.consumption import consumed
from media.engines.base import EngineError
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.sockets import Sockets, address_of, say


class DeepgramVoice:
    """TextToSpeech, one sentence after the other on a connection."""

    def __init__(self, settings: DeepgramSettings, language: str) -> None:
        """`language` is that of the model, whose name ends with it."""
        del language
        query = {"model": settings.tts_model, "encoding": "mulaw", "sample_rate": 8000}
        self._sockets = Sockets(address_of(settings.base_url, "/v1/speak", query, settings.headers))

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Sound as it comes. Raises EngineError."""
        async with self._sockets.one({"type": "Clear"}) as lease:
            connection = lease.connection
            consumed("deepgram.tts", len(text))
            await say(connection, {"type": "Speak", "text": text})
            await say(connection, {"type": "Flush"})
            while True:
                message = await lease.received()
                if isinstance(message, bytes):
                    if message and not lease.is_stale:
                        yield message
                elif message["type"] == "Cleared":  # what came before was of another sentence
                    lease.is_stale = False
                elif message["type"] == "Flushed" and not lease.is_stale:
                    return
                elif message["type"] == "Error":
                    raise EngineError(f"Deepgram failed with {message.get('err_code', 'an error')}")

    async def close(self) -> None:
        """Close the connections."""
        await self._sockets.close()
