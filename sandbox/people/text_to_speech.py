"""The voices of the people: text in, telephone sound out, off the event loop and remembered.

One offline model with one voice stands behind all of them; another speaker is the same voice
spoken faster and played slower, which lowers its pitch. Knows no calls.
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from hibari import SAMPLE_RATE, Hibari

from sandbox.core.audio import encode_mulaw, resample

Samples = npt.NDArray[np.float32]
_PAUSE_SECONDS = 0.2


class TextToSpeech:
    """Speaks lines with the offline model, which is loaded at the first line."""

    def __init__(self) -> None:
        self._model: Any = None
        self._spoken: dict[tuple[str, float], bytes] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-voice")

    async def speak(self, text: str, pitch: float) -> bytes:
        """Mu-law of `text`; `pitch` 1.0 is the model's own voice, 0.85 a deeper speaker."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._speak, text, pitch)

    def lines(self) -> list[tuple[str, bytes]]:
        """All that was spoken so far, text and mu-law."""
        return [(text, sound) for (text, _), sound in list(self._spoken.items())]

    def close(self) -> None:
        """Let the thread go; what it is doing is finished first."""
        self._thread.shutdown(cancel_futures=True)

    def _speak(self, text: str, pitch: float) -> bytes:
        key = (text, pitch)
        if key not in self._spoken:
            if self._model is None:
                self._model = Hibari(threads=1)
            sentences = self._model.stream(text, speed=1 / pitch, seed=1)
            self._spoken[key] = encode_mulaw(
                resample(_joined(sentences), SAMPLE_RATE * pitch, 8000)
            )
        return self._spoken[key]


def _joined(sentences: Iterable[Samples]) -> Samples:
    """One recording with short pauses: the model's own last most of a second, a turn's end."""
    pause = np.zeros(int(SAMPLE_RATE * _PAUSE_SECONDS), np.float32)
    parts: list[Samples] = []
    for sentence in sentences:
        loud = np.flatnonzero(np.abs(sentence) > 0.02)
        if loud.size:
            parts += [pause, sentence[loud[0] : loud[-1] + 1]]
    return np.concatenate(parts[1:]) if parts else pause
