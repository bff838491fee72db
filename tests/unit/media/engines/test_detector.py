"""The speech detector on real speech, silence, tones and noise, and what a frame of it costs."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from media.audio import mulaw
from media.audio.mulaw import FRAME_BYTES, SAMPLE_RATE, Float32
from media.engines.base import EngineError
from media.engines.detector import detectors
from media.engines.silero import WINDOW, Silero
from tests.unit.media.engines.recordings import recording

QUIET_FRAME = bytes([mulaw.SILENCE]) * FRAME_BYTES
MODEL = Silero()
new_detector = detectors(MODEL)


def probabilities(sound: Float32) -> list[float]:
    detector = new_detector()
    encoded = mulaw.encode_float(sound)
    ends = range(0, len(encoded) + 1, FRAME_BYTES)
    return [detector.probability(encoded[start:end]) for start, end in pairwise(ends)]


def noise(level: float, seconds: float = 3.0) -> Float32:
    rng = np.random.default_rng(3)
    return (level * rng.standard_normal(int(seconds * SAMPLE_RATE))).astype(np.float32)


def test_people_speaking_are_detected_and_their_pauses_too() -> None:
    heard = np.array(probabilities(recording("beckett.wav")))
    assert 0.3 < (heard > 0.5).mean() < 0.7
    assert heard[:10].max() < 0.2
    switches = np.count_nonzero(np.diff(heard > 0.5))
    assert 8 <= switches <= 40  # six phrases, not a flicker


def test_speech_is_noticed_within_a_quarter_of_a_second_after_long_silence() -> None:
    voice = recording("clone-test.wav")
    first_sound = int(np.flatnonzero(np.abs(voice) > 0.05)[0])
    silence = np.zeros(10 * SAMPLE_RATE, np.float32)
    heard = np.array(probabilities(np.concatenate([silence, voice])))
    onset = int(np.flatnonzero(heard > 0.5)[0]) * FRAME_BYTES - silence.size
    assert -0.2 < (onset - first_sound) / SAMPLE_RATE < 0.25


def test_quiet_speech_on_a_noisy_line_is_still_speech() -> None:
    voice = recording("beckett.wav")
    faint = 0.3 * voice + noise(0.001, voice.size / SAMPLE_RATE)[: voice.size]
    clear = np.array(probabilities(voice)) > 0.5
    assert (np.array(probabilities(faint)) > 0.5)[clear].mean() > 0.85


@pytest.mark.parametrize("level", [0.0, 0.0003, 0.001, 0.01, 0.1])
def test_silence_and_noise_are_not_speech(level: float) -> None:
    assert max(probabilities(noise(level))) < 0.3


@pytest.mark.parametrize("hz", [350, 440, 1000])
def test_a_tone_is_not_speech(hz: int) -> None:
    seconds = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    assert max(probabilities((0.3 * np.sin(2 * np.pi * hz * seconds)).astype(np.float32))) < 0.3


def test_detectors_of_different_calls_do_not_disturb_each_other() -> None:
    voice = mulaw.encode_float(recording("clone-test.wav"))
    alone, (mixed, other) = new_detector(), (new_detector() for _ in range(2))
    for start in range(0, 100 * FRAME_BYTES, FRAME_BYTES):
        frame = voice[start : start + FRAME_BYTES]
        other.probability(voice[-FRAME_BYTES - start : -start or None])
        assert mixed.probability(frame) == alone.probability(frame)


def test_many_open_calls_are_judged_together_to_the_same_result_one_frame_later() -> None:
    voices = [mulaw.encode_float(recording(name)) for name in ("beckett.wav", "clone-test.wav")]
    streams = [voice[offset * 1600 :] for voice in voices for offset in range(4)]
    frames = min(len(stream) for stream in streams) // FRAME_BYTES
    together, model = detectors(MODEL), Counted()
    counted = detectors(model)
    many = [counted() for _ in streams]
    heard: list[list[float]] = [[] for _ in streams]
    for at in range(frames):
        for each, detector, stream in zip(heard, many, streams, strict=True):
            each.append(detector.probability(stream[at * FRAME_BYTES : (at + 1) * FRAME_BYTES]))
    for each, stream in zip(heard, streams, strict=True):
        alone = together()
        own = [
            alone.probability(stream[at * FRAME_BYTES : (at + 1) * FRAME_BYTES])
            for at in range(frames)
        ]
        late = sum(value not in (own[at], own[max(0, at - 1)]) for at, value in enumerate(each))
        assert late == 0
    assert max(model.sizes) >= 4, "nothing was judged together"


class Counted(Silero):
    """Keeps how many windows were judged at once."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def judge_all(
        self, windows: Sequence[Float32], states: Sequence[Float32]
    ) -> list[tuple[float, Float32]]:
        self.sizes.append(len(windows))
        return super().judge_all(windows, states)


def test_a_call_that_is_over_is_not_waited_for() -> None:
    voice, model = mulaw.encode_float(recording("clone-test.wav")), Counted()
    counted = detectors(model)
    gone = [counted() for _ in range(5)]
    one = counted()
    for start in range(0, 60 * FRAME_BYTES, FRAME_BYTES):
        for detector in (*gone, one):
            detector.probability(voice[start : start + FRAME_BYTES])
        if start == 40 * FRAME_BYTES:
            gone.clear()
            detector = one
            model.sizes.clear()
    assert set(model.sizes[1:]) == {1}


@pytest.mark.parametrize("length", [0, 80, 161])
def test_a_frame_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(EngineError, match="160"):
        new_detector().probability(bytes(length))


class Counting(Silero):
    """The model, and how often it was asked."""

    asked = 0

    def judge(self, window: Float32, state: Float32) -> tuple[float, Float32]:
        self.asked += 1
        return super().judge(window, state)


def test_the_model_is_asked_once_a_window_of_speech_and_never_in_silence() -> None:
    model = Counting()
    detector = detectors(model)()
    for _ in range(100):
        detector.probability(QUIET_FRAME)
    assert model.asked == 0
    voice = mulaw.encode_float(recording("beckett.wav"))
    for at in range(0, 400 * FRAME_BYTES, FRAME_BYTES):
        detector.probability(voice[at : at + FRAME_BYTES])
    assert 100 < model.asked <= 400 * FRAME_BYTES // WINDOW
