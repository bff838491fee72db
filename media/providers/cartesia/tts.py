"""Cartesia's voice: `/tts/websocket`, a context for each sentence.

Read in cartesia 4.2.0 and its pages on contexts and buffering. A context that is not continued is
spoken at once, with nothing held back for a text that might follow.
"""

import base64
from collections.abc import AsyncGenerator
from itertools import count

from media.consumption import consumed
from media.engines.base import EngineError
from media.providers.cartesia.settings import CartesiaSettings
from media.providers.sockets import Sockets, address_of, say

_FORMAT = {"container": "raw", "encoding": "pcm_mulaw", "sample_rate": 8000}


class CartesiaVoice:
    """TextToSpeech, one context at a time on a connection."""

    def __init__(self, settings: CartesiaSettings, language: str) -> None:
        self._asked = {
            "model_id": settings.tts_model, "voice": {"mode": "id", "id": settings.voice},
            "output_format": _FORMAT, "language": language, "continue": False,
        }  # fmt: skip
        address = address_of(settings.base_url, "/tts/websocket", {}, settings.headers)
        self._sockets = Sockets(address, idle_seconds=240)  # after 5 minutes of nothing it closes
        self._contexts = count(1)

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Sound as it comes. Raises EngineError."""
        context = f"s{next(self._contexts)}"
        async with self._sockets.one({"context_id": context, "cancel": True}) as lease:
            connection = lease.connection
            consumed("cartesia.tts", len(text))
            await say(connection, {**self._asked, "context_id": context, "transcript": text})
            while True:
                message = await lease.received()
                if message.get("context_id", context) != context:
                    continue
                match message["type"]:
                    case "chunk" if message["data"]:
                        yield base64.b64decode(message["data"])
                    case "done":
                        return
                    case "error":
                        code = message.get("error_code") or message.get("status_code") or "an error"
                        raise EngineError(f"Cartesia failed with {code}")
                    case _:
                        pass  # timestamps, and whatever comes to be

    async def close(self) -> None:
        """Close the connections."""
        await self._sockets.close()
