"""Ears and a voice behind the vendors' wires: offline models, off the event loop.

The ears are moonshine-voice by its own library, which knows English; what people say in another
language is known by its sound. The voice is the people's. Knows no wire.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from sandbox.core.audio import Pcm, decode_mulaw, resample
from sandbox.people.text_to_speech import TextToSpeech
from sandbox.providers.known_lines import known_words

_MODEL_RATE = 16_000
_SHORTEST = 1600  # bytes: less holds no word
_SILENCE = b"\xff" * 4000  # around an utterance, without which words at its edges are lost
_QUIET = 300  # of 32,767


class Speech:
    """What every stand-in hears and speaks with; models are loaded at the first use."""

    def __init__(self, voice: TextToSpeech) -> None:
        self._voice = voice
        self._model: Any = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-ears")

    async def understood(self, mulaw: bytes) -> str:
        """Words of telephone sound; "" when it holds none."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._understood, mulaw)

    async def spoken(self, text: str) -> bytes:
        """Telephone sound of a text."""
        return await self._voice.speak(text, 1.0) if any(map(str.isalnum, text)) else b""

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(cancel_futures=True)

    def _understood(self, mulaw: bytes) -> str:
        samples = decode_mulaw(_SILENCE + mulaw + _SILENCE)
        if len(mulaw) < _SHORTEST or np.abs(samples.astype(int)).max() < _QUIET:
            return ""
        if known := known_words(mulaw, self._voice.lines()):
            return known
        if self._model is None:
            self._model = _load()
        sound = resample(floats(samples), 8000, _MODEL_RATE)
        transcript = self._model.transcribe_without_streaming(floats(sound).tolist(), _MODEL_RATE)
        return " ".join(line.text.strip() for line in transcript.lines).strip()


def floats(samples: Pcm) -> npt.NDArray[np.float32]:
    """From -1 to 1."""
    return (samples / np.float32(32768)).astype(np.float32)


def _load() -> Any:
    from moonshine_voice import ModelArch, Transcriber  # noqa: PLC0415 - loads a native library
    from moonshine_voice.utils import get_model_path  # noqa: PLC0415

    # Its own search for speech leaves out beginnings, and differs from one call to the next.
    return Transcriber(
        str(get_model_path("tiny-en")), ModelArch.TINY, options={"vad_threshold": "0.0"}
    )
