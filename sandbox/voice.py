"""The voices of the people: text in, telephone sound out, off the event loop and remembered.

One offline model with one voice stands behind all of them; another speaker is the same voice
spoken faster and played slower, which lowers its pitch. Knows no calls.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hibari import SAMPLE_RATE, Hibari

from sandbox.audio import encode_mulaw, resample


class Speaker:
    """Speaks lines with the offline model, which is loaded at the first line."""

    def __init__(self) -> None:
        self._model: Any = None
        self._spoken: dict[tuple[str, float], bytes] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-voice")

    async def speak(self, text: str, pitch: float) -> bytes:
        """Mu-law of `text`; `pitch` 1.0 is the model's own voice, 0.85 a deeper speaker."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._speak, text, pitch)

    def close(self) -> None:
        """Let the thread go; what it is doing is finished first."""
        self._thread.shutdown(cancel_futures=True)

    def _speak(self, text: str, pitch: float) -> bytes:
        key = (text, pitch)
        if key not in self._spoken:
            if self._model is None:
                self._model = Hibari(threads=1)
            samples = self._model(text, speed=1 / pitch, seed=1)
            self._spoken[key] = encode_mulaw(resample(samples, SAMPLE_RATE * pitch, 8000))
        return self._spoken[key]
