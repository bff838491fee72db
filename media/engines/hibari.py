"""Offline voice: the Hibari English model, a sentence at a time on worker threads.

The wheel carries one voice; others are used only when their files are already on this machine, and
are never fetched. Which words to say, and when to stop, is decided elsewhere.
"""

import importlib
import re
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import numpy as np

from media.audio import mulaw
from media.audio.mulaw import SAMPLE_RATE, Float32
from media.audio.resample import resample
from media.consumption import consumed
from media.engines import guard
from media.engines.base import EngineError
from media.engines.said_before import SaidBefore
from media.engines.speakable import speakable
from media.engines.threads import Workers

REQUIREMENT = "hibari-tts"

_SEED = 1  # of the noise in its sound
_KEPT_BYTES = 16_000_000  # half an hour of sound
_GAIN = 2.0  # the model speaks at -27 dBFS, the telephone expects about -20
_KNEE, _PEAK = 0.7, 0.95  # above the knee peaks are bent so that they never reach the peak
_AUDIBLE = 0.01
_LEAD_SECONDS, _TAIL_SECONDS = 0.03, 0.2  # kept of the 0.3 s and 0.5 s of silence it makes
_LONG_OPENING_CHARACTERS = 120  # 7 s of speech, 50 ms of computing
_CLAUSE_END = re.compile(r"(?<=[,;:—])\s+")
_WARM_UP = "Warming up, Skylarkish? At 3:30 pm it costs $9.99."  # has an unknown word and numbers


class HibariVoice:
    """Voice on Hibari: sound of a whole sentence costs a hundredth of its length of one core."""

    def __init__(
        self,
        workers: Workers,
        voice: str = "heart",
        speed: float = 1.0,
        kept_bytes: int = _KEPT_BYTES,
    ) -> None:
        """`speed` 0.5 to 2.0 of the voice's own pace; `kept_bytes` of sound said before are kept.
        Loads nothing yet."""
        self._workers = workers
        self._voice = voice
        self._speed = speed
        self._said = SaidBefore(kept_bytes)
        self._loading = threading.Lock()
        self._model: Any = None  # the library is untyped

    async def warm(self) -> None:
        """Load the model and speak once to nobody, so that the first caller does not wait for it.

        Raises EngineError, saying what to install, when the package or the voice is missing.
        """
        await self._workers.run(lambda: list(self._chunks(_WARM_UP)))

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Mu-law of `text`, one chunk per sentence; a long opening sentence in two.

        The same text always sounds the same; what was said lately is not computed again.
        """
        if (chunks := self._said.get(text)) is None:
            consumed("hibari.tts", len(text))
            made, said = self._chunks(text), []
            while chunk := await self._workers.run(next, made, b""):
                said.append(chunk)
                yield chunk
            self._said.keep(text, tuple(said))
            return
        for chunk in chunks:
            yield chunk

    async def close(self) -> None:
        """Forget the model; a later call would load it again."""
        self._model = None

    def _chunks(self, text: str) -> Iterator[bytes]:
        """Blocking: each step computes one chunk, never an empty one."""
        model = self._loaded()
        for piece in short_opening(guard.aloud(speakable, text)):
            for samples in model.stream(piece, speed=self._speed, seed=_SEED):
                if chunk := telephone_sound(samples, model.sample_rate):
                    yield chunk

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = _load(self._voice)
            return self._model


def _load(voice: str) -> Any:
    try:
        hibari = importlib.import_module("hibari")
        voices = importlib.import_module("hibari.voices")
    except ModuleNotFoundError as error:
        raise EngineError(f"no offline voice: pip install {REQUIREMENT}") from error
    if voice not in voices.VOICES:
        raise EngineError(f"unknown voice {voice!r}; there are {', '.join(voices.VOICES)}")
    try:
        path = voices.voice_path(voice, download_missing=False)
    except FileNotFoundError as error:
        raise EngineError(f"the file of voice {voice!r} is not in HIBARI_HOME") from error
    return hibari.Hibari(voice=voice, model=path, threads=1)


def short_opening(text: str) -> list[str]:
    """`text` whole, or in two when a clause ends within a long opening sentence.

    Nothing is heard before the first piece is ready, so that one should be short.
    """
    for clause in _CLAUSE_END.finditer(text[:_LONG_OPENING_CHARACTERS]):
        opening = text[: clause.start()]
        if len(opening) >= _LONG_OPENING_CHARACTERS // 4 and not re.search(r"[.!?]\s", opening):
            rest = text[clause.end() :]
            if len(rest) + len(opening) > _LONG_OPENING_CHARACTERS:
                return [opening, rest]
    return [text] if text else []


def telephone_sound(samples: Float32, rate: int) -> bytes:
    """Mu-law of one sentence: silence trimmed, raised to telephone level, peaks bent not cut."""
    sound = resample(samples, rate, SAMPLE_RATE)
    heard = np.flatnonzero(np.abs(sound) > _AUDIBLE)
    if not heard.size:
        return b""
    start = max(0, int(heard[0] - _LEAD_SECONDS * SAMPLE_RATE))
    sound = sound[start : int(heard[-1] + _TAIL_SECONDS * SAMPLE_RATE)] * _GAIN
    room = _PEAK - _KNEE
    over = np.abs(sound) - _KNEE
    bent = np.copysign(_KNEE + room * np.tanh(over / room), sound)
    return mulaw.encode_float(np.where(over > 0, bent, sound).astype(np.float32))
