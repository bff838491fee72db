"""Offline speech recognition: the Moonshine tiny English model on worker threads.

Takes one finished utterance at a time; when an utterance begins and ends is decided elsewhere. What
holds no speech never reaches the model, which answers silence and noise with invented words.
"""

import re
import threading
from itertools import pairwise

import numpy as np

from media.audio.mulaw import SAMPLE_RATE, Float32, decode_float
from media.engines.moonshine_model import Model, load_model, transcribe
from media.engines.silero import Silero
from media.engines.threads import Workers

_LONGEST_SEGMENT_SECONDS = 20  # the model was trained on shorter; cost grows with the square
_EARLIEST_CUT_SECONDS = 12
_SPEECH_PROBABILITY = 0.5
_SPEECH_WINDOWS = 2  # 64 ms: less than the shortest word
_OLD_GOODBYE = re.compile(r"\b([Gg])ood-by\b")  # how this model's training text spells it


class Moonshine:
    """SpeechToText on Moonshine tiny: about 80 ms of one core for 3.5 s of speech."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._loading = threading.Lock()
        self._models: tuple[Model, Silero] | None = None

    async def warm(self) -> None:
        """Load the weights and run them once, so that the first caller does not wait for it.

        Raises EngineError, saying what to install, when the weights are missing.
        """
        model, _ = await self._workers.run(self._loaded)
        second = np.zeros(SAMPLE_RATE, np.float32)
        await self._workers.run(transcribe, model, second, threading.Event())

    async def recognise(self, mulaw: bytes) -> str:
        """Words of one utterance, punctuated; "" when it holds no speech."""
        abandoned = threading.Event()
        try:
            return await self._workers.run(self._recognise, mulaw, abandoned)
        finally:
            abandoned.set()

    async def glimpse(self, mulaw: bytes) -> str | None:
        """Words so far, if a thread idles; what comes meanwhile abandons it."""
        abandoned = threading.Event()
        try:
            words = await self._workers.run_spare(abandoned, self._recognise, mulaw, abandoned)
            return None if abandoned.is_set() else words
        finally:
            abandoned.set()

    async def close(self) -> None:
        """Forget the weights; a later call would load them again."""
        self._models = None

    def _loaded(self) -> tuple[Model, Silero]:
        with self._loading:
            if self._models is None:
                self._models = load_model(), Silero()
            return self._models

    def _recognise(self, mulaw: bytes, abandoned: threading.Event) -> str:
        model, speech = self._loaded()
        samples = decode_float(mulaw)
        texts = [
            transcribe(model, segment, abandoned)
            for segment in split_long(samples)
            if speech.hears_speech(segment, _SPEECH_PROBABILITY, _SPEECH_WINDOWS)
        ]
        words = " ".join(text for text in texts if any(map(str.isalnum, text)))
        return _OLD_GOODBYE.sub(r"\1oodbye", words)


def split_long(samples: Float32) -> list[Float32]:
    """Segments of at most 20 s of an 8 kHz utterance, cut where it is quietest."""
    cuts = [0]
    while samples.size - cuts[-1] > _LONGEST_SEGMENT_SECONDS * SAMPLE_RATE:
        window = SAMPLE_RATE // 10
        first = cuts[-1] + _EARLIEST_CUT_SECONDS * SAMPLE_RATE
        last = cuts[-1] + _LONGEST_SEGMENT_SECONDS * SAMPLE_RATE
        loudness = np.square(samples[first:last]).reshape(-1, window).sum(axis=1)
        cuts.append(first + int(loudness.argmin()) * window + window // 2)
    return [samples[start:end] for start, end in pairwise([*cuts, samples.size])]
