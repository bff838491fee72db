"""AssemblyAI's ears: `/v3/ws`.

Read in assemblyai 1.8.2 and its message-sequence page. Turns are ours: ForceEndpoint asks at each
pause. With `format_turns` a turn would end twice, so it is off where punctuation comes by itself.
The multilingual model tells languages where it is asked to (page on multilingual streaming).
"""

from collections.abc import Sequence
from typing import Any

from media.engines.base import AUTO, EngineError
from media.languages.language import primary
from media.providers.assemblyai.settings import AssemblyAISettings
from media.providers.sockets import address_of
from media.providers.streaming import Message, VendorSpeechToText, Words


def speech_to_text(settings: AssemblyAISettings, language: str) -> VendorSpeechToText:
    """A stream a side of a call; another model for other languages than English."""
    model = settings.stt_model if language == "en" else settings.stt_multilingual_model
    query = {
        "sample_rate": 8000, "encoding": "pcm_mulaw", "speech_model": model,
        "format_turns": "True", "max_turn_silence": 10_000,
        **({"language_detection": "True"} if language == AUTO else {}),
    }  # fmt: skip
    address = address_of(settings.base_url, "/v3/ws", query, settings.headers)
    return VendorSpeechToText(address, AssemblyAI)


class AssemblyAI:
    """Turns with the words that are finished; `end_of_turn` settles them, formatted the last."""

    name, is_by_time = "assemblyai.stt", True
    idle_seconds = 4.0
    patience_seconds = 0.5

    def sound(self, mulaw: bytes) -> Message:
        """50 to 1000 ms a message, or it closes with 3007."""
        return mulaw

    def idle(self) -> Message:
        """Nothing comes back."""
        return {"type": "KeepAlive"}

    def finish(self) -> Message:
        """The turn ends now."""
        return {"type": "ForceEndpoint"}

    def read(self, message: Any) -> Sequence[Words]:
        """Words of a Turn; an Error is one."""
        if message["type"] == "Error":
            raise EngineError(f"AssemblyAI failed with {message.get('error_code', 'an error')}")
        if message["type"] != "Turn":
            return ()
        words = message["words"]
        until = words[-1]["end"] / 1000 if words else None
        if message["end_of_turn"]:
            if not message["turn_is_formatted"]:  # the same again follows, with punctuation
                return ()
            confidence = message["end_of_turn_confidence"]
            return (
                Words(
                    message["transcript"], until, settled=True, answers=True, complete=confidence,
                    language=primary(message.get("language_code") or ""),
                ),
            )  # fmt: skip
        return (Words(" ".join(word["text"] for word in words), until),)
