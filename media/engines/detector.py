"""Speech detection for one live call, frame by frame: a cheap gate with a good model behind it.

WebRTC's detector (2 us) closes over real silence, and while it is closed Silero (100 us a window)
does not run. The gate stays open for half a second after the last hit, since it misses soft
endings, and on opening the model first hears the sound just before. Windows of several open calls
are judged together, which costs a third each; for that a window waits until the next frame of any
call that needs its own judged, 20 ms at most. Thresholds and turns are decided elsewhere.
"""

from collections.abc import Callable
from weakref import WeakSet

import numpy as np
import webrtcvad

from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, Float32, decode, decode_float
from media.engines.base import EngineError, SpeechDetector
from media.engines.silero import CONTEXT, START, WINDOW, Silero

_GATE_MODE = 1  # 0 lets everything through, 3 loses soft speech; measured, 1 keeps 99 % of it
_GATE_HOLD_FRAMES = 25
_PRE_ROLL = CONTEXT + 3 * WINDOW  # about 0.1 s, or 0.3 ms of catching up when the gate opens
_TOGETHER = 3  # open calls from which waiting for others pays


class _Windows:
    """Windows that wait to be judged together, at most one of each open call."""

    def __init__(self, model: Silero) -> None:
        self.model = model
        self.open: WeakSet[GatedSileroDetector] = WeakSet()
        self._waiting: dict[GatedSileroDetector, Float32] = {}

    def put(self, detector: "GatedSileroDetector", window: Float32) -> None:
        """Have a window judged by the detector's next frame; at once when few calls are open."""
        self._waiting[detector] = window
        if len(self.open) < _TOGETHER:
            self.judge()

    def drop(self, detector: "GatedSileroDetector") -> None:
        """Its gate is closed: it need not be judged any more."""
        self.open.discard(detector)
        self._waiting.pop(detector, None)

    def awaits(self, detector: "GatedSileroDetector") -> bool:
        """Whether a window of it has yet to be judged."""
        return detector in self._waiting

    def judge(self) -> None:
        """Judge all that wait."""
        waiting, self._waiting = self._waiting, {}
        states = [detector.state for detector in waiting]
        judged = self.model.judge_all(list(waiting.values()), states)
        for detector, (probability, state) in zip(waiting, judged, strict=True):
            detector.latest, detector.state = probability, state


class GatedSileroDetector:
    """SpeechDetector of one call. About 6 us a frame in silence, 20 to 80 us in speech."""

    def __init__(self, windows: _Windows) -> None:
        self._windows = windows
        self._gate = webrtcvad.Vad(_GATE_MODE)
        self._open_frames = 0
        self._unjudged: Float32 = np.zeros(CONTEXT, np.float32)
        self.state = START  # of the model, after the latest window that was judged
        self.latest = 0.0  # what came of it

    def probability(self, mulaw: bytes) -> float:
        """Probability of speech as of this 20 ms frame (160 bytes; EngineError for another length)
        or the one before. Windows are longer than frames, so some frames repeat the latest value.
        """
        if len(mulaw) != FRAME_BYTES:
            raise EngineError("a detector frame must be 160 bytes")
        if self._windows.awaits(self):
            self._windows.judge()
        pcm = decode(mulaw)
        self._unjudged = np.concatenate([self._unjudged, decode_float(mulaw)])
        if self._gate.is_speech(pcm.tobytes(), SAMPLE_RATE):
            self._open_frames = _GATE_HOLD_FRAMES
        elif self._open_frames:
            self._open_frames -= 1
        if self._open_frames:
            self._windows.open.add(self)
            self._put_windows()
        else:
            self._windows.drop(self)
            self._unjudged = self._unjudged[-_PRE_ROLL:]
            self.state = START
            self.latest = 0.0
        return self.latest

    def _put_windows(self) -> None:
        while self._unjudged.size >= CONTEXT + WINDOW:
            if self._windows.awaits(self):  # several at once, when the gate opens
                self._windows.judge()
            self._windows.put(self, self._unjudged[: CONTEXT + WINDOW])
            self._unjudged = self._unjudged[WINDOW:]


def detectors(model: Silero) -> Callable[[], SpeechDetector]:
    """A maker of one detector per call, all on one loaded model."""
    windows = _Windows(model)
    return lambda: GatedSileroDetector(windows)
