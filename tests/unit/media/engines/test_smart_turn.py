"""The sound of a turn's end: Whisper's features, and what is said where the model is missing."""

import numpy as np
import pytest

from media.audio.mulaw import Float32
from media.engines import smart_turn
from media.engines.base import EngineError
from media.engines.smart_turn import log_mel


def tone(hertz: float) -> Float32:
    time = np.arange(8 * 16_000) / 16_000
    return np.sin(2 * np.pi * hertz * time).astype(np.float32)


@pytest.mark.parametrize(("hertz", "mel"), [(200, 4), (1000, 26), (4000, 62)])
def test_a_tone_stands_in_its_own_mel_at_its_own_time(hertz: float, mel: int) -> None:
    samples = tone(hertz)
    samples[: 4 * 16_000] = 0
    features = log_mel(samples)
    assert features.shape == (80, 800)
    assert abs(int(features[:, 600].argmax()) - mel) <= 1
    assert features[:, :390].max() == features.min()
    assert features.max() - features.min() == pytest.approx(2.0)  # eight powers of ten


def test_loudness_makes_no_difference() -> None:
    assert np.allclose(log_mel(tone(300)), log_mel(tone(300) * 0.05), atol=1e-3)


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EngineError, match="pip install 'pipecat-ai"):
        smart_turn.weights()
