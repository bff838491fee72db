"""ElevenLabs' voice: `multi-stream-input`, a context for each sentence.

Read in elevenlabs 2.78.0 and its websocket reference. Of the two sockets only this one tells when a
sentence is complete: a context that is closed ends with `isFinal`, a flush with nothing.
"""

import base64
from collections.abc import AsyncGenerator
from itertools import count

from media.consumption import consumed
from media.engines.base import EngineError
from media.providers.elevenlabs.settings import ElevenLabsSettings
from media.providers.sockets import Sockets, address_of, say

_IDLE_SECONDS = 15.0  # after 20 s of nothing it closes with 1008


class ElevenLabsVoice:
    """TextToSpeech, one context at a time on a connection."""

    def __init__(self, settings: ElevenLabsSettings, language: str) -> None:
        query = {
            "model_id": settings.tts_model, "output_format": "ulaw_8000", "auto_mode": "true",
            "language_code": language, "inactivity_timeout": 60,
        }  # fmt: skip
        path = f"/v1/text-to-speech/{settings.voice}/multi-stream-input"
        self._sockets = Sockets(
            address_of(settings.base_url, path, query, settings.headers),
            idle_seconds=_IDLE_SECONDS,
        )
        self._contexts = count(1)

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Sound as it comes. Raises EngineError."""
        context = f"s{next(self._contexts)}"
        async with self._sockets.one() as lease:  # what is left of another context is passed over
            connection = lease.connection
            consumed("elevenlabs.tts", len(text))
            await say(connection, {"text": " ", "context_id": context})
            await say(connection, {"text": f"{text} ", "context_id": context, "flush": True})
            await say(connection, {"context_id": context, "close_context": True})
            while True:
                message = await lease.received()
                if message.get("error"):
                    raise EngineError(f"ElevenLabs failed with {message.get('code', 'an error')}")
                if message.get("contextId") != context:
                    continue
                if sound := message.get("audio"):
                    yield base64.b64decode(sound)
                if message.get("isFinal"):
                    return

    async def close(self) -> None:
        """Close the connections."""
        await self._sockets.close()
