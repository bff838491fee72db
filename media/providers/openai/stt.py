"""Ears of OpenAI's protocol: `/audio/transcriptions`, a whole utterance at a time.

Read in openai 3.57.0. It takes files, so the sound goes as a WAV file of 16-bit samples. Languages
are told by `gpt-transcribe`, as codes, and by Whisper in `verbose_json`, as English names or codes.
"""

import io
import wave
from typing import Any

from media.audio.mulaw import SAMPLE_RATE, decode
from media.consumption import consumed_sound
from media.engines.base import AUTO, EngineError, Understood
from media.languages.language import LANGUAGES, NAMES, primary
from media.providers.openai.client import new_client, reason
from media.providers.openai.settings import OpenAISettings

_CODES = {name.lower(): code for code, name in NAMES.items()}


class OpenAISpeechToText:
    """SpeechToText, one request an utterance."""

    def __init__(self, settings: OpenAISettings, language: str) -> None:
        self._settings = settings
        self._asked: dict[str, Any] = {"language": language}
        if language == AUTO:
            is_whisper = "whisper" in settings.stt_model
            form, hints = {"response_format": "verbose_json"}, {"languages": LANGUAGES}
            self._asked = form if is_whisper else hints
        self._client = new_client(settings)

    async def recognise(self, mulaw: bytes) -> Understood:
        """Words of one utterance. Raises EngineError."""
        consumed_sound("openai.stt", len(mulaw))
        try:
            heard = await self._client.audio.transcriptions.create(
                model=self._settings.stt_model,
                file=("speech.wav", wav(mulaw), "audio/wav"),
                **self._asked,
            )
        except Exception as error:  # of two libraries, one under the other
            raise EngineError(f"recognition failed with {reason(error)}") from error
        return Understood(heard.text, language=_language(heard))

    async def glimpse(self, mulaw: bytes) -> str | None:
        """Nothing: each look would be paid for."""
        del mulaw
        return None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _language(heard: Any) -> str:
    told = getattr(heard, "language", "")
    if codes := getattr(heard, "languages", None):
        told = codes[0].code
    return _CODES.get(told.lower(), primary(told)) if told else ""


def wav(mulaw: bytes) -> bytes:
    """The sound as a file of its own."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(decode(mulaw).astype("<i2").tobytes())
    return file.getvalue()
