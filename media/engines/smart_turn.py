"""Whether an utterance sounds complete: the Smart Turn v3.2 model on its last eight seconds.

The weights (BSD-2-Clause, Daily) are a file inside the `pipecat-ai` package, which is located and
never imported; without it nothing is asked. Computing takes about 50 ms of a worker thread. What
follows from a probability is decided elsewhere.
"""

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from media.audio.mulaw import SAMPLE_RATE, Float32, decode_float
from media.audio.resample import resample
from media.engines.threads import Workers
from media.engines.weights import open_session, package_file

REQUIREMENT = "pipecat-ai==1.14.0"

_MODEL_RATE = 16_000
_SECONDS = 8
_WINDOW, _HOP, _MELS = 400, 160, 80
_FLOOR = 1e-10

Float64 = npt.NDArray[np.float64]


def weights() -> Path:
    """The installed model. Raises EngineError, saying what to install, when there is none."""
    return package_file(
        "pipecat", "audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx", REQUIREMENT
    )


class SmartTurn:
    """TurnEndModel on Smart Turn; one session serves all calls."""

    def __init__(self, workers: Workers, path: Path) -> None:
        self._workers = workers
        self._session: ort.InferenceSession = open_session(path)

    async def complete(self, mulaw: bytes) -> float | None:
        """Probability that the speaker has finished; None when the workers have more to do."""
        return await self._workers.run_spare(threading.Event(), self.judge, mulaw)

    def judge(self, mulaw: bytes) -> float:
        """The same at once, on the calling thread."""
        features = log_mel(_last_seconds(mulaw))[None]
        [probability] = self._session.run(None, {"input_features": features})
        return float(probability.ravel()[0])


def _last_seconds(mulaw: bytes) -> Float32:
    """Eight seconds at 16 kHz, silence in front of what is shorter."""
    samples = resample(decode_float(mulaw[-_SECONDS * SAMPLE_RATE :]), SAMPLE_RATE, _MODEL_RATE)
    return np.pad(samples, (max(0, _SECONDS * _MODEL_RATE - samples.size), 0))


def log_mel(samples: Float32) -> Float32:
    """Whisper's features (80 mels of 25 ms windows, 10 ms apart) of normalised samples."""
    samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    padded = np.pad(samples.astype(np.float64), _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:-1]
    power = np.abs(np.fft.rfft(windows * _HANN)) ** 2
    mels = np.log10(np.maximum(_FLOOR, power @ _FILTERS)).T
    mels = np.maximum(mels, mels.max() - 8)
    features: Float32 = ((mels + 4) / 4).astype(np.float32)
    return features


def _filters() -> Float64:
    """Slaney's triangles of equal area: linear up to 1 kHz, logarithmic above."""
    log_step = np.log(6.4) / 27
    top = 15 + np.log(_MODEL_RATE / 2000) / log_step
    mels = np.linspace(0, top, _MELS + 2)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(log_step * (mels - 15)))
    bins = np.linspace(0, _MODEL_RATE / 2, _WINDOW // 2 + 1)[:, None]
    rising = (bins - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - bins) / np.diff(hertz)[1:]
    area: Float64 = 2 / (hertz[2:] - hertz[:-2])
    filters: Float64 = np.maximum(0, np.minimum(rising, falling)) * area
    return filters


_HANN: Float64 = np.hanning(_WINDOW + 1)[:-1]
_FILTERS = _filters()
